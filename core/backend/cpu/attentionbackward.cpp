// The gradient of attention (Dao et al. 2022, algorithm 4): the weights are computed again, block by block, from the scores and the kept
// logarithms of their sums. With P the weights, D dropout's factors and O the output,
//   dV = (P D)^T dO,   dS = P (D dO V^T - rowsum(dO O)),   dQ = dS K / sqrt(Dh),   dK = dS^T Q / sqrt(Dh).
#include "core/backend/cpu/attentionblocks.h"
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/dropout.h"
#include "core/backend/cpu/parallel.h"

#include <utility>

namespace pretext::cpu {

namespace {

using namespace blocks;

/// One thread's memory for one head: packed operands, gradients that grow, and two blocks of scores.
struct Scratch
{
    explicit Scratch(const Sizes &sizes)
        : queryRows(paddedPositions(sizes.queries)), keyRows(paddedPositions(sizes.keys)),
          memory({queryRows * (3 * sizes.padded + 1) + keyRows * (3 * sizes.padded + 2 * sizes.features) + 2 * kBlock * kBlock})
    {
        float *next = f32(memory);
        const auto take = [&next](int64_t count) { return std::exchange(next, next + count); };
        weights = take(kBlock * kBlock), slopes = take(kBlock * kBlock);
        for (float **block : {&q, &dy, &dq})
            *block = take(queryRows * sizes.padded);
        for (float **block : {&k, &dk, &dv})
            *block = take(keyRows * sizes.padded);
        for (float **block : {&keyColumns, &valueColumns})
            *block = take(keyRows * sizes.features);
        along = take(queryRows);
    }
    int64_t queryRows, keyRows;
    Tensor memory;
    float *q, *dy, *dq, *k, *dk, *dv, *keyColumns, *valueColumns, *along, *weights, *slopes;
};

struct Head
{
    const Sizes &sizes;
    const Visibility &visibility;
    const AttentionOptions &options;
    int64_t sample, head;
    Rows q, k, v, y, dy, dq, dk, dv;
    const float *logSumExp;
};

/// rowsum(dO O), which is the mean of the weights' gradients under the weights.
void sumAlong(const Head &h, float *along)
{
    for (int64_t i = 0; i < h.visibility.queries; ++i) {
        const float *y = h.y.data + i * h.y.step, *dy = h.dy.data + i * h.dy.step;
        Lanes lanes{};
        int64_t d = 0;
        for (; d + kLanes <= h.sizes.features; d += kLanes)
            lanes += load(y + d) * load(dy + d);
        lanes += loadPart(y + d, h.sizes.features - d) * loadPart(dy + d, h.sizes.features - d);
        along[i] = sum(lanes);
    }
}

void pack(const Head &h, Scratch &s)
{
    const int64_t queries = h.visibility.queries, keys = h.visibility.keys;
    packRows(h.q, 0, queries, h.sizes, h.sizes.scale, s.q);
    packRows(h.dy, 0, queries, h.sizes, 1.f, s.dy);
    packRows(h.k, 0, keys, h.sizes, h.sizes.scale, s.k);
    packColumns(h.k, keys, h.sizes, s.keyColumns);
    packColumns(h.v, keys, h.sizes, s.valueColumns);
    sumAlong(h, s.along);
    std::fill_n(s.dq, queries * h.sizes.padded, 0.f);
    std::fill_n(s.dk, keys * h.sizes.padded, 0.f);
    std::fill_n(s.dv, keys * h.sizes.padded, 0.f);
}

/// From scores and dO V^T of one row to P D and dS, in place.
void passSoftmax(float *weights, float *slopes, float logSumExp, float along, const float *factors)
{
    for (int64_t j = 0; j < kBlock; j += kLanes) {
        const Lanes p = exp(load(weights + j) - logSumExp);
        const Lanes kept = factors ? load(factors + j) : splat(1.f);
        store(slopes + j, p * (kept * load(slopes + j) - along));
        store(weights + j, p * kept);
    }
}

void passBlock(const Head &h, Scratch &s, int64_t query, int64_t key)
{
    const Sizes &sizes = h.sizes;
    const int64_t rows = std::min(kBlock, h.visibility.queries - query), columns = std::min(kBlock, h.visibility.keys - key);
    const float *q = s.q + query * sizes.padded, *dy = s.dy + query * sizes.padded, *k = s.k + key * sizes.padded;
    multiplyBlock<false>({q, sizes.padded, 1}, s.keyColumns + key * sizes.features, kBlock, s.weights, kBlock, rows, kBlock, sizes.features);
    multiplyBlock<false>({dy, sizes.padded, 1}, s.valueColumns + key * sizes.features, kBlock, s.slopes, kBlock, rows, kBlock, sizes.features);
    h.visibility.hide(s.weights, query, rows, key);
    const bool drops = h.options.dropout.rate > 0;
    float factors[kBlock];
    for (int64_t row = 0; row < rows; ++row) {
        if (drops)
            keepFactors(h.options.dropout, dropoutRow(sizes, h.sample, h.head, query + row) + key, kBlock, factors);
        passSoftmax(s.weights + row * kBlock, s.slopes + row * kBlock, h.logSumExp[query + row], s.along[query + row], drops ? factors : nullptr);
    }
    multiplyBlock<true>({s.weights, 1, kBlock}, dy, sizes.padded, s.dv + key * sizes.padded, sizes.padded, columns, sizes.padded, rows);
    multiplyBlock<true>({s.slopes, 1, kBlock}, q, sizes.padded, s.dk + key * sizes.padded, sizes.padded, columns, sizes.padded, rows);
    multiplyBlock<true>({s.slopes, kBlock, 1}, k, sizes.padded, s.dq + query * sizes.padded, sizes.padded, rows, sizes.padded, columns);
}

void passHead(const Head &h, Scratch &s)
{
    const int64_t queries = h.visibility.queries, keys = h.visibility.keys;
    pack(h, s);
    for (int64_t query = 0; query < queries; query += kBlock) {
        const int64_t seen = h.visibility.limit(std::min(query + kBlock, queries) - 1);
        for (int64_t key = 0; key < seen; key += kBlock)
            passBlock(h, s, query, key);
    }
    unpackRows(s.dq, 0, queries, h.sizes, 1.f, h.dq); // q and k carry the scale
    unpackRows(s.dk, 0, keys, h.sizes, 1.f, h.dk);
    unpackRows(s.dv, 0, keys, h.sizes, 1.f, h.dv);
    clearRows(h.dq, queries, h.sizes.queries, h.sizes);
    clearRows(h.dk, keys, h.sizes.keys, h.sizes);
    clearRows(h.dv, keys, h.sizes.keys, h.sizes);
}

} // namespace

void attentionBackward(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, const Tensor &logSumExp, const Tensor &y,
                       const Tensor &dy, AttentionOptions options, Tensor &dq, Tensor &dk, Tensor &dv)
{
    const Sizes sizes(q, k, v, options.heads);
    const Operands in(q, k, v), out(dq, dk, dv);
    const Operand result(y, 1, 0), upstream(dy, 1, 0);
    parallelFor(sizes.samples * sizes.heads, 1, [&](int64_t begin, int64_t end) {
        Scratch scratch(sizes);
        for (int64_t item = begin; item < end; ++item) {
            const int64_t sample = item / sizes.heads, head = item % sizes.heads;
            const Visibility visibility(mask, sizes, options.causal, sample);
            const auto rows = [&](const Operand &operand) { return operand.head(sample, head, sizes.features); };
            passHead({sizes, visibility, options, sample, head, rows(in.q), rows(in.k), rows(in.v), rows(result), rows(upstream), rows(out.q),
                      rows(out.k), rows(out.v), f32(logSumExp) + item * sizes.queries},
                     scratch);
        }
    });
}

} // namespace pretext::cpu
