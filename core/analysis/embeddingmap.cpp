#include "core/analysis/embeddingmap.h"

#include "core/analysis/alike.h"
#include "core/analysis/eigen.h"
#include "core/analysis/projection.h"
#include "core/analysis/spread.h"
#include "core/files/said.h"

#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

using Plane = Eigen::Matrix<double, 2, 2, Eigen::RowMajor>;

/// Of all columns together, over n.
double varianceOf(const Matrix &rows, const std::vector<float> &mean)
{
    double sum = 0;
    for (int64_t i = 0; i < rows.rows; ++i)
        for (int64_t d = 0; d < rows.columns; ++d) {
            const double apart = double(rows.at(i, d)) - mean[size_t(d)];
            sum += apart * apart;
        }
    return sum / double(rows.rows);
}

void turnPoints(Matrix &points, const PlaneTurn &q)
{
    for (size_t i = 0; i < points.values.size(); i += 2) {
        const double x = points.values[i], y = points.values[i + 1];
        points.values[i] = float(x * q[0] + y * q[2]);
        points.values[i + 1] = float(x * q[1] + y * q[3]);
    }
}

} // namespace

int64_t EmbeddingMap::sample(int64_t row) const
{
    return spreadIndex(row, samples(), of);
}

int64_t EmbeddingMap::rowOf(int64_t sample) const
{
    return spreadPlace(sample, samples(), of);
}

double EmbeddingMap::share(int axis) const
{
    return turn[axis] * turn[axis] * componentShares[0] + turn[2 + axis] * turn[2 + axis] * componentShares[1];
}

int EmbeddingMap::component(int axis) const
{
    return std::abs(turn[0]) >= std::abs(turn[1]) ? 1 + axis : 2 - axis; // of an orthogonal matrix the other row and column say the same
}

double EmbeddingMap::degrees(int axis) const
{
    const double along = std::abs(turn[2 * (component(axis) - 1) + axis]);
    return std::acos(std::min(1., along)) * 180 / std::numbers::pi;
}

EmbeddingMap embeddingMap(const Matrix &embeddings, int64_t of, int64_t step)
{
    if (embeddings.rows < 2)
        throw std::runtime_error(said("a map needs two held-out samples at least, and there are %1", {embeddings.rows}));
    if (const int64_t spoilt = rowsNotFinite(embeddings); spoilt > 0)
        throw std::runtime_error(said("at step %1 the embeddings of %2 of %3 held-out samples are not finite numbers", {step, spoilt, embeddings.rows}));
    EmbeddingMap map{step, of, {embeddings.rows, 2, std::vector<float>(2 * size_t(embeddings.rows))}};
    if (allAlike(embeddings))
        return map; // one point, and no direction has a share
    const int components = int(std::min<int64_t>({2, embeddings.rows, embeddings.columns}));
    const Pca pca = fitPca(embeddings, components);
    const Matrix projected = project(pca, embeddings);
    eigen(map.points).leftCols(components) = eigen(projected);
    const double total = varianceOf(embeddings, pca.mean);
    for (int c = 0; c < components && total > 0; ++c)
        map.componentShares[c] = std::min(1., pca.variance[c] / total);
    return map;
}

PlaneTurn procrustes(const Matrix &points, const Matrix &onto)
{
    const Plane product = eigen(points).cast<double>().transpose() * eigen(onto).cast<double>();
    if (!product.allFinite())
        return kNotTurned;
    const Eigen::JacobiSVD<Eigen::Matrix2d> svd(product, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Plane q = svd.matrixU() * svd.matrixV().transpose();
    return {q(0, 0), q(0, 1), q(1, 0), q(1, 1)};
}

void turnOnto(EmbeddingMap &map, const EmbeddingMap &before)
{
    Matrix mine{0, 2, {}}, theirs{0, 2, {}};
    for (int64_t row = 0; row < map.samples() && map.of == before.of; ++row) {
        const int64_t other = before.rowOf(map.sample(row));
        if (other < 0)
            continue;
        mine.values.insert(mine.values.end(), {map.points.at(row, 0), map.points.at(row, 1)});
        theirs.values.insert(theirs.values.end(), {before.points.at(other, 0), before.points.at(other, 1)});
        ++mine.rows;
        ++theirs.rows;
    }
    if (mine.rows < 2)
        return;
    map.turn = procrustes(mine, theirs);
    turnPoints(map.points, map.turn);
}

} // namespace pretext
