// Judges features by every label column of a data set, and adds the rows to an evaluation.
#pragma once

#include "core/analysis/baselines.h"
#include "core/analysis/evaluate.h"
#include "core/analysis/features.h"
#include "core/analysis/keptscores.h"
#include "core/analysis/knn.h"

namespace pretext {

/// Thrown where the listener asked for the end; evaluate() catches it.
struct Cancelled
{
};

class Judge
{
public:
    /// With `fewLabels`, features are also judged by probes that are told the labels of labelledRows only.
    Judge(const Dataset &dataset, Evaluation &result, const Progress &progress, const Known &known, bool fewLabels = false);
    void judge(const Features &features);
    /// What was judged before.
    void add(const Scores &scores);
    /// A progress callback for a piece of work; it remembers when the listener cancels.
    std::function<bool(double)> working(const std::string &what);
    /// Hands on what there is by now.
    void tell() const
    {
        if (m_known)
            m_known(m_result);
    }
    /// Ends the evaluation where the listener asked for it.
    void stopIfCancelled() const
    {
        if (m_cancelled)
            throw Cancelled();
    }
    /// Judges by fewer steps of the probe's fits: a first look.
    void hurry() { m_hurry = true; }
    const std::vector<ClassColumn> &classes() const { return m_classes; }

private:
    Neighbours neighboursOf(const Features &features);
    void judgeClasses(const Features &features, bool alike);
    void judgeFromFewLabels(const Features &features, const ClassColumn &column, double fromAll);
    void judgeFactors(const Features &features, bool alike);
    void put(EvaluationRow row);

    Evaluation &m_result;
    const Progress &m_progress;
    const Known &m_known;
    bool m_fewLabels;
    bool m_cancelled = false, m_hurry = false;
    std::vector<ClassColumn> m_classes;
    std::vector<std::string> m_factors;
    Matrix m_trainFactors, m_testFactors; // [n, factors]
};

/// [class][class as guessed] held-out samples.
std::vector<std::vector<int64_t>> confusion(const std::vector<int> &truth, const std::vector<int> &guessed, size_t classes);
/// Adds fine-tuning from the run's weights and from its initial ones, for every label column.
void describeFinetuning(const TrainedEncoder &trained, const EncodedRows &train, const EncodedRows &test, const FinetuneOptions &options, Judge &judge,
                        Evaluation &result);

} // namespace pretext
