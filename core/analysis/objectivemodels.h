// Small models of the objectives that predict tokens, which are trained in turns on the same text, each with its method's own loss, so that what
// they make of a sentence can be watched side by side.
#pragma once

#include "core/analysis/objectives.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

/// What the models learn from.
struct ObjectiveText
{
    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::map<std::string, KnobValue> knobs = {}; // of a job, as in ObjectiveQuestion
    uint64_t seed = 1;
};

/// Losses by step, as means over as few steps as leave no more than kMost of them.
class LossCourse
{
public:
    static constexpr size_t kMost = 256;
    struct Point
    {
        double step, loss; // means
    };

    void add(double loss);
    int64_t steps() const { return m_steps; }
    const std::vector<Point> &points() const { return m_points; }
    /// The mean of the last tenth, which a single batch moves little; 0 before the first step.
    double latest() const;

private:
    std::vector<Point> m_points; // the last one perhaps of fewer steps than the others
    int64_t m_steps = 0, m_each = 1, m_inLast = 0;
};

/// What one of them has come to.
struct ObjectiveProgress
{
    std::string name;
    LossCourse losses;
    TokenPredictions predictions = {}; // of the sentence that was asked about; empty where none was
};

class ObjectiveModels
{
public:
    /// Null where `progress`, which is told the share that is done, gave up by returning false.
    static std::unique_ptr<ObjectiveModels> make(const ObjectiveText &text, const std::function<bool(double)> &progress = {});
    ~ObjectiveModels();

    /// One step of the model whose turn it is. Throws std::runtime_error naming it where its loss is no number any more.
    void step();
    /// Steps of all together.
    int64_t steps() const;
    /// What their batches are made with from now on; of a job, as in ObjectiveQuestion.
    void setKnobs(const std::map<std::string, KnobValue> &knobs);
    /// In the order of tokenObjectives(), with predictions of the question's sentence, if there is one, at the positions that count.
    std::vector<ObjectiveProgress> progress(const ObjectiveQuestion *question);

private:
    struct Learner;
    explicit ObjectiveModels(const ObjectiveText &text);
    bool begin(const std::function<bool(double)> &progress);
    TokenPredictions predictions(Learner &learner, const ObjectiveQuestion &question) const;

    ObjectiveText m_text;
    std::vector<std::unique_ptr<Learner>> m_learners;
    size_t m_turn = 0;
};

} // namespace pretext
