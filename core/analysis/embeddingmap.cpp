#include "core/analysis/embeddingmap.h"

#include "core/analysis/alike.h"
#include "core/analysis/eigen.h"
#include "core/analysis/projection.h"
#include "core/analysis/spread.h"
#include "core/files/said.h"

#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

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

void turnPoints(Matrix &points, const AxesTurn &turn)
{
    const Eigen::Map<const Square> q(turn.data(), points.columns, points.columns);
    eigen(points) = (eigen(points).cast<double>() * q).cast<float>().eval();
}

} // namespace

AxesTurn notTurned(int dimensions)
{
    AxesTurn turn(size_t(dimensions * dimensions), 0.);
    for (int c = 0; c < dimensions; ++c)
        turn[size_t(c * dimensions + c)] = 1;
    return turn;
}

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
    double sum = 0;
    for (int c = 0; c < kind.dimensions; ++c)
        sum += turn[size_t(c * kind.dimensions + axis)] * turn[size_t(c * kind.dimensions + axis)] * componentShares[size_t(c)];
    return sum;
}

int EmbeddingMap::component(int axis) const
{
    int nearest = 0;
    for (int c = 1; c < kind.dimensions; ++c)
        if (std::abs(turn[size_t(c * kind.dimensions + axis)]) > std::abs(turn[size_t(nearest * kind.dimensions + axis)]))
            nearest = c;
    return nearest + 1;
}

double EmbeddingMap::degrees(int axis) const
{
    const double along = std::abs(turn[size_t((component(axis) - 1) * kind.dimensions + axis)]);
    return std::acos(std::min(1., along)) * 180 / std::numbers::pi;
}

EmbeddingMap embeddingMap(const Matrix &embeddings, int64_t of, int64_t step, int dimensions)
{
    if (embeddings.rows < 2)
        throw std::runtime_error(said("a map needs two held-out samples at least, and there are %1", {embeddings.rows}));
    if (const int64_t spoilt = rowsNotFinite(embeddings); spoilt > 0)
        throw std::runtime_error(said("at step %1 the embeddings of %2 of %3 held-out samples are not finite numbers", {step, spoilt, embeddings.rows}));
    EmbeddingMap map;
    map.step = step;
    map.of = of;
    map.kind.dimensions = dimensions;
    map.points = {embeddings.rows, dimensions, std::vector<float>(size_t(dimensions) * size_t(embeddings.rows))};
    map.turn = notTurned(dimensions);
    if (allAlike(embeddings))
        return map; // one point, and no direction has a share
    const int components = int(std::min<int64_t>({dimensions, embeddings.rows, embeddings.columns}));
    const Pca pca = fitPca(embeddings, components);
    const Matrix projected = project(pca, embeddings);
    eigen(map.points).leftCols(components) = eigen(projected);
    const double total = varianceOf(embeddings, pca.mean);
    for (int c = 0; c < components && total > 0; ++c)
        map.componentShares[c] = std::min(1., pca.variance[c] / total);
    return map;
}

AxesTurn procrustes(const Matrix &points, const Matrix &onto)
{
    const Eigen::MatrixXd product = eigen(points).cast<double>().transpose() * eigen(onto).cast<double>();
    if (!product.allFinite())
        return notTurned(int(points.columns));
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(product, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Square q = svd.matrixU() * svd.matrixV().transpose();
    return {q.data(), q.data() + q.size()};
}

void turnOnto(EmbeddingMap &map, const EmbeddingMap &before)
{
    const int64_t d = map.points.columns;
    Matrix mine{0, d, {}}, theirs{0, d, {}};
    for (int64_t row = 0; row < map.samples() && map.of == before.of && before.points.columns == d; ++row) {
        const int64_t other = before.rowOf(map.sample(row));
        if (other < 0)
            continue;
        mine.values.insert(mine.values.end(), &map.points.values[size_t(row * d)], &map.points.values[size_t(row * d)] + d);
        theirs.values.insert(theirs.values.end(), &before.points.values[size_t(other * d)], &before.points.values[size_t(other * d)] + d);
        ++mine.rows;
        ++theirs.rows;
    }
    if (mine.rows < 2)
        return;
    const AxesTurn more = procrustes(mine, theirs), first = map.turn;
    for (int64_t r = 0; r < d; ++r)
        for (int64_t c = 0; c < d; ++c) {
            double &sum = map.turn[size_t(r * d + c)] = 0;
            for (int64_t k = 0; k < d; ++k)
                sum += first[size_t(r * d + k)] * more[size_t(k * d + c)];
        }
    turnPoints(map.points, more);
}

MapDifference differenceOf(const EmbeddingMap &first, const EmbeddingMap &second)
{
    if (first.kind != second.kind)
        throw std::invalid_argument(said("maps of two kinds are not compared"));
    const int64_t d = first.points.columns;
    MapDifference difference{second, std::vector<float>(size_t(first.samples()), std::numeric_limits<float>::quiet_NaN()), 0, 0};
    turnOnto(difference.turned, first);
    std::vector<double> mean(size_t(d), 0.);
    for (int64_t row = 0; row < first.samples(); ++row)
        for (int64_t c = 0; c < d; ++c)
            mean[size_t(c)] += double(first.points.at(row, c)) / double(first.samples());
    int64_t shared = 0;
    for (int64_t row = 0; row < first.samples(); ++row) {
        double fromMean = 0, moved = 0;
        const int64_t other = first.of == second.of ? second.rowOf(first.sample(row)) : -1;
        for (int64_t c = 0; c < d; ++c) {
            const double here = first.points.at(row, c);
            fromMean += (here - mean[size_t(c)]) * (here - mean[size_t(c)]);
            if (other >= 0)
                moved += (difference.turned.points.at(other, c) - here) * (difference.turned.points.at(other, c) - here);
        }
        difference.spread += fromMean;
        if (other < 0)
            continue;
        ++shared;
        difference.residual += moved;
        difference.moved[size_t(row)] = float(std::sqrt(moved));
    }
    if (shared < 2)
        throw std::invalid_argument(said("the two maps share %1 samples, and two are needed at least", {shared}));
    difference.residual = std::sqrt(difference.residual / double(shared));
    difference.spread = std::sqrt(difference.spread / double(first.samples()));
    return difference;
}

} // namespace pretext
