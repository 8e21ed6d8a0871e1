#include "core/analysis/standardise.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext {

Standardiser::Standardiser(const Matrix &rows)
{
    const double n = double(std::max<int64_t>(1, rows.rows));
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(rows.columns), squares = sum;
    for (int64_t i = 0; i < rows.rows; ++i)
        sum += eigen(rows).row(i).cast<double>();
    m_mean = (sum / n).cast<float>();
    for (int64_t i = 0; i < rows.rows; ++i)
        squares += (eigen(rows).row(i) - m_mean).cast<double>().array().square().matrix();
    m_scale.resize(rows.columns);
    for (int64_t c = 0; c < rows.columns; ++c) {
        const double deviation = std::sqrt(squares[c] / n);
        m_scale[c] = deviation > 1e-6 * std::max(1.f, std::abs(m_mean[c])) ? float(1 / deviation) : 0.f;
    }
}

void Standardiser::block(const Matrix &rows, int64_t first, int64_t count, RowMajor &result) const
{
    if (rows.columns != m_mean.size())
        throw std::invalid_argument("[standardise] fitted on " + std::to_string(m_mean.size()) + " columns, given " + std::to_string(rows.columns));
    result = (eigen(rows).middleRows(first, count).rowwise() - m_mean).array().rowwise() * m_scale.array();
}

} // namespace pretext
