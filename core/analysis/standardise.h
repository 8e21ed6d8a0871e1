// Mean 0 and deviation 1 per column, as fitted on training rows. For .cpp files of the analysis only.
#pragma once

#include "core/analysis/eigen.h"

namespace pretext {

class Standardiser
{
public:
    explicit Standardiser(const Matrix &rows);
    /// Rows [first, first + count), standardised. A column that does not vary becomes zero.
    void block(const Matrix &rows, int64_t first, int64_t count, RowMajor &result) const;

private:
    Eigen::RowVectorXf m_mean, m_scale;
};

} // namespace pretext
