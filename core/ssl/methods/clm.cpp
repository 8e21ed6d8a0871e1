// CLM, the causal language model (Radford et al. 2018, "Improving language understanding by generative pre-training"): every token is
// predicted from those before it. R rows, T positions.
#include "core/data/text/rowmaker.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>

namespace pretext {

namespace {

constexpr const char *kCue = "A:"; // stands before an answer

/// Nothing is corrupted: the target of a position is the token that follows. [CLS] begins the text, [SEP] ends it.
class NextTokens : public RowMaker
{
public:
    NextTokens(const SampleSource &source, const KnobSet &knobs) : RowMaker(source, knobs)
    {
        if (knobs.boolean("answers"))
            m_cue = tokenizer().encode(kCue);
    }

protected:
    TokenRow corrupt(std::span<const int32_t> original, int, Random &) const override
    {
        TokenRow row;
        row.ids.assign(original.begin(), original.end() - 1);
        row.targets.assign(original.begin() + 1, original.end());
        keepAnswers(row);
        row.record = untouched(row.ids);
        return row;
    }

private:
    /// Leaves the targets behind the cue; where it does not stand, all.
    void keepAnswers(TokenRow &row) const
    {
        if (m_cue.empty() || std::ranges::search(row.ids, m_cue).empty())
            return;
        for (size_t t = 0; t < row.ids.size(); ++t) {
            const std::span<const int32_t> before = std::span(row.ids).first(t + 1);
            if (before.size() < m_cue.size() || !std::ranges::equal(before.last(m_cue.size()), m_cue))
                row.targets[t] = kNoTarget;
        }
    }

    std::vector<int32_t> m_cue; // empty: everything is to be predicted
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

std::vector<Knob> knobs()
{
    return {
        {.name = "answers", .kind = KnobKind::boolean, .defaultValue = false, .effect = KnobEffect::nextBatch,
         .help = "Of texts with questions and answers (Q: ... A: ...) only the token behind \"A:\" is predicted: numbers drawn by chance, as those of "
                 "a question are, teach nothing, and their gradient drowns that of the answers. Texts without \"A:\" are predicted whole."},
        packKnob(),
    };
}

Recipe recipe(const DatasetInfo &info)
{
    return textRecipe(info, {{"encoder.norm", std::string("pre")}});
}

} // namespace

MethodType clmMethod()
{
    return {.name = "clm", .title = "Causal language model",
            .help = "Predicts every token from those before it, as GPT does (Radford et al. 2018).", .views = 1,
            .knobs = knobs,
            .make = [](const KnobSet &, Encoder &encoder, Random &random) -> std::unique_ptr<Method> {
                return std::make_unique<Clm>(textEncoder(encoder), random);
            },
            .recipe = recipe, .modality = Modality::text, .maker = makeRows<NextTokens>};
}

} // namespace pretext
