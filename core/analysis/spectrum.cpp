#include "core/analysis/spectrum.h"

#include "core/analysis/alike.h"
#include "core/analysis/covariance.h"
#include "core/analysis/eigen.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

RowMajor unitRows(const Matrix &rows)
{
    RowMajor unit = eigen(rows);
    for (int64_t i = 0; i < unit.rows(); ++i)
        unit.row(i) /= std::max(unit.row(i).norm(), 1e-12f);
    return unit;
}

/// Falling.
Eigen::VectorXd eigenvaluesOf(const Eigen::MatrixXd &symmetric)
{
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(symmetric, Eigen::EigenvaluesOnly).eigenvalues().reverse();
}

/// Of the centred rows with each other, over n: of fewer rows than columns it has the covariance's eigenvalues but for its zeros, and is smaller.
Eigen::MatrixXd productsOf(const Matrix &rows)
{
    Eigen::MatrixXd centred = eigen(rows).cast<double>();
    centred.rowwise() -= centred.colwise().mean().eval();
    return centred * centred.transpose() / double(rows.rows);
}

} // namespace

double alignment(const Matrix &first, const Matrix &second)
{
    if (first.rows != second.rows || first.columns != second.columns || first.rows == 0)
        throw std::invalid_argument("[alignment] first is " + std::to_string(first.rows) + " x " + std::to_string(first.columns) + ", second "
                                    + std::to_string(second.rows) + " x " + std::to_string(second.columns));
    return (unitRows(first) - unitRows(second)).rowwise().squaredNorm().cast<double>().mean();
}

double uniformity(const Matrix &rows)
{
    if (rows.rows < 2)
        throw std::invalid_argument("[uniformity] needs at least 2 rows, not " + std::to_string(rows.rows));
    const RowMajor unit = unitRows(rows);
    constexpr int64_t kBlock = 256;
    const Eigen::ArrayXf squares = unit.rowwise().squaredNorm().array(); // 1, and of a row of zeros 0
    double sum = 0;                                                      // of exp(-2 |x - y|^2) over ordered pairs, each row with itself included
    for (int64_t first = 0; first < rows.rows; first += kBlock) {
        const int64_t count = std::min(kBlock, rows.rows - first);
        const RowMajor cosine = unit.middleRows(first, count) * unit.transpose();
        const auto apart = ((-2 * cosine).array().rowwise() + squares.transpose()).colwise() + squares.segment(first, count);
        sum += (-2.f * apart).exp().rowwise().sum().cast<double>().sum();
    }
    const double n = double(rows.rows);
    return std::log((sum - n) / (n * (n - 1))); // a row lies at no distance from itself
}

std::vector<double> singularValues(const Matrix &rows)
{
    if (rows.rows < 1 || rows.columns < 1)
        throw std::invalid_argument("[singular values] of a matrix of " + std::to_string(rows.rows) + " x " + std::to_string(rows.columns));
    std::vector<double> result(size_t(rows.columns), 0.);
    if (allAlike(rows))
        return result;
    const Eigen::VectorXd variances = rows.rows < rows.columns ? eigenvaluesOf(productsOf(rows)) : eigenvaluesOf(covarianceOf(rows).matrix);
    // Squares below 1e-14 of the largest are rounding.
    for (Eigen::Index i = 0; i < variances.size(); ++i)
        result[size_t(i)] = variances[i] > 1e-14 * variances[0] ? std::sqrt(variances[i]) : 0;
    return result;
}

Matrix unitLength(const Matrix &rows)
{
    Matrix unit = rows;
    eigen(unit) = unitRows(rows);
    return unit;
}

double rankMe(const Matrix &rows)
{
    if (rows.rows < 1 || rows.columns < 1)
        throw std::invalid_argument("[rankme] of a matrix of " + std::to_string(rows.rows) + " x " + std::to_string(rows.columns));
    constexpr double kEpsilon = 1e-7;
    const Eigen::MatrixXd values = eigen(rows).cast<double>();
    const Eigen::MatrixXd square = rows.rows < rows.columns ? Eigen::MatrixXd(values * values.transpose()) : Eigen::MatrixXd(values.transpose() * values);
    const Eigen::VectorXd singular = eigenvaluesOf(square).cwiseMax(0).cwiseSqrt();
    const double sum = singular.sum();
    if (!(sum > 0))
        return sum == 0 ? 0 : sum; // all rows 0, or NaN
    const Eigen::ArrayXd shares = singular.array() / sum + kEpsilon;
    return std::exp(-(shares * shares.log()).sum());
}

std::optional<double> alphaReq(const std::vector<double> &singularValues)
{
    constexpr size_t kFirst = 3, kLast = 100, kLeast = 8;
    const size_t usable = size_t(std::ranges::count_if(singularValues, [](double value) { return value > 0; }));
    const size_t last = std::min(kLast, usable / 2);
    if (last < kFirst + kLeast - 1)
        return {};
    double weights = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t j = kFirst; j <= last; ++j) {
        const double weight = 1 / double(j), index = std::log(double(j)), eigenvalue = 2 * std::log(singularValues[j - 1]);
        weights += weight;
        x += weight * index;
        y += weight * eigenvalue;
        xx += weight * index * index;
        xy += weight * index * eigenvalue;
    }
    return -(weights * xy - x * y) / (weights * xx - x * x);
}

std::vector<double> deviations(const Matrix &rows)
{
    if (rows.rows < 1)
        throw std::invalid_argument("[deviations] of no rows");
    const Eigen::RowVectorXd mean = eigen(rows).cast<double>().colwise().mean();
    Eigen::RowVectorXd squares = Eigen::RowVectorXd::Zero(rows.columns);
    for (int64_t i = 0; i < rows.rows; ++i)
        squares += (eigen(rows).row(i).cast<double>() - mean).cwiseAbs2();
    const Eigen::RowVectorXd result = (squares / double(rows.rows)).cwiseSqrt();
    return {result.begin(), result.end()};
}

double effectiveRank(const std::vector<double> &singularValues)
{
    double sum = 0, entropy = 0;
    for (double value : singularValues)
        sum += value;
    if (!(sum > 0))
        return sum == 0 ? 0 : sum; // all rows equal, or NaN
    for (double value : singularValues)
        if (value > 0)
            entropy -= value / sum * std::log(value / sum);
    return std::exp(entropy);
}

} // namespace pretext
