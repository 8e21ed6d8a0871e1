// The probe's objective is convex and smooth, so LBFGS (liblbfgs) finds the one answer; the products are in float, block by block so that
// the features are read once an evaluation, and every sum over blocks is in double. A fit looks at them hundreds of times, so they are
// standardised once, in a copy.
#include "core/analysis/probe.h"

#include "core/analysis/gemm.h"
#include "core/analysis/knn.h"
#include "core/analysis/standardise.h"

#include <lbfgs.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace pretext {
namespace {

constexpr int64_t kProbeBlock = 256;

int teamSize()
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

int threadIndex()
{
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

struct FreeLbfgs
{
    void operator()(lbfgsfloatval_t *x) const { lbfgs_free(x); }
};

/// One row a class: its D weights, then its bias.
using Weights = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class LogisticRegression
{
public:
    LogisticRegression(const Matrix &rows, const std::vector<int> &labels, int classes, Standardiser standardiser)
        : m_standardiser(std::move(standardiser))
        , m_features(standardised(rows))
        , m_labels(labels)
        , m_classes(classes)
        , m_used(labels.size(), 1)
    {
    }

    /// Rows with 0 are left out of the fit.
    void use(std::vector<uint8_t> used) { m_used = std::move(used); }
    /// From `weights` to the minimum, or as near as `iterations` come.
    void fit(Weights &weights, double l2, int iterations, const std::function<bool()> &goOn) const;
    /// Of the rows that it is fitted on, and of others.
    std::vector<int> predict(const Weights &weights) const { return classesOf(m_features, weights); }
    std::vector<int> predict(const Matrix &rows, const Weights &weights) const { return classesOf(standardised(rows), weights); }
    Weights zeroWeights() const { return Weights::Zero(m_classes, m_features.cols() + 1); }

private:
    struct Model
    {
        RowMajor weights;
        Eigen::RowVectorXf bias;
    }; // in float, [C, D] and [C]
    struct Sums
    {
        Weights gradient;
        double loss = 0;
    };
    static Model model(const Eigen::Ref<const Weights> &weights);
    RowMajor standardised(const Matrix &rows) const;
    static std::vector<int> classesOf(const RowMajor &features, const Weights &weights);
    double evaluate(const double *weights, double *gradient, double l2) const;
    void addBlock(const Model &model, int64_t first, int64_t count, Sums &sums) const;

    Standardiser m_standardiser;
    RowMajor m_features;
    const std::vector<int> &m_labels;
    int m_classes;
    std::vector<uint8_t> m_used;
};

LogisticRegression::Model LogisticRegression::model(const Eigen::Ref<const Weights> &weights)
{
    const int64_t d = weights.cols() - 1;
    return {weights.leftCols(d).cast<float>(), weights.col(d).transpose().cast<float>()};
}

RowMajor LogisticRegression::standardised(const Matrix &rows) const
{
    RowMajor features;
    m_standardiser.block(rows, 0, rows.rows, features);
    return features;
}

RowMajor logits(const Rows &features, const RowMajor &weights, const Eigen::RowVectorXf &bias)
{
    RowMajor result;
    productTransposed(features, weights, result);
    result.rowwise() += bias;
    return result;
}

void LogisticRegression::addBlock(const Model &model, int64_t first, int64_t count, Sums &sums) const
{
    const auto features = m_features.middleRows(first, count);
    RowMajor p = logits(features, model.weights, model.bias); // softmax of the logits, then its gradient p - 1[label]
    for (int64_t i = 0; i < count; ++i) {
        auto row = p.row(i);
        if (!m_used[first + i]) {
            row.setZero();
            continue;
        }
        const int label = m_labels[first + i];
        const float top = row.maxCoeff(), own = row[label];
        row = (row.array() - top).exp();
        const float sum = row.sum();
        sums.loss += std::log(sum) + top - own;
        row /= sum;
        row[label] -= 1;
    }
    RowMajor gradient = RowMajor::Zero(m_classes, features.cols());
    addTransposedProduct(p, features, gradient);
    sums.gradient.leftCols(features.cols()) += gradient.cast<double>();
    sums.gradient.col(features.cols()) += p.colwise().sum().transpose().cast<double>();
}

double LogisticRegression::evaluate(const double *x, double *gradient, double l2) const
{
    const int64_t rows = m_features.rows(), d = m_features.cols();
    const Eigen::Map<const Weights> weights(x, m_classes, d + 1);
    const Model current = model(weights);
    std::vector<Sums> perThread(teamSize(), Sums{zeroWeights(), 0}); // summed in order: the same answer for the same number of threads
#pragma omp parallel num_threads(int(perThread.size()))
    {
        Sums &own = perThread[threadIndex()];
#pragma omp for schedule(static)
        for (int64_t first = 0; first < rows; first += kProbeBlock)
            addBlock(current, first, std::min(kProbeBlock, rows - first), own);
    }
    Eigen::Map<Weights> total(gradient, m_classes, d + 1);
    total.setZero();
    double loss = 0;
    for (const Sums &sums : perThread) {
        total += sums.gradient;
        loss += sums.loss;
    }
    const double n = std::max<double>(1, std::count(m_used.begin(), m_used.end(), 1));
    total /= n;
    total.leftCols(d) += l2 * weights.leftCols(d);
    return loss / n + l2 / 2 * weights.leftCols(d).squaredNorm();
}

void LogisticRegression::fit(Weights &weights, double l2, int iterations, const std::function<bool()> &goOn) const
{
    struct Problem
    {
        const LogisticRegression &regression;
        double l2;
        const std::function<bool()> &goOn;
    } problem{*this, l2, goOn};
    std::unique_ptr<lbfgsfloatval_t, FreeLbfgs> x(lbfgs_malloc(int(weights.size())));
    std::copy_n(weights.data(), weights.size(), x.get());

    lbfgs_parameter_t parameters;
    lbfgs_parameter_init(&parameters);
    parameters.max_iterations = iterations;
    parameters.epsilon = 1e-4; // |gradient| against max(1, |weights|)
    parameters.past = 10;      // or the objective fell by less than a share of 1e-5 in ten iterations
    parameters.delta = 1e-5;
    const auto evaluateProblem = [](void *instance, const lbfgsfloatval_t *x, lbfgsfloatval_t *gradient, int, lbfgsfloatval_t) {
        const Problem &problem = *static_cast<Problem *>(instance);
        return problem.regression.evaluate(x, gradient, problem.l2);
    };
    const auto stopWhenAsked = [](void *instance, const lbfgsfloatval_t *, const lbfgsfloatval_t *, lbfgsfloatval_t, lbfgsfloatval_t, lbfgsfloatval_t,
                                  lbfgsfloatval_t, int, int, int) { return static_cast<Problem *>(instance)->goOn() ? 0 : 1; };
    // Whatever ends the search (also float's rounding near the minimum), x is the best point so far.
    lbfgs(int(weights.size()), x.get(), nullptr, evaluateProblem, stopWhenAsked, &problem, &parameters);
    std::copy_n(x.get(), weights.size(), weights.data());
}

std::vector<int> LogisticRegression::classesOf(const RowMajor &features, const Weights &weights)
{
    const Model fitted = model(weights);
    std::vector<int> result(size_t(features.rows()));
#pragma omp parallel for
    for (int64_t first = 0; first < features.rows(); first += kProbeBlock) {
        const int64_t count = std::min<int64_t>(kProbeBlock, features.rows() - first);
        const RowMajor scores = logits(features.middleRows(first, count), fitted.weights, fitted.bias);
        for (int64_t i = 0; i < count; ++i) {
            Eigen::Index best;
            scores.row(i).maxCoeff(&best);
            result[first + i] = int(best);
        }
    }
    return result;
}

/// 1 for rows to fit on, 0 for `heldOut` rows spread evenly, since data may come sorted by class.
std::vector<uint8_t> allButHeldOut(int64_t rows, int64_t heldOut)
{
    std::vector<uint8_t> used(rows, 1);
    for (int64_t i = 0; i < heldOut; ++i)
        used[i * rows / heldOut] = 0;
    return used;
}

double heldOutAccuracy(const std::vector<int> &predicted, const std::vector<int> &truth, const std::vector<uint8_t> &used)
{
    int64_t right = 0, count = 0;
    for (size_t i = 0; i < truth.size(); ++i) {
        count += !used[i];
        right += !used[i] && predicted[i] == truth[i];
    }
    return count ? double(right) / double(count) : 0;
}

void check(const Matrix &rows, const std::vector<int> &labels, int classes)
{
    if (rows.rows != int64_t(labels.size()))
        throw std::invalid_argument("[linear probe] " + std::to_string(rows.rows) + " rows of features but " + std::to_string(labels.size()) + " labels");
    for (int label : labels)
        if (label < 0 || label >= classes)
            throw std::invalid_argument("[linear probe] label " + std::to_string(label) + " is not in 0.." + std::to_string(classes - 1));
}

} // namespace

ProbeResult linearProbe(const Matrix &train, const std::vector<int> &trainLabels, const Matrix &test, const std::vector<int> &testLabels, int classes,
                        const ProbeOptions &options)
{
    check(train, trainLabels, classes);
    check(test, testLabels, classes);
    if (options.l2.empty() || train.rows < 5)
        throw std::invalid_argument("[linear probe] needs at least one l2 and 5 training rows, not " + std::to_string(options.l2.size()) + " and "
                                    + std::to_string(train.rows));
    const double planned = double(options.iterations) * double(options.l2.size() + 1);
    int iterations = 0;
    const auto goOn = [&] { return !options.progress || options.progress(std::min(1., ++iterations / planned)); };

    LogisticRegression regression(train, trainLabels, classes, Standardiser(train));
    const std::vector<uint8_t> used = allButHeldOut(train.rows, std::min(options.heldOut, train.rows / 5));
    regression.use(used);
    std::vector<double> path = options.l2;
    std::sort(path.rbegin(), path.rend()); // from the smoothest on, each fit starting where the last one ended
    Weights weights = regression.zeroWeights(), bestWeights = weights;
    ProbeResult result;
    double best = -1;
    int worse = 0;
    for (double l2 : path) {
        regression.fit(weights, l2, options.iterations, goOn);
        const double score = heldOutAccuracy(regression.predict(weights), trainLabels, used);
        if (score > best) {
            best = score;
            result.l2 = l2;
            bestWeights = weights;
            worse = 0;
        } else if (score < best && ++worse == 2)
            break;
    }
    regression.use(std::vector<uint8_t>(train.rows, 1));
    regression.fit(bestWeights, result.l2, options.iterations, goOn);
    result.predictions = regression.predict(test, bestWeights);
    result.accuracy = accuracy(result.predictions, testLabels);
    return result;
}

double probeFromLabels(const Matrix &train, const std::vector<int> &trainLabels, const std::vector<size_t> &rows, const Matrix &test,
                       const std::vector<int> &testLabels, int classes, const std::function<bool(double)> &progress)
{
    constexpr double kL2 = 1e-2;
    constexpr int kIterations = 200;
    check(train, trainLabels, classes);
    check(test, testLabels, classes);
    Matrix known{static_cast<int64_t>(rows.size()), train.columns, {}};
    std::vector<int> labels;
    for (const size_t row : rows) {
        known.values.insert(known.values.end(), train.values.begin() + int64_t(row) * train.columns, train.values.begin() + int64_t(row + 1) * train.columns);
        labels.push_back(trainLabels.at(row));
    }
    const LogisticRegression regression(known, labels, classes, Standardiser(train));
    Weights weights = regression.zeroWeights();
    int iterations = 0;
    regression.fit(weights, kL2, kIterations, [&] { return !progress || progress(std::min(1., ++iterations / double(kIterations))); });
    return accuracy(regression.predict(test, weights), testLabels);
}

} // namespace pretext
