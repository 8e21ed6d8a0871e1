#include "core/analysis/neighbourgraph.h"

#include "core/analysis/eigen.h"
#include "core/analysis/knn.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

/// Around their mean, where products of rows lose the fewest digits.
Matrix centredRows(const Matrix &rows)
{
    Matrix centred = rows;
    const Eigen::RowVectorXf mean = eigen(rows).cast<double>().colwise().mean().cast<float>();
    eigen(centred).rowwise() -= mean;
    return centred;
}

/// The search finds candidates by products; their distances, and so their order, come from differences.
void takeNearest(const Matrix &rows, const Neighbours &found, int64_t point, NeighbourGraph &graph)
{
    std::vector<std::pair<float, int32_t>> near;
    for (int n = 0; n < found.k; ++n)
        if (const int32_t other = found.indices[size_t(point * found.k + n)]; other >= 0 && other != point)
            near.emplace_back((eigen(rows).row(point) - eigen(rows).row(other)).norm(), other);
    std::sort(near.begin(), near.end());
    for (int n = 0; n < graph.k; ++n) {
        graph.distances[size_t(point * graph.k + n)] = near[size_t(n)].first;
        graph.neighbours[size_t(point * graph.k + n)] = near[size_t(n)].second;
    }
}

struct BothWays
{
    int32_t column;
    float there, back;
};

/// Of every row its own weights, and those that others give it.
std::vector<std::vector<BothWays>> bothWays(const NeighbourGraph &graph, const std::vector<float> &weights)
{
    std::vector<std::vector<BothWays>> rows(size_t(graph.points));
    for (int64_t i = 0; i < graph.points; ++i)
        for (int64_t at = i * graph.k; at < (i + 1) * graph.k; ++at) {
            const int32_t j = graph.neighbours[size_t(at)];
            rows[size_t(i)].push_back({j, weights[size_t(at)], 0});
            rows[size_t(j)].push_back({int32_t(i), 0, weights[size_t(at)]});
        }
    return rows;
}

bool isPlaced(const Matrix &places, int64_t row)
{
    return eigen(places).row(row).allFinite();
}

} // namespace

NeighbourGraph neighbourGraph(const Matrix &rows, int k, const std::function<bool(double)> &progress)
{
    if (k < 1 || rows.rows < 2)
        throw std::invalid_argument("[neighbour graph] needs two rows and one neighbour at least, not " + std::to_string(rows.rows) + " and "
                                    + std::to_string(k));
    NeighbourGraph graph{rows.rows, int(std::min<int64_t>(k, rows.rows - 1)), {}, {}};
    const Matrix centred = centredRows(rows);
    bool cancelled = false;
    const Neighbours found = nearestByDistance(centred, centred, graph.k + 1, [&](double share) {
        cancelled |= progress && !progress(share);
        return !cancelled;
    });
    if (cancelled)
        return {};
    graph.neighbours.resize(size_t(graph.points * graph.k));
    graph.distances.resize(graph.neighbours.size());
#pragma omp parallel for
    for (int64_t i = 0; i < graph.points; ++i)
        takeNearest(centred, found, i, graph);
    return graph;
}

SparseMatrix symmetrised(const NeighbourGraph &graph, const std::vector<float> &weights, float product)
{
    SparseMatrix result;
    result.starts.push_back(0);
    for (std::vector<BothWays> &row : bothWays(graph, weights)) {
        std::sort(row.begin(), row.end(), [](const BothWays &a, const BothWays &b) { return a.column < b.column; });
        for (size_t at = 0; at < row.size(); ++at) {
            float there = row[at].there, back = row[at].back;
            if (at + 1 < row.size() && row[at + 1].column == row[at].column) {
                ++at;
                there += row[at].there;
                back += row[at].back;
            }
            result.columns.push_back(row[at].column);
            result.values.push_back(there + back - product * there * back);
        }
        result.starts.push_back(int64_t(result.columns.size()));
    }
    return result;
}

void fillPlaces(Matrix &places, const NeighbourGraph &graph)
{
    std::vector<int64_t> unplaced;
    Eigen::RowVectorXf middle = Eigen::RowVectorXf::Zero(places.columns);
    for (int64_t i = 0; i < places.rows; ++i)
        if (isPlaced(places, i))
            middle += eigen(places).row(i);
        else
            unplaced.push_back(i);
    middle /= float(std::max<int64_t>(1, places.rows - int64_t(unplaced.size())));
    const Matrix before = places;
    for (const int64_t i : unplaced) {
        Eigen::RowVectorXf sum = Eigen::RowVectorXf::Zero(places.columns);
        int count = 0;
        for (int n = 0; n < graph.k; ++n)
            if (const int32_t j = graph.neighbours[size_t(i * graph.k + n)]; isPlaced(before, j)) {
                sum += eigen(before).row(j);
                ++count;
            }
        eigen(places).row(i) = count > 0 ? Eigen::RowVectorXf(sum / float(count)) : middle;
    }
}

} // namespace pretext
