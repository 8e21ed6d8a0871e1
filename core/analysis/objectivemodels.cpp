#include "core/analysis/objectivemodels.h"

#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/data/loader.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/engine/lengthening.h"
#include "core/engine/model.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int64_t kMostTexts = 10000; // that they learn from
constexpr int kTokensAtOnce = 512;    // of a step: few, so that a step is short

/// A recipe's encoder, but small.
RunConfig smallConfig(const std::string &method, const ObjectiveText &text)
{
    RunConfig config = objectiveConfig(method, text.knobs);
    for (const auto &[knob, value] : {std::pair("encoder.layers", 2.), {"encoder.width", 64.}, {"encoder.heads", 4.}, {"encoder.dropout", 0.}})
        config.knobs.set(knob, value);
    config.seed = text.seed;
    config.batch = std::clamp<int64_t>(kTokensAtOnce / config.knobs.integer("encoder.context"), 1, text.dataset->size(Split::train));
    return config;
}

/// Keeps what the method says of the tokens that it predicts.
class PredictionsAlone : public Recorder
{
public:
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &channel, std::function<Shown()> make) override
    {
        if (channel == "tokens/predictions")
            predictions = std::get<TokenPredictions>(make().now());
    }
    TokenPredictions predictions;
};

} // namespace

void LossCourse::add(double loss)
{
    if (m_inLast == 0 || m_inLast == m_each) {
        if (m_points.size() == kMost) {
            for (size_t i = 0; i < kMost / 2; ++i) {
                const Point &a = m_points[2 * i], &b = m_points[2 * i + 1];
                m_points[i] = {(a.step + b.step) / 2, (a.loss + b.loss) / 2};
            }
            m_points.resize(kMost / 2);
            m_each *= 2;
        }
        m_points.push_back({0, 0});
        m_inLast = 0;
    }
    Point &last = m_points.back();
    ++m_steps;
    ++m_inLast;
    last.step += (double(m_steps) - last.step) / double(m_inLast);
    last.loss += (loss - last.loss) / double(m_inLast);
}

double LossCourse::latest() const
{
    const size_t count = std::min(m_points.size(), std::max<size_t>(1, m_points.size() / 10));
    double sum = 0;
    for (size_t i = m_points.size() - count; i < m_points.size(); ++i)
        sum += m_points[i].loss;
    return count > 0 ? sum / double(count) : 0;
}

struct ObjectiveModels::Learner
{
    Learner(RunConfig configured, const std::shared_ptr<const Dataset> &dataset, const std::shared_ptr<const TokenizedText> &tokens)
        : config(std::move(configured))
        , text(tokens)
        , model(makeModel(config, inputShapeOf(text->tokenizer())))
        , loader(dataset, config.knobs,
                 {static_cast<int>(config.batch), methodType(config.method).views, config.seed, 0, methodType(config.method).maker, text})
    {
        model.method->startOn(*dataset);
    }
    double step();

    RunConfig config;
    std::shared_ptr<const TokenizedText> text;
    Model model;
    Loader loader;
    LossCourse losses;
};

double ObjectiveModels::Learner::step()
{
    const int64_t taken = losses.steps();
    std::unique_ptr<Batch> batch = loader.next(taken, {});
    for (NamedParameter &parameter : parametersOf(model))
        parameter.variable.clearGrad();
    SilentRecorder nobody;
    const Variable loss = model.method->loss(*model.encoder, stepInput(*batch, config, taken, text.get(), nobody));
    const double value = loss.value().item();
    if (!std::isfinite(value))
        throw std::runtime_error(
            pretext::said("the loss of %1 is no number any more; begin anew, with another seed or a lower learning rate", {config.method}));
    backward(loss);
    model.optimizer->step(learningRateAt(config, taken));
    finishStep(model, config, taken + 1);
    loader.recycle(std::move(batch));
    return value;
}

ObjectiveModels::ObjectiveModels(const ObjectiveText &text) : m_text(text)
{
}

ObjectiveModels::~ObjectiveModels() = default;

std::unique_ptr<ObjectiveModels> ObjectiveModels::make(const ObjectiveText &text, const std::function<bool(double)> &progress)
{
    std::unique_ptr<ObjectiveModels> models(new ObjectiveModels(text));
    return models->begin(progress) ? std::move(models) : nullptr;
}

bool ObjectiveModels::begin(const std::function<bool(double)> &progress)
{
    bool goOn = true;
    const auto tell = [&](double share) { return goOn = !progress || progress(share); };
    const auto subset = spreadSubset(*m_text.dataset, std::min(kMostTexts, m_text.dataset->size(Split::train)), 0);
    const auto tokens = std::make_shared<const TokenizedText>(*subset, Split::train, m_text.tokenizer, 0, tell);
    for (const std::string &name : tokenObjectives())
        if (goOn)
            m_learners.push_back(std::make_unique<Learner>(smallConfig(name, m_text), subset, tokens));
    return goOn;
}

void ObjectiveModels::step()
{
    Learner &learner = *m_learners[m_turn];
    learner.losses.add(learner.step());
    m_turn = (m_turn + 1) % m_learners.size();
}

int64_t ObjectiveModels::steps() const
{
    int64_t all = 0;
    for (const auto &learner : m_learners)
        all += learner->losses.steps();
    return all;
}

void ObjectiveModels::setKnobs(const std::map<std::string, KnobValue> &knobs)
{
    if (knobs == m_text.knobs)
        return;
    m_text.knobs = knobs;
    for (const auto &learner : m_learners) {
        const RunConfig asked = objectiveConfig(learner->config.method, knobs);
        for (const Knob &knob : methodType(learner->config.method).knobs({}))
            learner->config.knobs.set(knob.name, asked.knobs.value(knob.name));
        learner->loader.setKnobs(learner->config.knobs, 0);
    }
}

/// The method's own, in evaluation mode.
TokenPredictions ObjectiveModels::predictions(Learner &learner, const ObjectiveQuestion &question) const
{
    const SentenceBatch sentence = sentenceBatch(learner.config.method, question, m_text.tokenizer);
    const NoGrad noGrad;
    PredictionsAlone recorder;
    setTraining(learner.model, false);
    learner.model.method->loss(*learner.model.encoder, stepInput(sentence.batch, learner.config, learner.losses.steps(), sentence.text.get(), recorder));
    setTraining(learner.model, true);
    return recorder.predictions;
}

std::vector<ObjectiveProgress> ObjectiveModels::progress(const ObjectiveQuestion *question)
{
    std::vector<ObjectiveProgress> all;
    for (const auto &learner : m_learners)
        all.push_back({learner->config.method, learner->losses, question ? predictions(*learner, *question) : TokenPredictions()});
    return all;
}

} // namespace pretext
