// Prefix LM (Dong et al. 2019, "Unified language model pre-training for natural language understanding and generation"): a prefix that sees
// all of itself, and a rest that is predicted token by token. The split is drawn for every sample.
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/files/said.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"

#include <algorithm>

namespace pretext {

namespace {

/// The prefix is a share of the row, drawn between two bounds; targets are the tokens behind it.
class PrefixSplit : public RowMaker
{
public:
    PrefixSplit(const SampleSource &source, const KnobSet &knobs)
        : RowMaker(source, knobs)
        , m_least(static_cast<float>(knobs.real("prefix.least")))
        , m_most(static_cast<float>(knobs.real("prefix.most")))
    {
    }

protected:
    TokenRow corrupt(std::span<const int32_t> original, int, Random &random) const override
    {
        TokenRow row;
        row.ids.assign(original.begin(), original.end() - 1);
        row.targets.assign(original.begin() + 1, original.end());
        const float share = random.uniform(m_least, m_most);
        const int length = static_cast<int>(row.ids.size());
        row.prefix = std::clamp(static_cast<int>(share * float(length)), 1, length);
        std::fill(row.targets.begin(), row.targets.begin() + row.prefix - 1, kNoTarget); // the last of the prefix predicts the first behind it
        row.record = untouched(row.ids);
        return row;
    }

private:
    float m_least, m_most;
};

class PrefixLm : public OwnRowMethod
{
public:
    PrefixLm(TextEncoder &encoder, Random &random) : OwnRowMethod(encoder, Visibility::prefix, false, "accuracy/next", random) {}

    std::optional<ChannelValue> answer(Encoder &encoder, const Prepared &prepared, const Question &question) override
    {
        const Tokenizer &tokenizer = *tokenizerOf(prepared);
        return continuation(textEncoder(encoder), m_heads.vocabulary, tokenizer, question);
    }
};

Knob bound(const std::string &name, double value, const std::string &help, std::vector<KnobRule> rules = {})
{
    return {.name = name,
            .kind = KnobKind::real,
            .minimum = 0.02,
            .maximum = 0.98,
            .defaultValue = value,
            .effect = KnobEffect::nextBatch,
            .help = help,
            .rules = std::move(rules)};
}

std::vector<Knob> knobs(const InputShape &)
{
    return {bound("prefix.least", 0.1, PRETEXT_SAID("Shortest prefix, as a share of the row: the shorter, the more the model is a causal one."),
                  {{KnobRule::notAbove, "prefix.most"}}),
            bound("prefix.most", 0.9,
                  PRETEXT_SAID("Longest prefix, as a share of the row: the longer, the more it reads both ways and the fewer tokens it predicts.")),
            packKnob()};
}

} // namespace

MethodType prefixMethod()
{
    return {.name = "prefix",
            .title = PRETEXT_SAID("Prefix language model"),
            .help = PRETEXT_SAID("Reads a prefix both ways and predicts the rest token by token, as UniLM does (Dong et al. 2019)."),
            .family = Family::text,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<PrefixLm>(textEncoder(parts.encoder), parts.random); },
            .recipe =
                [](const DatasetInfo &info) {
                    return textRecipe(info, {{"encoder.norm", std::string("pre")}});
                },
            .kinds = {Modality::text},
            .maker = makeRows<PrefixSplit>,
            .panel = "tokenpredictions"};
}

} // namespace pretext
