#include "core/analysis/objectives.h"

#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/model.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenviews.h"

namespace pretext {

namespace {

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

/// As the method sets it: asked of the smallest model there is, once.
Visibility visibilityUnder(const std::string &method)
{
    static const std::map<std::string, Visibility> all = [] {
        std::map<std::string, Visibility> found;
        for (const std::string &name : tokenObjectives()) {
            RunConfig config = objectiveConfig(name, {});
            for (const auto &[knob, value] : {std::pair("encoder.layers", 1.), {"encoder.width", 16.}, {"encoder.heads", 1.}, {"encoder.context", 8.}})
                config.knobs.set(knob, value);
            found[name] = textEncoder(*makeModel(config, InputShape::text(8)).encoder).visibility();
        }
        return found;
    }();
    return all.at(method);
}

} // namespace

const std::vector<std::string> &tokenObjectives()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found;
        for (const MethodType &type : methodTypes())
            if (type.panel == "tokenpredictions" && trainsOn(type, Modality::text))
                found.push_back(type.name);
        return found;
    }();
    return names;
}

RunConfig objectiveConfig(const std::string &method, const std::map<std::string, KnobValue> &job)
{
    RunConfig config = recommendedConfig(OneSentence({}), method);
    const auto take = [&](const std::string &knob) {
        if (const auto value = job.find(knob); value != job.end())
            config.knobs.set(knob, value->second);
    };
    for (const Knob &knob : methodType(method).knobs({}))
        take(knob.name);
    take("encoder.context");
    return config;
}

SentenceBatch sentenceBatch(const std::string &method, const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer)
{
    const auto dataset = std::make_shared<const OneSentence>(question.sentence);
    SentenceBatch made{std::make_shared<const TokenizedText>(*dataset, Split::train, tokenizer), {}};
    made.batch.epoch = question.draw;
    made.batch.indices = {0};
    made.batch.views = 1;
    const std::unique_ptr<BatchMaker> maker = methodType(method).maker({dataset, made.text}, objectiveConfig(method, question.knobs).knobs);
    maker->begin(made.batch);
    maker->make(made.batch, question.seed, 0);
    maker->finish(made.batch);
    return made;
}

std::vector<Objective> objectivesOf(const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer)
{
    std::vector<Objective> objectives;
    for (const std::string &name : tokenObjectives()) {
        Objective objective{
            .name = name, .row = viewRows(sentenceBatch(name, question, tokenizer).batch, *tokenizer).front(), .visible = {}, .decoderVisible = {}};
        objective.row.sample = -1;
        objective.visible = visibilityOf(visibilityUnder(name), static_cast<int64_t>(objective.row.given.size()), objective.row.prefix);
        if (!objective.row.decoder.empty())
            objective.decoderVisible = visibilityOf(Visibility::causal, static_cast<int64_t>(objective.row.decoder.size()), 0);
        objectives.push_back(std::move(objective));
    }
    return objectives;
}

} // namespace pretext
