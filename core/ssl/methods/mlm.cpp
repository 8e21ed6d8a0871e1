// MLM, the masked language model (Devlin et al. 2019, "BERT: pre-training of deep bidirectional transformers", section 3.1): some tokens are
// hidden and predicted from all others. R rows, T positions.
#include "core/data/corrupt/corruption.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/files/said.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>

namespace pretext {

namespace {

MaskUnit maskUnit(const std::string &unit)
{
    return unit == "word" ? MaskUnit::word : unit == "span" ? MaskUnit::span : MaskUnit::token;
}

class Masking : public RowMaker
{
public:
    Masking(const SampleSource &source, const KnobSet &knobs) : RowMaker(source, knobs)
    {
        m_options.ratio = static_cast<float>(knobs.real("mask.ratio"));
        m_options.masked = static_cast<float>(knobs.real("mask.hidden"));
        m_options.replaced = static_cast<float>(knobs.real("mask.replaced"));
        m_options.unit = maskUnit(knobs.choice("mask.unit"));
        m_options.meanSpan = static_cast<float>(knobs.real("mask.span"));
    }

protected:
    TokenRow corrupt(std::span<const int32_t> original, int, Random &random) const override
    {
        return rowOf(maskTokens(sequenceOf(original).view(), m_options, random));
    }

private:
    MaskOptions m_options;
};

class Mlm : public OwnRowMethod
{
public:
    Mlm(TextEncoder &encoder, Random &random) : OwnRowMethod(encoder, Visibility::full, true, "accuracy/masked", random) {}
    VocabularyHead *vocabularyHead() override { return &m_heads.vocabulary; }

    std::optional<ChannelValue> answer(Encoder &encoder, const Prepared &prepared, const Question &question) override
    {
        const Tokenizer &tokenizer = *tokenizerOf(prepared);
        return fillIn(textEncoder(encoder), m_heads.vocabulary, tokenizer, question);
    }
};

std::vector<Knob> knobs(const InputShape &)
{
    return {
        {.name = "mask.ratio",
         .symbol = "r",
         .kind = KnobKind::real,
         .minimum = 0.01,
         .maximum = 0.9,
         .defaultValue = 0.15,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Share of the tokens that are hidden and predicted: more give more to learn from in a step, and less to predict it from.")},
        {.name = "mask.hidden",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 1,
         .defaultValue = 0.8,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Of the tokens to be predicted, the share shown as [MASK]; the encoder never sees [MASK] when it is used, hence not all.")},
        {.name = "mask.replaced",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 1,
         .defaultValue = 0.1,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Of the tokens to be predicted, the share shown as another token, so that no token can be trusted; what is left stays as it is."),
         .rules = {{KnobRule::togetherAtMostOne, "mask.hidden"}}},
        {.name = "mask.unit",
         .kind = KnobKind::choice,
         .defaultValue = std::string("token"),
         .choices = {"token", "word", "span"},
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("What is hidden together: single tokens, whole words, or spans of words, which cannot be guessed from their own rest.")},
        {.name = "mask.span",
         .kind = KnobKind::real,
         .minimum = 1,
         .maximum = 10,
         .defaultValue = 3.8,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Mean length of hidden spans in tokens: the longer, the less the neighbours tell.")},
        packKnob(),
    };
}

/// For minutes, not days. Heads that begin at the neighbours skip the plateau on which only the words' frequencies are known; twice BERT's share
/// of masks is twice the targets for a tenth more work (Wettig et al. 2023, "Should you mask 15 % in masked language modeling?"); two blocks
/// and 32 rows make a step a quarter as dear as four blocks and 64.
Recipe recipe(const DatasetInfo &info)
{
    Recipe recipe = textRecipe(info, {{"encoder.look", std::string("around")}, {"encoder.layers", 2.0}, {"mask.ratio", 0.3}});
    if (info.batch == 0)
        recipe.batch = 32;
    return recipe;
}

} // namespace

MethodType mlmMethod()
{
    return {.name = "mlm",
            .title = PRETEXT_SAID("Masked language model"),
            .help = PRETEXT_SAID("Hides some tokens and predicts them from all others, as BERT does (Devlin et al. 2019)."),
            .family = Family::text,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Mlm>(textEncoder(parts.encoder), parts.random); },
            .recipe = recipe,
            .kinds = {Modality::text},
            .maker = makeRows<Masking>,
            .panel = "tokenpredictions"};
}

} // namespace pretext
