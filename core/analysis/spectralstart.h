// Where UMAP begins, as umap-learn does: the eigenvectors of the graph's normalised Laplacian (Laplacian eigenmaps, Belkin and Niyogi 2003), which hold
// what is connected together and tell apart what hardly is. A graph in several parts has such a map for each, the parts laid out by their middles.
#pragma once

#include "core/analysis/neighbourgraph.h"

#include <functional>

namespace pretext {

/// Of a symmetric graph with weights above 0, in which all is connected, the eigenvectors [n, d] of I - D^-1/2 W D^-1/2 that belong to the smallest
/// eigenvalues but the first, each of length 1, its largest entry positive; of fewer than d + 2 points those that there are, and zeros. `progress` cancels by returning false; no rows then.
Matrix laplacianEigenmap(const SparseMatrix &graph, int dimensions, const std::function<bool(double)> &progress = {});

/// The part that each point is connected with, in the order of their first points.
std::vector<int> connectedParts(const SparseMatrix &graph);

/// [n, d], each dimension from 0 to 10. `rows` [n, D] are what the graph is of. Cancels as above.
Matrix spectralStart(const SparseMatrix &graph, const Matrix &rows, int dimensions, const std::function<bool(double)> &progress = {});

} // namespace pretext
