// Embeddings in the plane or in space: their principal components, turned onto the map before, so that a map follows the encoder where the axes of PCA
// alone would flip and swap; or points laid out by their neighbours (maplayout.h).
#pragma once

#include "core/channels/channel.h"

#include <array>

namespace pretext {

/// An orthogonal matrix [d, d], row-major: a rotation, perhaps with a reflection. It acts on rows, p Q.
using AxesTurn = std::vector<double>;
AxesTurn notTurned(int dimensions);

enum class MapMethod { pca, tsne, umap };
struct MapKind
{
    MapMethod method = MapMethod::pca;
    int dimensions = 2; // or 3
    friend auto operator<=>(const MapKind &, const MapKind &) = default;
};

struct EmbeddingMap
{
    int64_t step = 0;
    int64_t of = 0; // the samples are spread evenly over so many held-out ones
    MapKind kind;
    Matrix points;                           // [n, kind.dimensions]
    std::array<double, 3> componentShares{}; // of the embeddings' variance, along each of their first principal components
    AxesTurn turn = notTurned(2);            // from the components to the axes drawn; of a map by PCA

    int64_t samples() const { return points.rows; }
    int64_t sample(int64_t row) const;   // its number in the split
    int64_t rowOf(int64_t sample) const; // -1: not on this map
    /// Share of the variance along an axis as it is drawn, from 0.
    double share(int axis) const;
    /// All embeddings are one point.
    bool collapsed() const { return componentShares[0] == 0; }
    /// Degrees between that axis and the principal component nearest to it, which is `component(axis)`, from 1.
    double degrees(int axis) const;
    int component(int axis) const;
};

/// By PCA: embeddings [n, D] of samples spread evenly over `of`; where they are all alike, every point is the origin. Throws std::runtime_error, a sentence, where a value is not finite or n is below 2.
EmbeddingMap embeddingMap(const Matrix &embeddings, int64_t of, int64_t step, int dimensions = 2);
/// Orthogonal Procrustes (Schoenemann 1966): the Q that makes |points Q - onto| least, both [n, d].
AxesTurn procrustes(const Matrix &points, const Matrix &onto);
/// Two maps of the same samples, the second turned onto the first: how far each sample moved.
struct MapDifference
{
    EmbeddingMap turned;      // the second one
    std::vector<float> moved; // of each sample of the first, in its units; NaN where the second does not show it
    double residual = 0;      // root mean square of those: what no rotation and reflection brings together
    double spread = 0;        // root mean square distance of the first one's points from their mean, to hold it against
};
/// Throws std::invalid_argument where the maps are not of one kind, or share fewer than two samples.
MapDifference differenceOf(const EmbeddingMap &first, const EmbeddingMap &second);
/// Turns the map onto another by the samples that both show.
void turnOnto(EmbeddingMap &map, const EmbeddingMap &before);

} // namespace pretext
