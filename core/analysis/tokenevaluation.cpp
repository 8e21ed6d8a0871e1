#include "core/analysis/tokenevaluation.h"

#include "core/data/text/operators.h"
#include "core/data/text/tokenizedtext.h"
#include "core/data/text/tokenizer.h"
#include "core/ssl/answer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace pretext {

namespace {

constexpr int kRows = 16; // of a batch: few enough that a batch's accuracy is of all its tokens (see ssl/tokenprediction.cpp)

/// Keeps the scalars.
class Scalars : public Recorder
{
public:
    void scalar(const std::string &channel, double value) override { values[channel] = value; }
    void heavy(const std::string &, std::function<ChannelValue()>) override {}
    /// The one that begins so: "accuracy/masked" of "accuracy/".
    double beginning(const std::string &prefix) const
    {
        const auto found = values.lower_bound(prefix);
        return found != values.end() && found->first.starts_with(prefix) ? found->second : 0;
    }
    std::map<std::string, double> values;
};

/// Lets counting predict what the model has to: the same places of the same texts.
void judgeCounting(const TokenRows &rows, bool bothSides, NgramBaselines &counted)
{
    const bool decoder = rows.decoderLength > 0;
    const int64_t length = decoder ? rows.decoderLength : rows.length;
    for (size_t row = 0; row < rows.lengths.size(); ++row) {
        const int64_t used = decoder ? rows.decoderLengths[row] : rows.lengths[row];
        const auto targets = std::span(rows.targets).subspan(row * length, used);
        if (bothSides && !decoder) {
            counted.judge(rows.records[row].original, targets);
            continue;
        }
        // The next token is predicted: as a text with its last target, its places one later.
        const auto given = std::span(decoder ? rows.decoderIds : rows.ids).subspan(row * length, used);
        std::vector<int32_t> ids(given.begin(), given.end()), places{kNoTarget};
        ids.push_back(targets.back());
        places.insert(places.end(), targets.begin(), targets.end());
        counted.judge(ids, places);
    }
}

int64_t predictedIn(const TokenRows &rows)
{
    return static_cast<int64_t>(rows.targets.size()) - std::count(rows.targets.begin(), rows.targets.end(), kNoTarget);
}

RunConfig evaluationConfig(RunConfig config)
{
    for (const auto &[knob, value] : std::vector<std::pair<std::string, KnobValue>>{
             {"pack", false}, {"mask.hidden", 1.0}, {"mask.replaced", 0.0}, {"encoder.dropout", 0.0}})
        if (config.knobs.find(knob))
            config.knobs.set(knob, value);
    return config;
}

void setTraining(TrainedEncoder &trained, bool training)
{
    trained.encoder->setTraining(training);
    trained.method->heads().setTraining(training);
}

} // namespace

std::vector<TokenScore> scoreTokens(TrainedEncoder &trained, const Dataset &dataset, int64_t limit, const std::function<bool(double)> &progress)
{
    const MethodType &type = methodType(trained.state.config.method);
    const RunConfig config = evaluationConfig(trained.state.config);
    const auto held = std::make_shared<const TokenizedText>(dataset, Split::test, trained.state.tokenizer, limit);
    const TokenizedText train(dataset, Split::train, trained.state.tokenizer);
    NgramBaselines counted(trained.state.tokenizer->vocabularySize());
    for (int64_t i = 0; i < train.size(); ++i)
        counted.count(train.sample(i));
    const std::shared_ptr<const Dataset> unowned(&dataset, [](const Dataset *) {});
    const std::unique_ptr<BatchMaker> maker = type.maker({unowned, held}, config.knobs);
    const bool bothSides = config.method == "mlm";

    setTraining(trained, false);
    const NoGrad noGrad;
    double loss = 0, right = 0;
    int64_t tokens = 0;
    for (int64_t first = 0; first < held->size(); first += kRows) {
        if (progress && !progress(double(first) / double(held->size())))
            break;
        Batch batch;
        batch.views = type.views;
        batch.indices.resize(std::min<int64_t>(kRows, held->size() - first));
        std::iota(batch.indices.begin(), batch.indices.end(), first);
        maker->begin(batch);
        for (size_t i = 0; i < batch.indices.size(); ++i)
            maker->make(batch, config.seed, static_cast<int64_t>(i));
        maker->finish(batch);
        if (batch.tokens.targets.empty())
            return {}; // the method predicts no tokens
        const int64_t predicted = predictedIn(batch.tokens);
        if (predicted == 0)
            continue;
        Scalars scalars;
        loss += double(predicted) * trained.method->loss(*trained.encoder, stepInput(batch, config, 0, &train, scalars)).value().item();
        right += double(predicted) * scalars.beginning("accuracy/");
        judgeCounting(batch.tokens, bothSides, counted);
        tokens += predicted;
    }
    if (tokens == 0)
        return {};
    std::vector<TokenScore> scores{{"encoder", tokens, right / double(tokens), std::exp(loss / double(tokens))}};
    for (TokenScore &score : counted.scores())
        if (bothSides || score.name != "right bigram") // who predicts the next token is not shown what follows
            scores.push_back(std::move(score));
    return scores;
}

std::vector<double> inContextAccuracy(TrainedEncoder &trained, int prompts, const std::function<bool(double)> &progress)
{
    const Tokenizer &tokenizer = *trained.state.tokenizer;
    TextEncoder &encoder = textEncoder(*trained.encoder);
    setTraining(trained, false);
    std::vector<double> accuracy;
    for (int examples = 0; examples <= kMostExamples; ++examples) {
        int right = 0;
        for (int i = 0; i < prompts; ++i) {
            if (progress && !progress((examples + double(i) / prompts) / (kMostExamples + 1)))
                return accuracy;
            const OperatorPrompt prompt = operatorPrompt(examples, i);
            const Question question{.text = prompt.text, .masked = {}, .candidates = 1, .sampling = {.tokens = 1, .temperature = 0}};
            const std::optional<ChannelValue> answer = trained.method->answer(encoder, tokenizer, question);
            const Answer *said = answer ? std::get_if<Answer>(&*answer) : nullptr;
            if (said && !said->problem.empty())
                return accuracy; // the context is too short for so many examples
            const std::string text = said ? said->continuation : std::string();
            right += text.find_first_not_of(' ') != std::string::npos && text.substr(text.find_first_not_of(' ')) == prompt.answer;
        }
        accuracy.push_back(double(right) / prompts);
    }
    return accuracy;
}

} // namespace pretext
