// The embedding map's layouts: by t-SNE or UMAP, of embeddings by their angles, as nearest neighbours and scores see them, begun where the map
// before stood.
#pragma once

#include "core/analysis/embeddingmap.h"
#include "core/analysis/layout.h"

#include <functional>
#include <memory>

namespace pretext {

/// embeddings [n, D], finite, and their map by PCA, which says what kind of map it is to be and, where there is none before, where t-SNE begins. From the map before,
/// of the same kind, samples in common keep their places, others begin among their neighbours. `progress` cancels by returning false; null then.
std::unique_ptr<Layout> beginLayout(const Matrix &embeddings, const EmbeddingMap &principal, const EmbeddingMap *before,
                                    const std::function<bool(double)> &progress = {});

} // namespace pretext
