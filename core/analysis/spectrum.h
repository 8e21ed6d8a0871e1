// Health of an embedding: does it keep positives together, spread over the sphere, and use its dimensions?
#pragma once

#include "core/channels/channel.h"

namespace pretext {

/// Mean squared distance of positives on the unit sphere (Wang and Isola 2020, eq. 1, alpha 2): 0 is perfect. Rows are normalised first.
double alignment(const Matrix &first, const Matrix &second);
/// log of the mean of exp(-2 |x - y|^2) over pairs of different rows on the unit sphere (ibid., eq. 2): lower is more even, 0 is one point.
double uniformity(const Matrix &rows);
/// Singular values of the centred rows over sqrt(rows), falling; all 0 where the rows are all alike.
std::vector<double> singularValues(const Matrix &rows);
/// exp of the entropy of the singular values' shares (Roy and Vetterli 2007): 1 is one direction, D is all alike, 0 is no direction: one point.
double effectiveRank(const std::vector<double> &singularValues);
inline double effectiveRank(const Matrix &rows)
{
    return effectiveRank(singularValues(rows));
}

} // namespace pretext
