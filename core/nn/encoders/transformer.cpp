// The transformer as an encoder of text: exactly BERT's with norms behind the residual sums, exactly GPT-2's with norms before. Which
// positions see which is the method's choice, so one encoder serves all objectives.
#include "core/nn/attentionstart.h"
#include "core/files/said.h"
#include "core/nn/textencoder.h"
#include "core/nn/transformer.h"

#include <cmath>
#include <stdexcept>

namespace pretext {
namespace {

constexpr float kReferenceWidth = 768; // of BERT and GPT-2, for which initial weights have the deviation 0.02

std::vector<Knob> transformerKnobs()
{
    std::vector<Knob> knobs = {
        encoderKnob("layers", 1, 24, 4, false, PRETEXT_SAID("Blocks of attention and feed-forward: each lets a token take up what others have gathered.")),
        encoderKnob("width", 16, 2048, 128, true, PRETEXT_SAID("Features of every token's vector: more can say more about a token in its sentence, slower.")),
        encoderKnob("heads", 1, 32, 4, false, PRETEXT_SAID("Attention heads in a block, which must divide the width: each can look for something else.")),
        encoderKnob("context", 8, 1024, 64, true, PRETEXT_SAID("Tokens of a row: what lies beyond is cut off, or is the next row's.")),
    };
    knobs[2].rules = {{KnobRule::divides, "encoder.width"}};
    knobs.push_back({.name = "encoder.norm",
                     .kind = KnobKind::choice,
                     .defaultValue = std::string("post"),
                     .choices = {"post", "pre"},
                     .effect = KnobEffect::restart,
                     .help = PRETEXT_SAID("Layer norm behind each residual sum (post, as in BERT), or before each block's functions (pre, as in GPT-2), which "
                                          "lets the gradient pass unchanged and bears a higher learning rate.")});
    knobs.push_back(
        {.name = "encoder.look",
         .kind = KnobKind::choice,
         .defaultValue = std::string("anywhere"),
         .choices = {"anywhere", "around", "back"},
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Where the first block's heads look before anything is learned: anywhere; around, each at another neighbour before or "
                              "behind; back, at those before. Found by learning, the neighbours cost the first thousands of steps.")});
    knobs.push_back(
        {.name = "encoder.dropout",
         .symbol = "p",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 0.9,
         .defaultValue = 0.0,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("Share of features zeroed at random in every block while training: with SimCSE it is what makes the two views differ.")});
    return knobs;
}

TransformerOptions optionsOf(const KnobSet &knobs, int vocabulary)
{
    const int layers = knobs.integer("encoder.layers"), width = knobs.integer("encoder.width"), heads = knobs.integer("encoder.heads");
    if (width % heads != 0)
        throw std::invalid_argument("[encoder] " + said("encoder.width is %1 and encoder.heads is %2; the heads must divide the width", {width, heads}));
    const auto make = knobs.choice("encoder.norm") == "post" ? bertOptions : gpt2Options;
    TransformerOptions options = make(vocabulary, knobs.integer("encoder.context"), layers, width, heads);
    options.deviation *= std::sqrt(kReferenceWidth / static_cast<float>(width)); // so that attention begins as sharp as theirs
    return options;
}

/// "around": the places before and behind in turn; "back": those before.
std::vector<int> offsetsOf(const std::string &look, int heads)
{
    std::vector<int> offsets;
    for (int head = 0; head < heads; ++head)
        offsets.push_back(look == "back" ? -1 - head : head % 2 ? 1 + head / 2 : -1 - head / 2);
    return offsets;
}

class TransformerEncoder : public TextEncoder
{
public:
    TransformerEncoder(const TransformerOptions &options, const std::string &look, Random &random)
        : m_transformer(addModule("transformer", std::make_unique<Transformer>(options, random)))
    {
        if (look == "anywhere")
            beginAsSinusoids(m_transformer);
        else
            beginAtNeighbours(m_transformer, offsetsOf(look, options.heads));
    }

    int dimension() const override { return options().width; }
    Transformer &transformer() const override { return m_transformer; }

private:
    Transformer &m_transformer;
};

} // namespace

EncoderType transformerEncoder()
{
    return {.name = "transformer",
            .help = PRETEXT_SAID("Blocks of multi-head attention over the tokens of a text (Vaswani et al. 2017); with post-norm exactly BERT, with pre-norm "
                                 "exactly GPT-2."),
            .knobs = transformerKnobs,
            .make = [](const KnobSet &knobs, const InputShape &input, Random &random) -> std::unique_ptr<Encoder> {
                return std::make_unique<TransformerEncoder>(optionsOf(knobs, input.vocabulary), knobs.choice("encoder.look"), random);
            },
            .modality = Modality::text};
}

} // namespace pretext
