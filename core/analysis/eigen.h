// A Matrix seen by Eigen, without a copy. For .cpp files of the analysis only.
#pragma once

#include "core/channels/channel.h"

#include <Eigen/Core>

namespace pretext {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Eigen::Map<const RowMajor> eigen(const Matrix &m)
{
    return {m.values.data(), m.rows, m.columns};
}
inline Eigen::Map<RowMajor> eigen(Matrix &m)
{
    return {m.values.data(), m.rows, m.columns};
}

} // namespace pretext
