// Gradient descent with momentum and a gain for each coordinate, at the settings of scikit-learn's TSNE, whose maps ours are held against.
#include "core/analysis/tsne.h"

#include "core/analysis/eigen.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

constexpr double kStartDeviation = 1e-4;
constexpr float kEarlyMomentum = 0.5f, kMomentum = 0.8f, kLeastGain = 0.01f;

/// A row's weights for squared distances, of sum 1, with the entropy asked for.
void calibrate(const float *distances, int k, double entropy, float *weights)
{
    constexpr double kTolerance = 1e-5;
    double precision = 1, low = 0, high = std::numeric_limits<double>::infinity();
    const double nearest = double(distances[0]) * distances[0];
    for (int trial = 0; trial < 200; ++trial) {
        double sum = 0, moment = 0;
        for (int n = 0; n < k; ++n) {
            const double beyond = double(distances[n]) * distances[n] - nearest, weight = std::exp(-beyond * precision);
            weights[n] = float(weight);
            sum += weight;
            moment += beyond * weight;
        }
        for (int n = 0; n < k; ++n)
            weights[n] /= float(sum);
        const double apart = std::log(sum) + precision * moment / sum - entropy;
        if (std::abs(apart) <= kTolerance || !std::isfinite(precision))
            return;
        (apart > 0 ? low : high) = precision; // too even: narrower
        precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
    }
}

} // namespace

TsneOptions warmTsne(int iterations)
{
    TsneOptions options;
    options.iterations = iterations;
    options.exaggerated = 0;
    return options;
}

int tsneNeighbours(double perplexity)
{
    return int(3 * perplexity) + 1;
}

SparseMatrix tsneAffinities(const NeighbourGraph &graph, double perplexity)
{
    std::vector<float> weights(graph.distances.size());
    const double entropy = std::log(std::min(perplexity, double(graph.k)));
#pragma omp parallel for
    for (int64_t i = 0; i < graph.points; ++i)
        calibrate(&graph.distances[size_t(i * graph.k)], graph.k, entropy, &weights[size_t(i * graph.k)]);
    SparseMatrix affinities = symmetrised(graph, weights, 0);
    double sum = 0;
    for (const float value : affinities.values)
        sum += value;
    for (float &value : affinities.values)
        value = float(value / sum);
    return affinities;
}

Matrix tsneStart(const Matrix &principal)
{
    Matrix start = principal;
    const Eigen::VectorXd first = eigen(principal).col(0).cast<double>();
    const double deviation = std::sqrt((first.array() - first.mean()).square().mean());
    if (deviation > 0) {
        eigen(start) *= float(kStartDeviation / deviation);
        return start;
    }
    Random random(1);
    for (float &value : start.values)
        value = float(kStartDeviation) * random.normal();
    return start;
}

double tsneDivergence(const SparseMatrix &affinities, const Matrix &points)
{
    double norm = 0, divergence = 0;
    const auto distance = [&](int64_t i, int64_t j) { return (eigen(points).row(i).cast<double>() - eigen(points).row(j).cast<double>()).squaredNorm(); };
#pragma omp parallel for reduction(+ : norm, divergence)
    for (int64_t i = 0; i < points.rows; ++i) {
        for (int64_t j = 0; j < i; ++j)
            norm += 2 / (1 + distance(i, j));
        for (int64_t at = affinities.starts[size_t(i)]; at < affinities.starts[size_t(i + 1)]; ++at)
            if (const double p = affinities.values[size_t(at)]; p > 0)
                divergence += p * std::log(p * (1 + distance(i, affinities.columns[size_t(at)])));
    }
    return divergence + std::log(norm);
}

Tsne::Tsne(SparseMatrix affinities, const Matrix &start, const TsneOptions &options)
    : Layout(options.iterations)
    , m_affinities(std::move(affinities))
    , m_options(options)
    , m_dimensions(int(start.columns))
    , m_rate(float(std::max(double(start.rows) / options.exaggeration / 4, 50.))) // Belkina et al. 2019
    , m_repulsion(m_dimensions, options.theta)
    , m_points(start.values)
    , m_slope(start.values.size())
    , m_update(start.values.size(), 0.f)
    , m_gains(start.values.size(), 1.f)
{
    if (m_affinities.rows() != start.rows || start.columns < 2 || start.columns > 3)
        throw std::invalid_argument("[t-SNE] affinities of " + std::to_string(m_affinities.rows()) + " points, and a start of " + std::to_string(start.rows)
                                    + " in " + std::to_string(start.columns) + " dimensions, of which there can be 2 or 3");
}

template<int D>
void Tsne::attractIn(float exaggeration, float norm)
{
    const float *points = m_points.data();
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < m_affinities.rows(); ++i) {
        const int64_t end = m_affinities.starts[size_t(i + 1)];
        const int32_t *columns = m_affinities.columns.data();
        const float *values = m_affinities.values.data(), *own = points + i * D;
        float x = 0, y = 0, z = 0;
#pragma omp simd reduction(+ : x, y, z)
        for (int64_t at = m_affinities.starts[size_t(i)]; at < end; ++at) {
            const float *other = points + int64_t(columns[at]) * D;
            const float dx = own[0] - other[0], dy = own[1] - other[1], dz = D > 2 ? own[D - 1] - other[D - 1] : 0.f;
            const float weight = values[at] / (1 + dx * dx + dy * dy + dz * dz);
            x += weight * dx;
            y += weight * dy;
            z += weight * dz;
        }
        const float sum[3] = {x, y, z};
        for (int c = 0; c < D; ++c)
            m_slope[size_t(i * D + c)] = 4 * (exaggeration * sum[c] - m_forces[size_t(i * D + c)] / norm);
    }
}

/// The slope (the paper's equation 5) from what drives apart, which is known, and what attracts.
void Tsne::attract(double exaggeration, double norm)
{
    m_dimensions == 3 ? attractIn<3>(float(exaggeration), float(norm)) : attractIn<2>(float(exaggeration), float(norm));
}

void Tsne::move(float momentum)
{
    for (size_t i = 0; i < m_points.size(); ++i) {
        m_gains[i] = std::max(kLeastGain, m_update[i] * m_slope[i] < 0 ? m_gains[i] + 0.2f : m_gains[i] * 0.8f);
        m_update[i] = momentum * m_update[i] - m_rate * m_gains[i] * m_slope[i];
        m_points[i] += m_update[i];
    }
}

void Tsne::run(int iterations)
{
    for (const int end = m_iteration + iterations; m_iteration < end; ++m_iteration) {
        const bool early = m_iteration < m_options.exaggerated;
        if (m_iteration == m_options.exaggerated) { // another slope, of which what was learned tells nothing
            std::fill(m_update.begin(), m_update.end(), 0.f);
            std::fill(m_gains.begin(), m_gains.end(), 1.f);
        }
        attract(early ? m_options.exaggeration : 1, m_repulsion.of(m_points, m_forces));
        move(early ? kEarlyMomentum : kMomentum);
    }
}

Matrix Tsne::points() const
{
    return {m_affinities.rows(), m_dimensions, m_points};
}

Matrix Tsne::gradient()
{
    attract(1, m_repulsion.of(m_points, m_forces));
    return {m_affinities.rows(), m_dimensions, m_slope};
}

double Tsne::divergence()
{
    const double norm = m_repulsion.of(m_points, m_forces);
    double sum = 0;
    for (int64_t i = 0; i < m_affinities.rows(); ++i)
        for (int64_t at = m_affinities.starts[size_t(i)]; at < m_affinities.starts[size_t(i + 1)]; ++at) {
            double distance = 1;
            for (int c = 0; c < m_dimensions; ++c) {
                const double apart = double(m_points[size_t(i * m_dimensions + c)]) - m_points[size_t(m_affinities.columns[size_t(at)] * m_dimensions + c)];
                distance += apart * apart;
            }
            if (const double p = m_affinities.values[size_t(at)]; p > 0)
                sum += p * std::log(p * distance);
        }
    return sum + std::log(norm);
}

} // namespace pretext
