// The vision transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words: transformers for image recognition at scale"): patches of
// the image, brought to vectors by one linear layer, are the tokens of a transformer with norms before its functions. Views of another size than the images
// that it is made for have other patches in number, and the positions are interpolated between (section 3.2), as DINO does for its small crops.
#include "core/nn/layers.h"
#include "core/files/said.h"
#include "core/nn/patchencoder.h"
#include "core/nn/transformertrunk.h"

#include <cmath>
#include <stdexcept>

namespace pretext {
namespace {

constexpr float kReferenceWidth = 768; // of ViT-B, for which initial weights have the deviation 0.02
constexpr float kVitEpsilon = 1e-6f;   // of the paper's norms

Knob vitChoice(const std::string &name, std::vector<std::string> choices, const std::string &help)
{
    return {
        .name = "encoder." + name, .kind = KnobKind::choice, .defaultValue = choices.front(), .choices = choices, .effect = KnobEffect::restart, .help = help};
}

std::vector<Knob> vitKnobs()
{
    std::vector<Knob> knobs = {
        encoderKnob("patch", 1, 64, 4, true,
                    PRETEXT_SAID(
                        "Side of a patch in pixels, which must divide the image's: half of it sees finer detail, in four times as many patches to attend to.")),
        encoderKnob("width", 8, 2048, 64, true,
                    PRETEXT_SAID("Features of every patch's vector, and of the embedding: more can tell more patterns apart, slower.")),
        encoderKnob("layers", 1, 24, 4, false, PRETEXT_SAID("Blocks of attention and feed-forward: each lets a patch take up what others have gathered.")),
        encoderKnob("heads", 1, 32, 4, false, PRETEXT_SAID("Attention heads in a block, which must divide the width: each can look for something else.")),
        vitChoice(
            "readout", {"mean", "class"},
            PRETEXT_SAID(
                "What becomes the embedding: the mean of all patches, which learns sooner from few images, or a class token that attends to them, as in the "
                "paper.")),
        vitChoice(
            "positions", {"sinusoidal", "learned"},
            PRETEXT_SAID(
                "How a patch knows its place: by fixed waves along rows and columns, or by a vector for each place that is learned and knows no neighbours.")),
    };
    knobs[3].rules = {{KnobRule::divides, "encoder.width"}};
    knobs.push_back({.name = "encoder.dropout",
                     .symbol = "p",
                     .kind = KnobKind::real,
                     .minimum = 0,
                     .maximum = 0.9,
                     .defaultValue = 0.0,
                     .effect = KnobEffect::live,
                     .help = PRETEXT_SAID("Share of features zeroed at random in every block while training: against learning few images by heart.")});
    return knobs;
}

TrunkOptions vitTrunk(const KnobSet &knobs)
{
    const int width = knobs.integer("encoder.width"), heads = knobs.integer("encoder.heads");
    if (width % heads != 0)
        throw std::invalid_argument("[encoder] " + said("encoder.width is %1 and encoder.heads is %2; the heads must divide the width", {width, heads}));
    TrunkOptions options{.layers = knobs.integer("encoder.layers"), .width = width, .heads = heads, .feedForward = 4 * width};
    options.finalBias = false; // the linear layer or batch norm behind would take it away
    options.epsilon = kVitEpsilon;
    options.deviation *= std::sqrt(kReferenceWidth / float(width));
    return options;
}

class Vit : public PatchEncoder
{
public:
    Vit(const KnobSet &knobs, const ImageShape &image, Random &random)
        : m_grid(patchGrid(image, knobs.integer("encoder.patch")))
        , m_patch(
              addModule("patch", std::make_unique<Linear>(m_grid.values(), knobs.integer("encoder.width"), 1.f / std::sqrt(float(m_grid.values())), random)))
    {
        const TrunkOptions options = vitTrunk(knobs);
        if (knobs.choice("encoder.positions") == "learned")
            m_positions = addParameter("position_embedding", normalWeights({m_grid.count(), options.width}, options.deviation, random));
        else
            m_positions = Variable(sinusoidalPositions(m_grid, options.width));
        if (knobs.choice("encoder.readout") == "class")
            m_class = addParameter("class_token", normalWeights({1, 1, options.width}, options.deviation, random));
        m_trunk = &addModule("trunk", std::make_unique<TransformerTrunk>(options, random));
    }

    int dimension() const override { return m_trunk->options().width; }
    const PatchGrid &grid() const override { return m_grid; }
    int layers() const override { return m_trunk->options().layers; }
    int heads() const override { return m_trunk->options().heads; }
    int classTokens() const override { return m_class.defined() ? 1 : 0; }
    void setDropout(const DropoutOptions &dropout) override { m_dropout = dropout; }

    Variable hidden(const Variable &images, const KeptPatches &kept) override
    {
        Variable x = tokens(images, kept);
        DropoutOptions dropping = m_dropout;
        if (training())
            x = dropout(x, dropping);
        ++dropping.key.site;
        return m_trunk->run(std::move(x), {.dropout = dropping});
    }

    Variable map(const Variable &images) override
    {
        const Variable h = hidden(images, {});
        const int64_t patches = h.shape()[1] - classTokens(), rows = images.shape()[1] / m_grid.size;
        return reshape(slice(h, 1, classTokens(), patches), {h.shape()[0], rows, patches / rows, h.shape()[2]});
    }

    Tensor attention(const Variable &images, int layer) override
    {
        const NoGrad noGrad;
        return m_trunk->attention(tokens(images, {}), {}, layer);
    }

protected:
    Variable forward(const Variable &images) override
    {
        const Variable h = hidden(images, {});
        return reshape(classTokens() ? slice(h, 1, 0, 1) : mean(h, 1), {h.shape()[0], h.shape()[2]});
    }

private:
    /// What the trunk reads: patches as vectors, with their places, behind the class token.
    Variable tokens(const Variable &images, const KeptPatches &kept)
    {
        const PatchGrid grid = kept.count == 0 ? gridOf(images.shape()) : m_grid;
        const Variable patches = patchesOf(images, grid);
        const int64_t count = images.shape()[0];
        Variable x;
        if (kept.count == 0)
            x = addPositions(m_patch(patches), grid == m_grid ? m_positions : matmul(Variable(positionWeights(m_grid, grid)), m_positions));
        else
            x = reshape(add(m_patch(gatherRows(patches, kept.rows)), gatherRows(m_positions, kept.places)), {count, kept.count, dimension()});
        return classTokens() ? concat({repeat(m_class, 0, count), x}, 1) : x;
    }

    /// Of images [N, H, W, C]; the encoder's own where they have no extents to divide, so that it is said what they should be.
    PatchGrid gridOf(const Shape &images) const
    {
        return images.rank() == 4 && images[3] == m_grid.channels ? patchGrid({int(images[1]), int(images[2]), m_grid.channels}, m_grid.size) : m_grid;
    }

    PatchGrid m_grid;
    Linear &m_patch;
    Variable m_positions, m_class; // [T, D]; [1, 1, D] or undefined
    TransformerTrunk *m_trunk;
    DropoutOptions m_dropout;
};

} // namespace

EncoderType vitEncoder()
{
    return {.name = "vit",
            .help = PRETEXT_SAID("A vision transformer: patches of the image attend to each other (Dosovitskiy et al. 2021)."),
            .knobs = vitKnobs,
            .make = [](const KnobSet &knobs, const InputShape &input, Random &random) -> std::unique_ptr<Encoder> {
                return std::make_unique<Vit>(knobs, input.image, random);
            },
            .patches = true};
}

} // namespace pretext
