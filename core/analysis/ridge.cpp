#include "core/analysis/probe.h"
#include "core/analysis/standardise.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

constexpr int64_t kRidgeBlock = 1024;
constexpr double kRidges[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5}; // per row, of standardised features

/// Of standardised features and centred targets.
struct NormalEquations
{
    Eigen::MatrixXd gram, moments; // [D, D], [D, T]
    double rows = 0;
};

NormalEquations operator+(const NormalEquations &a, const NormalEquations &b)
{
    return {a.gram + b.gram, a.moments + b.moments, a.rows + b.rows};
}

/// From every tenth row (held out) or from the others.
NormalEquations normalEquations(const Matrix &train, const Standardiser &standardiser, const Eigen::MatrixXd &targets, bool heldOut)
{
    NormalEquations result{Eigen::MatrixXd::Zero(train.columns, train.columns), Eigen::MatrixXd::Zero(train.columns, targets.cols()), 0};
    RowMajor features;
    std::vector<Eigen::Index> within; // rows of the block that count
    for (int64_t first = 0; first < train.rows; first += kRidgeBlock) {
        const int64_t count = std::min(kRidgeBlock, train.rows - first);
        standardiser.block(train, first, count, features);
        within.clear();
        for (int64_t i = 0; i < count; ++i)
            if (((first + i) % 10 == 9) == heldOut)
                within.push_back(i);
        const Eigen::MatrixXd x = features(within, Eigen::all).cast<double>();
        result.gram.noalias() += x.transpose() * x;
        result.moments.noalias() += x.transpose() * targets.middleRows(first, count)(within, Eigen::all);
        result.rows += double(within.size());
    }
    return result;
}

Eigen::MatrixXd solve(const NormalEquations &equations, double ridge)
{
    Eigen::MatrixXd regularised = equations.gram;
    regularised.diagonal().array() += ridge * std::max(1., equations.rows);
    return regularised.ldlt().solve(equations.moments);
}

/// Squared error on the rows behind `equations`, up to their targets' own square: w' G w - 2 w' m for each target.
Eigen::RowVectorXd relativeError(const NormalEquations &equations, const Eigen::MatrixXd &weights)
{
    return (weights.cwiseProduct(equations.gram * weights - 2 * equations.moments)).colwise().sum();
}

/// Each target's weights, at the ridge that does best on a tenth of the rows, fitted again on all.
Eigen::MatrixXd fit(const NormalEquations &kept, const NormalEquations &heldOut)
{
    const NormalEquations all = kept + heldOut;
    Eigen::RowVectorXd best;
    Eigen::MatrixXd weights;
    for (double ridge : kRidges) {
        const Eigen::RowVectorXd error = relativeError(heldOut, solve(kept, ridge));
        const Eigen::MatrixXd candidate = solve(all, ridge);
        if (best.size() == 0) {
            best = error;
            weights = candidate;
        }
        for (Eigen::Index t = 0; t < error.size(); ++t)
            if (error[t] < best[t]) {
                best[t] = error[t];
                weights.col(t) = candidate.col(t);
            }
    }
    return weights;
}

} // namespace

std::vector<double> ridgeR2(const Matrix &train, const Matrix &trainTargets, const Matrix &test, const Matrix &testTargets)
{
    if (train.rows != trainTargets.rows || test.rows != testTargets.rows || trainTargets.columns != testTargets.columns || train.rows < 10)
        throw std::invalid_argument("[ridge regression] " + std::to_string(train.rows) + " training rows with " + std::to_string(trainTargets.rows)
                                    + " targets, " + std::to_string(test.rows) + " test rows with " + std::to_string(testTargets.rows)
                                    + "; at least 10, and as many targets as rows are needed");
    const Standardiser standardiser(train);
    const Eigen::MatrixXd targets = eigen(trainTargets).cast<double>(), truth = eigen(testTargets).cast<double>();
    const Eigen::RowVectorXd mean = targets.colwise().mean();
    const Eigen::MatrixXd centred = targets.rowwise() - mean;
    const Eigen::MatrixXd weights = fit(normalEquations(train, standardiser, centred, false), normalEquations(train, standardiser, centred, true));

    RowMajor features;
    standardiser.block(test, 0, test.rows, features);
    const Eigen::MatrixXd predicted = (features.cast<double>() * weights).rowwise() + mean;
    std::vector<double> r2;
    for (Eigen::Index t = 0; t < truth.cols(); ++t) {
        const double total = (truth.col(t).array() - truth.col(t).mean()).square().sum();
        r2.push_back(total > 0 ? 1 - (truth.col(t) - predicted.col(t)).squaredNorm() / total : 0);
    }
    return r2;
}

} // namespace pretext
