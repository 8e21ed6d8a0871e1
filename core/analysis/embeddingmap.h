// Embeddings in the plane: their two principal components, turned onto the map before, so that a map follows the encoder where the axes of PCA
// alone would flip and swap.
#pragma once

#include "core/channels/channel.h"

#include <array>

namespace pretext {

/// An orthogonal matrix [2, 2], row-major: a rotation, perhaps with a reflection. It acts on rows, p Q.
using PlaneTurn = std::array<double, 4>;
inline constexpr PlaneTurn kNotTurned = {1, 0, 0, 1};

struct EmbeddingMap
{
    int64_t step = 0;
    int64_t of = 0;                          // the samples are spread evenly over so many held-out ones
    Matrix points;                           // [n, 2]
    std::array<double, 2> componentShares{}; // of the embeddings' variance, along the first and the second principal component
    PlaneTurn turn = kNotTurned;             // from the components to the axes drawn

    int64_t samples() const { return points.rows; }
    int64_t sample(int64_t row) const;   // its number in the split
    int64_t rowOf(int64_t sample) const; // -1: not on this map
    /// Share of the variance along an axis as it is drawn, 0 or 1.
    double share(int axis) const;
    /// All embeddings are one point.
    bool collapsed() const { return componentShares[0] == 0; }
    /// Degrees between that axis and the principal component nearest to it, which is `component(axis)`, 1 or 2.
    double degrees(int axis) const;
    int component(int axis) const;
};

/// embeddings [n, D] of samples spread evenly over `of`; where they are all alike, every point is the origin. Throws std::runtime_error, a sentence, where a value is not finite or n is below 2.
EmbeddingMap embeddingMap(const Matrix &embeddings, int64_t of, int64_t step);
/// Orthogonal Procrustes (Schoenemann 1966): the Q that makes |points Q - onto| least, both [n, 2].
PlaneTurn procrustes(const Matrix &points, const Matrix &onto);
/// Turns the map onto another by the samples that both show.
void turnOnto(EmbeddingMap &map, const EmbeddingMap &before);

} // namespace pretext
