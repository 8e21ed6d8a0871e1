// Which samples are near which, by Euclidean distance: what both kinds of neighbour maps, t-SNE and UMAP, are laid out from.
#pragma once

#include "core/channels/channel.h"

#include <functional>

namespace pretext {

struct NeighbourGraph
{
    int64_t points = 0;
    int k = 0;
    std::vector<int32_t> neighbours; // [points, k], nearest first, never the point itself
    std::vector<float> distances;    // [points, k]
};
/// Exact, of finite rows [n, D]; k is at most n - 1. `progress` is told the share done and cancels by returning false; the graph is empty then.
/// Throws std::invalid_argument where k or n - 1 is below 1.
NeighbourGraph neighbourGraph(const Matrix &rows, int k, const std::function<bool(double)> &progress = {});

/// A square matrix of which most entries are zero: row i has columns[starts[i]] .. columns[starts[i + 1] - 1], rising.
struct SparseMatrix
{
    std::vector<int64_t> starts; // n + 1
    std::vector<int32_t> columns;
    std::vector<float> values;
    int64_t rows() const { return int64_t(starts.size()) - 1; }
};
/// w + w^T - product * w w^T, entry by entry, of weights [points, k] along the graph: a sum for product 0, a fuzzy union for 1.
SparseMatrix symmetrised(const NeighbourGraph &graph, const std::vector<float> &weights, float product);

/// Gives rows of places [n, d] that are not finite the middle of their placed neighbours, or of all that are placed.
void fillPlaces(Matrix &places, const NeighbourGraph &graph);

} // namespace pretext
