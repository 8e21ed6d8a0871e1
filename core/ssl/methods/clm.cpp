// CLM, the causal language model (Radford et al. 2018, "Improving language understanding by generative pre-training"): every token is
// predicted from those before it. R rows, T positions.
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/files/said.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>

namespace pretext {

namespace {

constexpr const char *kCue = "A:"; // stands before an answer

/// Whether the cue ends at position t.
bool cueEndsAt(std::span<const int32_t> ids, size_t t, const std::vector<int32_t> &cue)
{
    const std::span<const int32_t> before = ids.first(t + 1);
    return before.size() >= cue.size() && std::ranges::equal(before.last(cue.size()), cue);
}

/// An empty one is nowhere.
bool holdsCue(std::span<const int32_t> ids, std::span<const int32_t> cue)
{
    return !cue.empty() && std::search(ids.begin(), ids.end(), cue.begin(), cue.end()) != ids.end();
}

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
        if (!holdsCue(row.ids, m_cue))
            return;
        for (size_t t = 0; t < row.ids.size(); ++t)
            if (!cueEndsAt(row.ids, t, m_cue))
                row.targets[t] = kNoTarget;
    }

    std::vector<int32_t> m_cue; // empty: everything is to be predicted
};

class Clm : public OwnRowMethod
{
public:
    Clm(TextEncoder &encoder, bool answersOnly, Random &random)
        : OwnRowMethod(encoder, Visibility::causal, false, "accuracy/next", random)
        , m_answersOnly(answersOnly)
    {
    }
    VocabularyHead *vocabularyHead() override { return &m_heads.vocabulary; }

    std::optional<ChannelValue> answer(Encoder &encoder, const Prepared &prepared, const Question &question) override
    {
        const Tokenizer &tokenizer = *tokenizerOf(prepared);
        const std::vector<int32_t> cue = tokenizer.encode(kCue), text = tokenizer.encodePrompt(question.text);
        const bool asks = m_answersOnly && holdsCue(text, cue);
        Question asked = question;
        if (asks)
            asked.sampling.tokens = std::min(asked.sampling.tokens, 1); // what follows an answer was not learned
        Answer answer = continuation(textEncoder(encoder), m_heads.vocabulary, tokenizer, asked);
        answer.question = question;
        if (asks)
            keepAnswers(answer, cue);
        return answer;
    }

private:
    /// Of the prompt's predictions those that the model was trained for.
    static void keepAnswers(Answer &answer, const std::vector<int32_t> &cue)
    {
        std::vector<int32_t> ids;
        for (const TokenBox &box : answer.row.given)
            ids.push_back(box.id);
        std::erase_if(answer.predictions, [&](const TokenPrediction &prediction) { return !cueEndsAt(ids, prediction.position, cue); });
    }

    bool m_answersOnly;
};

std::vector<Knob> knobs(const InputShape &)
{
    return {
        {.name = "answers",
         .kind = KnobKind::boolean,
         .defaultValue = false,
         .effect = KnobEffect::nextBatch,
         .help =
             PRETEXT_SAID("Of texts with questions and answers (Q: ... A: ...) only the token behind \"A:\" is predicted: numbers drawn by chance, as those of "
                          "a question are, teach nothing, and their gradient drowns that of the answers. Texts without \"A:\" are predicted whole.")},
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
    return {.name = "clm",
            .title = PRETEXT_SAID("Causal language model"),
            .help = PRETEXT_SAID("Predicts every token from those before it, as GPT does (Radford et al. 2018)."),
            .family = Family::text,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> {
                return std::make_unique<Clm>(textEncoder(parts.encoder), parts.knobs.boolean("answers"), parts.random);
            },
            .recipe = recipe,
            .kinds = {Modality::text},
            .maker = makeRows<NextTokens>,
            .panel = "tokenpredictions"};
}

} // namespace pretext
