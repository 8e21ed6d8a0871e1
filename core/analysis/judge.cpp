#include "core/analysis/judge.h"

#include "core/analysis/alike.h"
#include "core/analysis/knn.h"
#include "core/analysis/probe.h"
#include "core/files/said.h"

#include <algorithm>
#include <set>

namespace pretext {

namespace {

constexpr int kHurriedIterations = 40; // of a fit, of a first look

/// Values of continuous columns, [n, columns].
Matrix factorValues(const Dataset &dataset, Split split, const std::vector<int> &columns)
{
    Matrix values{dataset.size(split), int64_t(columns.size()), {}};
    for (int64_t i = 0; i < values.rows; ++i)
        for (int column : columns)
            values.values.push_back(dataset.label(split, i, column));
    return values;
}

/// All that features which are all alike can say: the most frequent class.
std::vector<int> mostFrequent(const ClassColumn &column)
{
    std::vector<int64_t> counts(size_t(column.classes), 0);
    for (const int label : column.train)
        ++counts[size_t(label)];
    return std::vector<int>(column.test.size(), int(std::max_element(counts.begin(), counts.end()) - counts.begin()));
}

/// What kNN and probe said of the held-out samples, class by class.
std::vector<ClassScore> scoresByClass(const ClassColumn &column, const std::vector<int> &knn, const std::vector<int> &probe)
{
    std::vector<ClassScore> scores(size_t(column.classes));
    for (size_t label = 0; label < scores.size(); ++label) {
        ClassScore &score = scores[label];
        score.name = label < column.names.size() ? column.names[label] : std::to_string(label);
        score.trained = std::count(column.train.begin(), column.train.end(), int(label));
        int64_t byKnn = 0, byProbe = 0;
        for (size_t i = 0; i < column.test.size(); ++i) {
            const bool here = column.test[i] == int(label);
            score.heldOut += here;
            byKnn += here && knn[i] == int(label);
            byProbe += here && probe[i] == int(label);
        }
        if (score.heldOut > 0) {
            score.knn = double(byKnn) / double(score.heldOut);
            score.probe = double(byProbe) / double(score.heldOut);
        }
    }
    return scores;
}

Matrix zerosLike(const Matrix &rows)
{
    return {rows.rows, rows.columns, std::vector<float>(rows.values.size(), 0.f)};
}

} // namespace

Judge::Judge(const Dataset &dataset, Evaluation &result, const Progress &progress, const Known &known, bool fewLabels)
    : m_result(result)
    , m_progress(progress)
    , m_known(known)
    , m_fewLabels(fewLabels)
{
    result.bank = dataset.size(Split::train);
    result.neighbours = neighboursFor(result.bank);
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    std::vector<int> factors;
    for (int c = 0; c < int(columns.size()); ++c) {
        if (columns[c].classes.empty()) {
            m_factors.push_back(columns[c].name);
            factors.push_back(c);
            continue;
        }
        ClassColumn column{columns[c].name, int(columns[c].classes.size()), classLabels(dataset, Split::train, c), classLabels(dataset, Split::test, c),
                           columns[c].classes};
        if (std::set<int>(column.train.begin(), column.train.end()).size() < 2)
            result.notes.push_back(pretext::said("All samples have the same %1, so kNN and probe would say nothing of it.", {column.name}));
        else
            m_classes.push_back(std::move(column));
    }
    if (columns.empty())
        result.notes.push_back(pretext::said("%1 has no labels, so there is nothing to score by kNN or a probe. "
                                             "Sub-folders of a folder are its labels, and a table's other columns.",
                                             {dataset.info().name}));
    if (constexpr int64_t kLeastForRidge = 10; !factors.empty() && result.bank < kLeastForRidge) {
        result.notes.push_back(pretext::said("Labels that are numbers are scored by ridge regression from %1 training samples on; there are %2.",
                                             {std::to_string(kLeastForRidge), std::to_string(result.bank)}));
        factors.clear();
        m_factors.clear();
    }
    result.hasFactors = !factors.empty();
    m_trainFactors = factorValues(dataset, Split::train, factors);
    m_testFactors = factorValues(dataset, Split::test, factors);
}

std::function<bool(double)> Judge::working(const std::string &what)
{
    return [this, what](double share) {
        m_cancelled = m_cancelled || (m_progress && !m_progress(what, share));
        return !m_cancelled;
    };
}

void Judge::judge(const Features &features)
{
    const bool alike = allAlike(features.train);
    if (!m_classes.empty())
        judgeClasses(features, alike);
    if (!m_factors.empty())
        judgeFactors(features, alike);
}

void Judge::add(const Scores &scores)
{
    m_result.rows.insert(m_result.rows.end(), scores.rows.begin(), scores.rows.end());
    m_result.finetuned.insert(m_result.finetuned.end(), scores.fewLabels.begin(), scores.fewLabels.end());
    tell();
}

/// In the place of the first look at the same, where there was one.
void Judge::put(EvaluationRow row)
{
    const auto looked = std::ranges::find_if(
        m_result.rows, [&](const EvaluationRow &before) { return before.of > 0 && before.features == row.features && before.column == row.column; });
    if (looked != m_result.rows.end())
        *looked = std::move(row);
    else
        m_result.rows.push_back(std::move(row));
}

Neighbours Judge::neighboursOf(const Features &features)
{
    const ShareDone progress = working(pretext::said("%1: nearest neighbours", {features.name}));
    if (!features.whitened)
        return nearestNeighbours(features.train, features.test, m_result.neighbours, progress);
    return nearestNeighbours(features.whitened(features.train), features.whitened(features.test), m_result.neighbours, progress);
}

void Judge::judgeClasses(const Features &features, bool alike)
{
    const Neighbours neighbours = alike ? Neighbours{} : neighboursOf(features);
    stopIfCancelled();
    for (const ClassColumn &column : m_classes) {
        EvaluationRow row{features.name, features.test.columns, column.name};
        row.alike = alike;
        std::vector<int> knn, probe;
        if (alike) {
            knn = probe = mostFrequent(column);
        } else {
            knn = knnVote(neighbours, column.train);
            ProbeOptions options;
            if (m_hurry)
                options.iterations = kHurriedIterations;
            options.progress = working(pretext::said("%1: probe for %2", {features.name, column.name}));
            probe = linearProbe(features.train, column.train, features.test, column.test, column.classes, options).predictions;
        }
        stopIfCancelled();
        row.knn = accuracy(knn, column.test);
        row.probe = accuracy(probe, column.test);
        row.classes = scoresByClass(column, knn, probe);
        row.guesses = {column.test, std::move(knn), std::move(probe)};
        if (m_fewLabels && features.name != "supervised") // which has seen all labels
            judgeFromFewLabels(features, column, row.probe);
        put(std::move(row));
        tell();
    }
}

void Judge::judgeFromFewLabels(const Features &features, const ClassColumn &column, double fromAll)
{
    FinetuneRow row{features.name, column.name, {}};
    for (const int labels : kLabelsPerClass) {
        const auto progress = working(pretext::said("%1: probe for %2 from few labels", {features.name, column.name}));
        row.accuracy.push_back(
            labels == 0 ? fromAll
                        : probeFromLabels(features.train, column.train, labelledRows(column, labels), features.test, column.test, column.classes, progress));
        stopIfCancelled();
    }
    m_result.finetuned.push_back(std::move(row));
}

void Judge::judgeFactors(const Features &features, bool alike)
{
    working(pretext::said("%1: ridge regression", {features.name}))(0);
    stopIfCancelled();
    const std::vector<double> r2 = alike ? ridgeR2(zerosLike(features.train), m_trainFactors, zerosLike(features.test), m_testFactors)
                                         : ridgeR2(features.train, m_trainFactors, features.test, m_testFactors);
    for (size_t i = 0; i < m_factors.size(); ++i)
        put({features.name, features.test.columns, m_factors[i], -1, -1, r2[i], alike});
    tell();
}

std::vector<std::vector<int64_t>> confusion(const std::vector<int> &truth, const std::vector<int> &guessed, size_t classes)
{
    std::vector<std::vector<int64_t>> counts(classes, std::vector<int64_t>(classes, 0));
    for (size_t i = 0; i < truth.size(); ++i)
        ++counts.at(size_t(truth[i])).at(size_t(guessed[i]));
    return counts;
}

void describeFinetuning(const TrainedEncoder &trained, const EncodedRows &train, const EncodedRows &test, const FinetuneOptions &options, Judge &judge,
                        Evaluation &result)
{
    result.finetuning = options;
    for (const ClassColumn &column : judge.classes())
        for (const bool pretrained : {true, false}) {
            const std::string what = said(pretrained ? PRETEXT_SAID("fine-tuning for %1") : PRETEXT_SAID("supervised training for %1"), {column.name});
            FinetuneRow row = finetune(trained, pretrained, train, test, column, options, judge.working(what));
            judge.stopIfCancelled();
            result.finetuned.push_back(std::move(row));
            judge.tell();
        }
}

} // namespace pretext
