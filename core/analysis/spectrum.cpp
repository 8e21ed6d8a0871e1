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
    if (allAlike(rows))
        return std::vector<double>(size_t(rows.columns), 0.);
    const Eigen::VectorXd variances = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(covarianceOf(rows).matrix, Eigen::EigenvaluesOnly).eigenvalues().reverse();
    std::vector<double> result(variances.size());
    // Squares below 1e-14 of the largest are rounding.
    for (Eigen::Index i = 0; i < variances.size(); ++i)
        result[i] = variances[i] > 1e-14 * variances[0] ? std::sqrt(variances[i]) : 0;
    return result;
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
