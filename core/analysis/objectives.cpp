#include "core/analysis/objectives.h"

#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/config.h"
#include "core/ssl/answer.h"
#include "core/ssl/method.h"
#include "core/ssl/tokenviews.h"

namespace pretext {

namespace {

struct SentenceObjective
{
    const char *method;
    Visibility visibility;
};
constexpr SentenceObjective kObjectives[] = {
    {"mlm", Visibility::full}, {"clm", Visibility::causal}, {"prefix", Visibility::prefix}, {"denoise", Visibility::full}};

class OneSentence : public Dataset
{
public:
    explicit OneSentence(std::string sentence) : m_sentence(std::move(sentence))
    {
        m_info.name = "one sentence";
        m_info.modality = Modality::text;
    }
    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train; }
    std::string text(Split, int64_t) const override { return m_sentence; }
    float label(Split, int64_t, int) const override { return 0; }

private:
    DatasetInfo m_info;
    std::string m_sentence;
};

KnobSet knobsFor(const std::string &method, const std::map<std::string, KnobValue> &values)
{
    KnobSet knobs(knobsOf(method, "transformer", {}));
    for (const auto &[name, value] : values)
        if (knobs.find(name))
            knobs.set(name, value);
    return knobs;
}

} // namespace

std::vector<Objective> objectivesOf(const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer)
{
    const auto dataset = std::make_shared<const OneSentence>(question.sentence);
    const SampleSource source{dataset, std::make_shared<const TokenizedText>(*dataset, Split::train, tokenizer)};
    std::vector<Objective> objectives;
    for (const auto &[name, visibility] : kObjectives) {
        Batch batch;
        batch.epoch = question.draw;
        batch.indices = {0};
        batch.views = 1;
        const std::unique_ptr<BatchMaker> maker = methodType(name).maker(source, knobsFor(name, question.knobs));
        maker->begin(batch);
        maker->make(batch, question.seed, 0);
        maker->finish(batch);
        Objective objective{.name = name, .row = viewRows(batch, *tokenizer).front(), .visible = {}, .decoderVisible = {}};
        objective.row.sample = -1;
        objective.visible = visibilityOf(visibility, static_cast<int64_t>(objective.row.given.size()), objective.row.prefix);
        if (!objective.row.decoder.empty())
            objective.decoderVisible = visibilityOf(Visibility::causal, static_cast<int64_t>(objective.row.decoder.size()), 0);
        objectives.push_back(std::move(objective));
    }
    return objectives;
}

} // namespace pretext
