// SimCSE (Gao et al. 2021, "SimCSE: simple contrastive learning of sentence embeddings", eq. 1): a sentence goes through the encoder twice,
// and what differs is the dropout mask alone, or a light corruption besides; the two embeddings attract each other and repel those of the
// other sentences. N pairs, z [2N, D] of unit rows, rows i and i + N positive.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/data/corrupt/textaugmentation.h"
#include "core/data/tokens/rowmaker.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/nn/layers.h"
#include "core/ssl/contrast.h"
#include "core/ssl/similarity.h"
#include "core/ssl/tokenprediction.h"

namespace pretext {

namespace {

/// Both views are the sentence, corrupted where a corruption is chosen.
class Views : public RowMaker
{
public:
    Views(const SampleSource &source, const KnobSet &knobs)
        : RowMaker(source, knobs)
        , m_augmentation(textAugmentation(knobs.choice("positive")))
        , m_strength(static_cast<float>(knobs.real("positive.strength")))
    {
    }

protected:
    TokenRow corrupt(std::span<const int32_t> original, int, Random &random) const override
    {
        return rowOf(augmentText(sequenceOf(original).view(), m_augmentation, m_strength, random));
    }

private:
    const TextAugmentation *m_augmentation;
    float m_strength;
};

/// The dense layer with tanh that is thrown away after training (section 3 of the paper: "MLP, train only").
class Projector : public Module
{
public:
    Projector(int dimension, Random &random) : m_dense(addModule("dense", std::make_unique<Linear>(dimension, dimension, true, random))) {}

protected:
    Variable forward(const Variable &x) override { return activation(m_dense(x), Activation::tanh); }

private:
    Module &m_dense;
};

class SimCse : public Method
{
public:
    explicit SimCse(const MethodParts &parts) { m_heads.add("projector", std::make_unique<Projector>(parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        TextEncoder &text = textEncoder(encoder);
        recordAttention(text, input);
        const Variable z = normalize(m_heads(text.sentences(input.tokens)));
        recordSimilarity(z.value(), input, Contrast::secondViews);
        return simcseLoss(z, static_cast<float>(input.knobs.real("temperature")));
    }

private:
    Heads m_heads;
};

Knob positiveKnob()
{
    Knob knob{.name = "positive",
              .kind = KnobKind::choice,
              .defaultValue = std::string("none"),
              .choices = {"none"},
              .effect = KnobEffect::nextBatch,
              .help = said("What is done to the words of each view besides dropout, which the encoder learns to ignore, meaning included:")};
    for (const TextAugmentation &augmentation : textAugmentations()) {
        knob.help += (knob.choices.size() == 1 ? " " : "; ") + augmentation.name + " " + said(augmentation.help.c_str());
        knob.choices.push_back(augmentation.name);
    }
    knob.help += ".";
    return knob;
}

std::vector<Knob> knobs(const InputShape &)
{
    return {
        temperatureKnob(0.05, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the most similar other sentences alone push.")),
        positiveKnob(),
        {.name = "positive.strength",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 0.9,
         .defaultValue = 0.1,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Share of the words that are disturbed: the more, the less the two views still say the same.")},
    };
}

} // namespace

MethodType simcseMethod()
{
    return {.name = "simcse",
            .title = PRETEXT_SAID("SimCSE"),
            .help = PRETEXT_SAID("Pulls two dropout views of a sentence together and pushes all other sentences away (Gao et al. 2021)."),
            .family = Family::text,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SimCse>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return textRecipe(info, {{"encoder.dropout", 0.1}, {"encoder.layers", 2.0}, {"learning_rate", 5e-4}});
                },
            .kinds = {Modality::text},
            .maker = makeRows<Views>};
}

} // namespace pretext
