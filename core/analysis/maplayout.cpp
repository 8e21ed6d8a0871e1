#include "core/analysis/maplayout.h"

#include "core/analysis/eigen.h"
#include "core/analysis/neighbourgraph.h"
#include "core/analysis/spectralstart.h"
#include "core/analysis/spectrum.h"
#include "core/analysis/tsne.h"
#include "core/analysis/umap.h"

#include <algorithm>
#include <limits>

namespace pretext {

namespace {

constexpr double kMapPerplexity = 30;
constexpr int kWarmIterations = 150, kWarmEpochs = 80;

/// Where samples were on the map before; NaN of those that it does not show. Empty where it shows none of them, or is of another kind.
Matrix placesBefore(const EmbeddingMap &now, const EmbeddingMap *before)
{
    if (!before || before->kind != now.kind || before->of != now.of)
        return {};
    Matrix places{now.samples(), now.points.columns, std::vector<float>(now.points.values.size(), std::numeric_limits<float>::quiet_NaN())};
    bool any = false;
    for (int64_t row = 0; row < now.samples(); ++row)
        if (const int64_t there = before->rowOf(now.sample(row)); there >= 0) {
            eigen(places).row(row) = eigen(before->points).row(there);
            any = true;
        }
    return any ? places : Matrix();
}

} // namespace

std::unique_ptr<Layout> beginLayout(const Matrix &embeddings, const EmbeddingMap &principal, const EmbeddingMap *before,
                                    const std::function<bool(double)> &progress)
{
    const bool tsne = principal.kind.method == MapMethod::tsne;
    const double perplexity = std::clamp(double(embeddings.rows - 1) / 3, 1., kMapPerplexity);
    const Matrix rows = unitLength(embeddings);
    const NeighbourGraph graph = neighbourGraph(rows, tsne ? tsneNeighbours(perplexity) : kUmapNeighbours, progress);
    if (graph.neighbours.empty())
        return nullptr;
    Matrix start = placesBefore(principal, before);
    const bool warm = start.rows > 0;
    if (warm)
        fillPlaces(start, graph);
    if (tsne)
        return std::make_unique<Tsne>(tsneAffinities(graph, perplexity), warm ? start : tsneStart(principal.points),
                                      warm ? warmTsne(kWarmIterations) : TsneOptions());
    const SparseMatrix memberships = fuzzySet(graph);
    if (!warm)
        start = spectralStart(memberships, rows, int(principal.points.columns), progress);
    if (start.rows == 0)
        return nullptr;
    return std::make_unique<Umap>(memberships, start, warm ? warmUmap(kWarmEpochs) : UmapOptions());
}

} // namespace pretext
