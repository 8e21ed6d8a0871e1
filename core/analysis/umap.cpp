// One point after the other moves, so that a map does not depend on how threads meet.
#include "core/analysis/umap.h"

#include "core/tensor/random.h"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

constexpr float kMostMove = 4, kLeastRate = 0.02f;

/// Distance to the nearest neighbour that is not at the same place.
double nearestApart(const float *distances, int k)
{
    for (int n = 0; n < k; ++n)
        if (distances[n] > 0)
            return distances[n];
    return 0;
}

/// Memberships of a point's neighbours, of sum log2(k).
void membershipsOf(const float *distances, int k, float *weights)
{
    const double nearest = nearestApart(distances, k), wanted = std::log2(double(k));
    double low = 0, high = std::numeric_limits<double>::infinity(), width = 1;
    for (int trial = 0; trial < 100; ++trial) {
        double sum = 0;
        for (int n = 0; n < k; ++n) {
            weights[n] = float(std::exp(-std::max(0., distances[n] - nearest) / width));
            sum += weights[n];
        }
        if (std::abs(sum - wanted) < 1e-5)
            return;
        (sum > wanted ? high : low) = width;
        width = std::isinf(high) ? 2 * width : (low + high) / 2;
    }
}

float limited(float move)
{
    return std::clamp(move, -kMostMove, kMostMove);
}

} // namespace

UmapOptions warmUmap(int iterations)
{
    UmapOptions options;
    options.iterations = iterations;
    options.rate = 0.25;
    return options;
}

SparseMatrix fuzzySet(const NeighbourGraph &graph)
{
    std::vector<float> weights(graph.distances.size());
#pragma omp parallel for
    for (int64_t i = 0; i < graph.points; ++i)
        membershipsOf(&graph.distances[size_t(i * graph.k)], graph.k, &weights[size_t(i * graph.k)]);
    return symmetrised(graph, weights, 1);
}

/// By Gauss-Newton, of which each step is halved until it helps.
UmapCurve umapCurve(double leastDistance)
{
    constexpr int kPlaces = 300;
    constexpr double kReach = 3;
    const auto sumAt = [&](const UmapCurve &curve, Eigen::Matrix2d *normal, Eigen::Vector2d *slope) {
        double sum = 0;
        for (int i = 0; i < kPlaces; ++i) {
            const double d = kReach * i / (kPlaces - 1), wanted = d < leastDistance ? 1 : std::exp(leastDistance - d);
            const double power = std::pow(d, 2 * curve.b), value = 1 / (1 + curve.a * power), apart = wanted - value;
            sum += apart * apart;
            const Eigen::Vector2d by = -value * value * power * Eigen::Vector2d(1, d > 0 ? 2 * curve.a * std::log(d) : 0);
            if (normal) {
                *normal += by * by.transpose();
                *slope += by * apart;
            }
        }
        return sum;
    };
    UmapCurve curve{1, 1};
    for (int trial = 0; trial < 100; ++trial) {
        Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
        Eigen::Vector2d slope = Eigen::Vector2d::Zero();
        const double sum = sumAt(curve, &normal, &slope);
        Eigen::Vector2d step = normal.inverse() * slope;
        UmapCurve next{curve.a + step[0], curve.b + step[1]};
        for (int half = 0; half < 40 && !(next.a > 0 && next.b > 0 && sumAt(next, nullptr, nullptr) <= sum); ++half) {
            step /= 2;
            next = {curve.a + step[0], curve.b + step[1]};
        }
        curve = next;
        if (step.norm() < 1e-10)
            break;
    }
    return curve;
}

Umap::Umap(const SparseMatrix &memberships, const Matrix &start, const UmapOptions &options)
    : Layout(options.iterations > 0 ? options.iterations
             : start.rows > 10000   ? 200
                                    : 500)
    , m_options(options)
    , m_points(start)
{
    if (memberships.rows() != start.rows)
        throw std::invalid_argument("[UMAP] memberships of " + std::to_string(memberships.rows()) + " points, and a start of " + std::to_string(start.rows));
    const UmapCurve curve = umapCurve(options.leastDistance);
    m_a = float(curve.a);
    m_b = float(curve.b);
    const float strongest = memberships.values.empty() ? 0 : *std::max_element(memberships.values.begin(), memberships.values.end());
    for (int64_t i = 0; i < memberships.rows(); ++i)
        for (int64_t at = memberships.starts[size_t(i)]; at < memberships.starts[size_t(i + 1)]; ++at)
            if (const float apart = strongest / memberships.values[size_t(at)]; apart <= float(planned()))
                m_edges.push_back({int32_t(i), memberships.columns[size_t(at)], apart, apart});
}

void Umap::attract(const Edge &edge, float rate)
{
    float *from = &m_points.values[size_t(edge.from * m_points.columns)], *to = &m_points.values[size_t(edge.to * m_points.columns)];
    float squared = 0;
    for (int64_t c = 0; c < m_points.columns; ++c)
        squared += (from[c] - to[c]) * (from[c] - to[c]);
    if (squared <= 0)
        return;
    const float power = std::pow(squared, m_b), pull = -2 * m_a * m_b * power / squared / (1 + m_a * power);
    for (int64_t c = 0; c < m_points.columns; ++c) {
        const float move = rate * limited(pull * (from[c] - to[c]));
        from[c] += move;
        to[c] -= move;
    }
}

void Umap::drive(int32_t point, int32_t away, float rate)
{
    float *own = &m_points.values[size_t(point * m_points.columns)];
    const float *other = &m_points.values[size_t(away * m_points.columns)];
    float squared = 0;
    for (int64_t c = 0; c < m_points.columns; ++c)
        squared += (own[c] - other[c]) * (own[c] - other[c]);
    if (squared <= 0)
        return; // no way is away
    const float push = 2 * m_b / ((0.001f + squared) * (1 + m_a * std::pow(squared, m_b)));
    for (int64_t c = 0; c < m_points.columns; ++c)
        own[c] += rate * limited(push * (own[c] - other[c]));
}

void Umap::run(int iterations)
{
    for (const int end = m_iteration + iterations; m_iteration < end; ++m_iteration) {
        Random random(3, uint32_t(m_iteration));
        const float rate = std::max(kLeastRate, float(m_options.rate * (1 - double(m_iteration) / planned())));
        for (Edge &edge : m_edges) {
            if (edge.next > float(m_iteration + 1))
                continue;
            edge.next += edge.apart;
            attract(edge, rate);
            for (int n = 0; n < m_options.negatives; ++n)
                if (const int32_t other = int32_t(random.below(uint32_t(m_points.rows))); other != edge.from)
                    drive(edge.from, other, rate);
        }
    }
}

} // namespace pretext
