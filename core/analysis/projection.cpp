#include "core/analysis/projection.h"

#include "core/analysis/alike.h"
#include "core/analysis/covariance.h"
#include "core/analysis/eigen.h"

#include <Eigen/Eigenvalues>
#include <Spectra/MatOp/DenseSymMatProd.h>
#include <Spectra/SymEigsSolver.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

struct Eigenpairs
{
    Eigen::VectorXd values;
    Eigen::MatrixXd vectors;
}; // falling, a column each

/// By Lanczos; none where it does not converge, as on a matrix of less rank than k.
std::optional<Eigenpairs> fewEigenpairs(const Eigen::MatrixXd &symmetric, int k)
{
    Spectra::DenseSymMatProd<double> product(symmetric);
    Spectra::SymEigsSolver<Spectra::DenseSymMatProd<double>> solver(product, k, std::min(int(symmetric.rows()), 3 * k + 20));
    try {
        solver.init();
        if (solver.compute(Spectra::SortRule::LargestAlge) == k && solver.eigenvectors().allFinite())
            return Eigenpairs{solver.eigenvalues(), solver.eigenvectors()};
    } catch (const std::exception &) { // of a decomposition within
    }
    return {};
}

/// The k largest. A full decomposition costs D^3 whatever k is, so Lanczos where few of many are wanted.
Eigenpairs largestEigenpairs(const Eigen::MatrixXd &symmetric, int k)
{
    const int size = int(symmetric.rows());
    if (size > 512 && 3 * k + 20 < size)
        if (auto pairs = fewEigenpairs(symmetric, k))
            return std::move(*pairs);
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
    return {solver.eigenvalues().reverse().head(k), solver.eigenvectors().rowwise().reverse().leftCols(k)};
}

/// Of rows that are all alike: no variance along the first axes.
Eigenpairs noVariance(int64_t columns, int k)
{
    return {Eigen::VectorXd::Zero(k), Eigen::MatrixXd::Identity(columns, k)};
}

} // namespace

Pca fitPca(const Matrix &rows, int components)
{
    if (components < 1 || components > std::min(rows.rows, rows.columns))
        throw std::invalid_argument("[pca] " + std::to_string(components) + " components asked of " + std::to_string(rows.rows) + " x "
                                    + std::to_string(rows.columns) + " values");
    const Covariance covariance = covarianceOf(rows);
    const Eigenpairs pairs = allAlike(rows) ? noVariance(rows.columns, components) : largestEigenpairs(covariance.matrix, components);

    Pca pca{std::vector<float>(covariance.mean.begin(), covariance.mean.end()), {components, rows.columns, {}}, {}};
    pca.components.values.resize(components * rows.columns);
    for (int c = 0; c < components; ++c) {
        Eigen::VectorXd axis = pairs.vectors.col(c);
        Eigen::Index largest;
        axis.cwiseAbs().maxCoeff(&largest);
        if (axis[largest] < 0)
            axis = -axis;
        eigen(pca.components).row(c) = axis.transpose().cast<float>();
        pca.variance.push_back(float(std::max(0., pairs.values[c])));
    }
    return pca;
}

Matrix project(const Pca &pca, const Matrix &rows)
{
    if (rows.columns != pca.components.columns)
        throw std::invalid_argument("[pca] fitted on " + std::to_string(pca.components.columns) + " columns, asked to project " + std::to_string(rows.columns));
    Matrix result{rows.rows, pca.components.rows, std::vector<float>(rows.rows * pca.components.rows)};
    const Eigen::Map<const Eigen::RowVectorXf> mean(pca.mean.data(), pca.mean.size());
    constexpr int64_t kBlock = 1024; // keeps the centred copy small
    for (int64_t first = 0; first < rows.rows; first += kBlock) {
        const int64_t count = std::min(kBlock, rows.rows - first);
        const RowMajor centred = eigen(rows).middleRows(first, count).rowwise() - mean;
        eigen(result).middleRows(first, count).noalias() = centred * eigen(pca.components).transpose();
    }
    return result;
}

} // namespace pretext
