// NT-Xent (Chen et al. 2020, eq. 1) without a 2N x 2N matrix: the similarities of a band of rows are made tile by tile, folded into
// a running log-sum-exp, and made again for the gradient. Memory is one tile a thread; bands are independent, so nothing is shared.
//
// With s_ij = z_i . z_j / t, P = softmax of s over j != i, and p(i) the positive of i,
//     loss = mean_i l_i,  l_i = log(1 + sum_negatives exp(s_ij - s_i,p(i))),
//     dz_i = dloss / (2N t) sum_j (P_ij + P_ji - 2 [j = p(i)]) z_j.
// Once a positive is found, P_i,p(i) is nearly 1 and 1 - P_i,p(i) is what is left to learn from. It is had from the negatives, as
// -expm1(-l_i), and never by a difference of two numbers near each other; so the backward pass keeps l rather than a log-sum-exp.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <dnnl.h>

#include <cmath>
#include <limits>

namespace pretext::cpu {

namespace {

constexpr int64_t kBand = 64, kTile = 256; // a tile of 64 KiB stays in the second-level cache beside its rows of z

/// s = z[i ..] z[j ..]^T / t for a tile, row stride kTile.
void similarities(const float *z, int64_t width, int64_t i, int64_t rows, int64_t j, int64_t columns, float temperature, float *s)
{
    dnnl_sgemm('N', 'T', rows, columns, width, 1.f / temperature, z + i * width, width, z + j * width, width, 0.f, s, kTile);
}

/// Calls body(i, rows) for each band of rows; the bands are spread over the team.
template<class Body>
void eachBand(int64_t count, Body &&body)
{
    parallelFor((count + kBand - 1) / kBand, 1, [&](int64_t begin, int64_t end) {
        for (int64_t band = begin; band < end; ++band)
            body(band * kBand, std::min(kBand, count - band * kBand));
    });
}

/// A log-sum-exp that is fed in pieces.
struct RunningLogSumExp
{
    float largest = -std::numeric_limits<float>::infinity();
    double sum = 0;

    void add(const float *s, int64_t count)
    {
        const float peak = std::max(largest, *std::max_element(s, s + count));
        if (peak == -std::numeric_limits<float>::infinity())
            return; // nothing but the excluded self similarity so far
        sum *= std::exp(double(largest) - double(peak));
        for (int64_t i = 0; i < count; ++i)
            sum += double(std::exp(s[i] - peak));
        largest = peak;
    }
    double value() const { return double(largest) + std::log(sum); }
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

void ntXent(const Tensor &z, NtXentOptions options, Tensor &anchorLoss, Tensor &loss)
{
    const int64_t count = z.shape()[0], width = z.shape()[1];
    const float *rowsOfZ = f32(z);
    std::vector<double> losses(static_cast<size_t>(count));
    eachBand(count, [&](int64_t first, int64_t rows) {
        std::vector<float> tile(size_t(kBand * kTile));
        std::vector<RunningLogSumExp> negatives(static_cast<size_t>(rows));
        for (int64_t j = 0; j < count; j += kTile) {
            const int64_t columns = std::min(kTile, count - j);
            similarities(rowsOfZ, width, first, rows, j, columns, options.temperature, tile.data());
            for (int64_t r = 0; r < rows; ++r) {
                float *s = tile.data() + r * kTile;
                for (int64_t excluded : {first + r - j, (first + r + count / 2) % count - j})
                    if (excluded >= 0 && excluded < columns)
                        s[excluded] = -std::numeric_limits<float>::infinity();
                negatives[size_t(r)].add(s, columns);
            }
        }
        for (int64_t i = first; i < first + rows; ++i) {
            const double positive = positiveSimilarity(rowsOfZ, width, i, (i + count / 2) % count, options.temperature);
            losses[size_t(i)] = softplus(negatives[size_t(i - first)].value() - positive);
            f32(anchorLoss)[i] = float(losses[size_t(i)]);
        }
    });
    double sum = 0;
    for (double one : losses)
        sum += one;
    f32(loss)[0] = float(sum / double(count));
}

void ntXentBackward(const Tensor &z, const Tensor &anchorLoss, const Tensor &dloss, NtXentOptions options, Tensor &dz)
{
    const int64_t count = z.shape()[0], width = z.shape()[1];
    const float *rowsOfZ = f32(z), *losses = f32(anchorLoss);
    const float factor = f32(dloss)[0] / (float(count) * options.temperature);
    std::vector<float> total(static_cast<size_t>(count)); // each row's log-sum-exp over all but itself
    for (int64_t i = 0; i < count; ++i)
        total[size_t(i)] = float(positiveSimilarity(rowsOfZ, width, i, (i + count / 2) % count, options.temperature) + double(losses[i]));
    eachBand(count, [&](int64_t first, int64_t rows) {
        std::vector<float> tile(size_t(kBand * kTile));
        for (int64_t j = 0; j < count; j += kTile) {
            const int64_t columns = std::min(kTile, count - j);
            similarities(rowsOfZ, width, first, rows, j, columns, options.temperature, tile.data());
            for (int64_t r = 0; r < rows; ++r) {
                const int64_t i = first + r, self = i - j, positive = (i + count / 2) % count - j;
                float *s = tile.data() + r * kTile;
                for (int64_t c = 0; c < columns; ++c)
                    s[c] = std::exp(s[c] - total[size_t(i)]) + std::exp(s[c] - total[size_t(j + c)]);
                if (positive >= 0 && positive < columns)
                    s[positive] = std::expm1(-losses[i]) + std::expm1(-losses[positive + j]);
                if (self >= 0 && self < columns)
                    s[self] = 0.f;
            }
            dnnl_sgemm('N', 'N', rows, width, columns, factor, tile.data(), kTile, rowsOfZ + j * width, width, j ? 1.f : 0.f,
                       f32(dz) + first * width, width);
        }
    });
}

} // namespace pretext::cpu
