// Mean and covariance of rows, in double: a collapsing embedding's small variances would drown in float's rounding. For .cpp files of the
// analysis only.
#pragma once

#include "core/channels/channel.h"

#include <Eigen/Core>

namespace pretext {

struct Covariance
{
    Eigen::VectorXd mean;   // [D]
    Eigen::MatrixXd matrix; // [D, D], over n (not n - 1)
};
Covariance covarianceOf(const Matrix &rows);

} // namespace pretext
