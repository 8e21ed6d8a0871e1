// CLM, the causal language model (Radford et al. 2018, "Improving language understanding by generative pre-training"): every token is
// predicted from those before it. R rows, T positions.
#include "core/data/text/rowmaker.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"

namespace pretext {

namespace {

/// Nothing is corrupted: the target of a position is the token that follows. [CLS] begins the text, [SEP] ends it.
class NextTokens : public RowMaker
{
public:
    using RowMaker::RowMaker;

protected:
    TokenRow corrupt(std::span<const int32_t> original, int, Random &) const override
    {
        TokenRow row;
        row.ids.assign(original.begin(), original.end() - 1);
        row.targets.assign(original.begin() + 1, original.end());
        row.record = untouched(row.ids);
        return row;
    }
};

class Clm : public OwnRowMethod
{
public:
    Clm(TextEncoder &encoder, Random &random) : OwnRowMethod(encoder, Visibility::causal, false, "accuracy/next", random) {}
    VocabularyHead *vocabularyHead() override { return &m_heads.vocabulary; }

    std::optional<ChannelValue> answer(Encoder &encoder, const Tokenizer &tokenizer, const Question &question) override
    {
        return continuation(textEncoder(encoder), m_heads.vocabulary, tokenizer, question);
    }
};

Recipe recipe(const DatasetInfo &info)
{
    return textRecipe(info, {{"encoder.norm", std::string("pre")}});
}

} // namespace

MethodType clmMethod()
{
    return {.name = "clm", .title = "Causal language model",
            .help = "Predicts every token from those before it, as GPT does (Radford et al. 2018).", .views = 1,
            .knobs = [] { return std::vector<Knob>{packKnob()}; },
            .make = [](const KnobSet &, Encoder &encoder, Random &random) -> std::unique_ptr<Method> {
                return std::make_unique<Clm>(textEncoder(encoder), random);
            },
            .recipe = recipe, .modality = Modality::text, .maker = makeRows<NextTokens>};
}

} // namespace pretext
