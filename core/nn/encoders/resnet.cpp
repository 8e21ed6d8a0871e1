// A small residual network (He et al. 2016) for small images: a 3 x 3 stem and stages of basic blocks, without the large stem and the
// pooling that suit photographs.
#include "core/nn/encoders/pooledencoder.h"
#include "core/files/said.h"

namespace pretext {
namespace {

constexpr Activation kRelu = Activation::relu;

/// relu(norm(conv(relu(norm(conv(x))))) + x), with a 1 x 1 convolution on the shortcut where the shape changes.
class BasicBlock : public Module
{
public:
    BasicBlock(int channels, int filters, int stride, Random &random)
        : m_conv1(addModule("conv1", std::make_unique<Conv2d>(channels, filters, 3, Conv2dOptions{stride, 1}, false, random)))
        , m_norm1(addModule("norm1", std::make_unique<BatchNorm>(filters, kRelu)))
        , m_conv2(addModule("conv2", std::make_unique<Conv2d>(filters, filters, 3, Conv2dOptions{1, 1}, false, random)))
        , m_norm2(addModule("norm2", std::make_unique<BatchNorm>(filters, kRelu)))
    {
        if (stride == 1 && channels == filters)
            return;
        m_shortcut = &addModule("shortcut", std::make_unique<Conv2d>(channels, filters, 1, Conv2dOptions{stride, 0}, false, random));
        m_shortcutNorm = &addModule("shortcut_norm", std::make_unique<BatchNorm>(filters, Activation::none));
    }

protected:
    Variable forward(const Variable &x) override
    {
        // Backward goes the other way round: both convolutions that read x follow each other, when the shortcut's norm has let go of its input.
        const Variable shortcut = m_shortcut ? (*m_shortcut)(x) : x, inner = m_conv2(m_norm1(m_conv1(x)));
        return m_norm2.withResidual(inner, m_shortcut ? (*m_shortcutNorm)(shortcut) : x);
    }

private:
    Module &m_conv1, &m_norm1, &m_conv2;
    BatchNorm &m_norm2;
    Module *m_shortcut = nullptr, *m_shortcutNorm = nullptr;
};

class ResNet : public PooledEncoder
{
public:
    ResNet(const KnobSet &knobs, ImageShape input, Random &random)
        : m_stem(addModule(
            "stem", std::make_unique<Conv2d>(input.channels, widthOfStage(knobs, 0), 3, Conv2dOptions{knobs.integer("encoder.stem_stride"), 1}, false, random)))
        , m_stemNorm(addModule("stem_norm", std::make_unique<BatchNorm>(widthOfStage(knobs, 0), kRelu)))
    {
        const int stemStride = knobs.integer("encoder.stem_stride");
        ImageShape map{strided(input.height, stemStride), strided(input.width, stemStride), widthOfStage(knobs, 0)};
        std::vector<ImageShape> maps;
        for (int stage = 0; stage < knobs.integer("encoder.stages"); ++stage) {
            addStage(stage, knobs, map, random);
            maps.push_back(map);
            m_ends.push_back(m_blocks.size());
        }
        setOutput(knobs, maps, random);
    }

    Variable map(const Variable &x) override { return maps(x).back(); }

protected:
    Variable forward(const Variable &x) override { return output(maps(x)); }

private:
    /// Behind each stage.
    std::vector<Variable> maps(const Variable &x)
    {
        std::vector<Variable> maps;
        Variable map = m_stemNorm(m_stem(x));
        size_t block = 0;
        for (const size_t end : m_ends) {
            for (; block < end; ++block)
                map = (*m_blocks[block])(map);
            maps.push_back(map);
        }
        return maps;
    }

    /// Blocks are named "stage1_block0"; `map` becomes the shape behind the stage.
    void addStage(int stage, const KnobSet &knobs, ImageShape &map, Random &random)
    {
        for (int block = 0; block < knobs.integer("encoder.depth"); ++block) {
            const int stride = stage > 0 && block == 0 ? 2 : 1;
            const int filters = widthOfStage(knobs, stage);
            m_blocks.push_back(&addModule("stage" + std::to_string(stage) + "_block" + std::to_string(block),
                                          std::make_unique<BasicBlock>(map.channels, filters, stride, random)));
            map = {strided(map.height, stride), strided(map.width, stride), filters};
        }
    }

    Module &m_stem, &m_stemNorm;
    std::vector<Module *> m_blocks;
    std::vector<size_t> m_ends; // of each stage, in the blocks
};

} // namespace

EncoderType resnetEncoder()
{
    return {.name = "resnet",
            .help = PRETEXT_SAID("A small residual network: its shortcuts let the gradient reach the first layers undamped (He et al. 2016)."),
            .knobs =
                [] { return convolutionalKnobs(PRETEXT_SAID("Residual blocks in a stage, of two convolutions each: deeper learns richer features, slower.")); },
            .make = [](const KnobSet &knobs, const InputShape &input, Random &random) -> std::unique_ptr<Encoder> {
                return std::make_unique<ResNet>(knobs, input.image, random);
            },
            .anySize = true};
}

} // namespace pretext
