// NT-Xent (Chen et al. 2020, eq. 1) without a 2N x 2N matrix: the similarities of a band of rows are made tile by tile, folded into
// a running log-sum-exp, and made again for the gradient. Memory is two copies of z and one tile a thread; bands are
// independent, so nothing is shared.
//
// With s_ij = z_i . z_j / t, P = softmax of s over j != i, and p(i) the positive of i,
//     loss = mean_i l_i,  l_i = log(1 + sum_negatives exp(s_ij - s_i,p(i))),
//     dz_i = dloss / (2N t) sum_j (P_ij + P_ji - 2 [j = p(i)]) z_j.
// Once a positive is found, P_i,p(i) is nearly 1 and 1 - P_i,p(i) is what is left to learn from. It is had from the negatives, as
// -expm1(-l_i), and never by a difference of two numbers near each other; so the backward pass keeps l rather than a log-sum-exp.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"

#include <cmath>
#include <limits>
#include <utility>

namespace pretext::cpu {

namespace {

constexpr int64_t kBand = 60, kTile = 256; // a tile of 60 KiB stays in the second-level cache beside its rows of z
constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

/// z as both factors of a product need it, with zeros beyond its rows and features: transposed in panels of kTileColumns rows,
/// [panels][features, kTileColumns], and row by row, [rows, padded].
struct PackedRows
{
    explicit PackedRows(const Tensor &z)
        : count(z.shape()[0])
        , features(z.shape()[1])
        , padded(paddedColumns(features))
        , source(f32(z))
        , columns(Tensor::zeros({paddedColumns(count) * features}))
        , rows(Tensor::zeros({count * padded}))
    {
        float *transposed = f32(columns), *copied = f32(rows);
        parallelFor(count, rowGrain(features), [=, this](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                float *to = transposed + i / kTileColumns * features * kTileColumns + i % kTileColumns;
                for (int64_t d = 0; d < features; ++d)
                    to[d * kTileColumns] = source[i * features + d];
                std::copy_n(source + i * features, features, copied + i * padded);
            }
        });
    }

    /// s = factor z[i ..] z[j ..]^T for a tile of rows, row stride kTile; j is a multiple of kTile. `scaled` has the rows of z times the factor.
    void similarities(const float *scaled, int64_t rows, int64_t j, int64_t columnCount, float *s) const
    {
        for (int64_t column = 0; column < columnCount; column += kTileColumns)
            multiplyBlock<false>({scaled, features, 1}, f32(columns) + (j + column) * features, kTileColumns, s + column, kTile, rows, kTileColumns, features);
    }

    int64_t count, features, padded;
    const float *source;
    Tensor columns, rows;
};

/// Calls body(i, rows, scaled, tile) for each band of rows; the bands are spread over the team. `scaled` are its rows of z over the temperature.
template<class Body>
void eachBand(const PackedRows &z, float temperature, Body &&body)
{
    parallelFor((z.count + kBand - 1) / kBand, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> scaled(size_t(kBand * z.features)), tile(size_t(kBand * kTile));
        for (int64_t first = begin * kBand; first < std::min(end * kBand, z.count); first += kBand) {
            const int64_t rows = std::min(kBand, z.count - first);
            std::transform(z.source + first * z.features, z.source + (first + rows) * z.features, scaled.begin(),
                           [=](float value) { return value * (1.f / temperature); });
            body(first, rows, scaled.data(), tile.data());
        }
    });
}

/// A log-sum-exp that is fed in pieces.
struct RunningLogSumExp
{
    float top = kMinusInfinity;
    double total = 0;

    /// `count` numbers, in whole vectors.
    void add(const float *s, int64_t count)
    {
        Lanes best = load(s);
        for (int64_t i = kLanes; i < count; i += kLanes)
            best = max(best, load(s + i));
        const float peak = std::max(top, largest(best));
        if (peak == kMinusInfinity)
            return; // nothing but what is excluded so far
        Lanes added{};
        for (int64_t i = 0; i < count; i += kLanes)
            added += exp(load(s + i) - peak);
        total = total * std::exp(double(top) - double(peak)) + double(sum(added));
        top = peak;
    }
    double value() const { return double(top) + std::log(total); }
};

/// s_i,p(i) in double: each anchor's loss hangs on this one number.
double positiveSimilarity(const float *z, int64_t width, int64_t i, int64_t positive, float temperature)
{
    double sum = 0;
    for (int64_t d = 0; d < width; ++d)
        sum += double(z[i * width + d]) * double(z[positive * width + d]);
    return sum / double(temperature);
}

/// log(1 + exp(x))
double softplus(double x)
{
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

} // namespace

void ntXent(const Tensor &z, NtXentOptions options, Tensor &anchorLoss, Tensor &nearest, Tensor &loss)
{
    const PackedRows packed(z);
    const int64_t count = packed.count;
    std::vector<double> losses(static_cast<size_t>(count));
    eachBand(packed, options.temperature, [&](int64_t first, int64_t rows, const float *scaled, float *tile) {
        std::vector<RunningLogSumExp> negatives(static_cast<size_t>(rows));
        std::vector<float> positives(static_cast<size_t>(rows)); // as the negatives are computed, to be compared with them
        for (int64_t j = 0; j < count; j += kTile) {
            const int64_t columns = std::min(kTile, count - j), whole = paddedColumns(columns);
            packed.similarities(scaled, rows, j, columns, tile);
            for (int64_t r = 0; r < rows; ++r) {
                float *s = tile + r * kTile;
                std::fill(s + columns, s + whole, kMinusInfinity);
                const int64_t self = first + r - j, positive = (first + r + count / 2) % count - j;
                if (positive >= 0 && positive < columns)
                    positives[size_t(r)] = std::exchange(s[positive], kMinusInfinity);
                if (self >= 0 && self < columns)
                    s[self] = kMinusInfinity;
                negatives[size_t(r)].add(s, whole);
            }
        }
        for (int64_t i = first; i < first + rows; ++i) {
            const double positive = positiveSimilarity(packed.source, packed.features, i, (i + count / 2) % count, options.temperature);
            losses[size_t(i)] = softplus(negatives[size_t(i - first)].value() - positive);
            f32(anchorLoss)[i] = float(losses[size_t(i)]);
            f32(nearest)[i] = negatives[size_t(i - first)].top < positives[size_t(i - first)] ? 1.f : 0.f;
        }
    });
    double sum = 0;
    for (double one : losses)
        sum += one;
    f32(loss)[0] = float(sum / double(count));
}

namespace {

/// From similarities of anchor i to P_ij + P_ji for `columns` rows j, whose log-sum-exps are `totals`.
void toWeights(float *s, int64_t columns, float total, const float *totals)
{
    for (int64_t c = 0; c < columns; c += kLanes) {
        const Lanes value = load(s + c);
        store(s + c, exp(value - total) + exp(value - load(totals + c)));
    }
}

} // namespace

void ntXentBackward(const Tensor &z, const Tensor &anchorLoss, const Tensor &dloss, NtXentOptions options, Tensor &dz)
{
    const PackedRows packed(z);
    const int64_t count = packed.count, features = packed.features, padded = packed.padded;
    const float *losses = f32(anchorLoss);
    const float factor = f32(dloss)[0] / (float(count) * options.temperature);
    std::vector<float> total(size_t(paddedColumns(count)), 0.f); // each row's log-sum-exp over all but itself
    for (int64_t i = 0; i < count; ++i)
        total[size_t(i)] = float(positiveSimilarity(packed.source, features, i, (i + count / 2) % count, options.temperature) + double(losses[i]));
    eachBand(packed, options.temperature, [&](int64_t first, int64_t rows, const float *scaled, float *tile) {
        std::vector<float> sums(size_t(rows * padded), 0.f);
        for (int64_t j = 0; j < count; j += kTile) {
            const int64_t columns = std::min(kTile, count - j);
            packed.similarities(scaled, rows, j, columns, tile);
            for (int64_t r = 0; r < rows; ++r) {
                const int64_t i = first + r, self = i - j, positive = (i + count / 2) % count - j;
                float *s = tile + r * kTile;
                toWeights(s, columns, total[size_t(i)], total.data() + j);
                if (positive >= 0 && positive < columns)
                    s[positive] = std::expm1(-losses[i]) + std::expm1(-losses[positive + j]);
                if (self >= 0 && self < columns)
                    s[self] = 0.f;
            }
            multiplyBlock<true>({tile, kTile, 1}, f32(packed.rows) + j * padded, padded, sums.data(), padded, rows, padded, columns);
        }
        for (int64_t r = 0; r < rows; ++r)
            for (int64_t d = 0; d < features; ++d)
                f32(dz)[(first + r) * features + d] = factor * sums[size_t(r * padded + d)];
    });
}

} // namespace pretext::cpu
