#include "core/analysis/covariance.h"

#include "core/analysis/eigen.h"

#include <algorithm>

namespace pretext {

Covariance covarianceOf(const Matrix &rows)
{
    constexpr int64_t kBlock = 1024;
    Covariance result{Eigen::VectorXd::Zero(rows.columns), Eigen::MatrixXd::Zero(rows.columns, rows.columns)};
    for (int64_t i = 0; i < rows.rows; ++i)
        result.mean += eigen(rows).row(i).transpose().cast<double>();
    result.mean /= double(std::max<int64_t>(1, rows.rows));
    using RowMajorDouble = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    for (int64_t first = 0; first < rows.rows; first += kBlock) {
        const int64_t count = std::min(kBlock, rows.rows - first);
        const RowMajorDouble centred = eigen(rows).middleRows(first, count).cast<double>().rowwise() - result.mean.transpose();
        result.matrix.noalias() += centred.transpose() * centred;
    }
    result.matrix /= double(std::max<int64_t>(1, rows.rows));
    return result;
}

} // namespace pretext
