// Health of an embedding: does it keep positives together, spread over the sphere, and use its dimensions?
#pragma once

#include "core/channels/channel.h"

#include <optional>
#include <vector>

namespace pretext {

/// Each row at length 1; one of zeros stays.
Matrix unitLength(const Matrix &rows);

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
/// The same of the rows as they are, not centred, with the paper's 1e-7 added to every share (RankMe: Garrido et al. 2023, eq. 1): the rows' mean is one
/// more direction, and where it is long the number is smaller than the effective rank. The singular values of rows of n are at most n and at most D.
double rankMe(const Matrix &rows);
/// The exponent of the power law j^-alpha that the covariance's eigenvalues fall by (alpha-ReQ: Agrawal et al. 2022): a line through their logarithms over those
/// of j, weighted by 1 / j so that every octave counts alike (Stringer et al. 2019), from the third of them, before which few things hold all, to the hundredth, or the
/// middle of them, behind which too few rows end the fall. No value where that leaves less than eight that are not 0.
std::optional<double> alphaReq(const std::vector<double> &singularValues);
/// The deviation of each dimension, [D].
std::vector<double> deviations(const Matrix &rows);

} // namespace pretext
