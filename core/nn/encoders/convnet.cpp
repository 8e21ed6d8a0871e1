// A plain stack of convolution, batch norm and ReLU: the residual network without its shortcuts, to compare with.
#include "core/nn/encoders/pooledencoder.h"
#include "core/files/said.h"

namespace pretext {
namespace {

class ConvNet : public PooledEncoder
{
public:
    ConvNet(const KnobSet &knobs, ImageShape input, Random &random)
    {
        ImageShape map = input;
        std::vector<ImageShape> maps;
        for (int stage = 0; stage < knobs.integer("encoder.stages"); ++stage) {
            for (int layer = 0; layer < knobs.integer("encoder.depth"); ++layer) {
                const int stride = layer > 0 ? 1 : stage > 0 ? 2 : knobs.integer("encoder.stem_stride");
                const std::string index = std::to_string(stage) + "_" + std::to_string(layer);
                const int filters = widthOfStage(knobs, stage);
                m_layers.push_back(&addModule("conv" + index, std::make_unique<Conv2d>(map.channels, filters, 3, Conv2dOptions{stride, 1}, false, random)));
                m_layers.push_back(&addModule("norm" + index, std::make_unique<BatchNorm>(filters, Activation::relu)));
                map = {strided(map.height, stride), strided(map.width, stride), filters};
            }
            maps.push_back(map);
            m_ends.push_back(m_layers.size());
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
        Variable map = x;
        size_t layer = 0;
        for (const size_t end : m_ends) {
            for (; layer < end; ++layer)
                map = (*m_layers[layer])(map);
            maps.push_back(map);
        }
        return maps;
    }

    std::vector<Module *> m_layers;
    std::vector<size_t> m_ends; // of each stage, in the layers
};

} // namespace

EncoderType convnetEncoder()
{
    return {.name = "convnet",
            .help = PRETEXT_SAID("A plain stack of convolutions with batch norm: what the residual network is without its shortcuts."),
            .knobs = [] { return convolutionalKnobs(PRETEXT_SAID("Convolutions in a stage: without shortcuts, many make the first layers learn slowly.")); },
            .make = [](const KnobSet &knobs, const InputShape &input, Random &random) -> std::unique_ptr<Encoder> {
                return std::make_unique<ConvNet>(knobs, input.image, random);
            },
            .anySize = true};
}

} // namespace pretext
