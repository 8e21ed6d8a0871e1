// The gradient of attention (Dao et al. 2022, algorithm 4): the weights are computed again, block by block, from the scores and the kept
// logarithms of their sums. With P the weights, D dropout's factors and O the output,
//   dV = (P D)^T dO,   dS = P (D dO V^T - rowsum(dO O)),   dQ = dS K / sqrt(Dh),   dK = dS^T Q / sqrt(Dh).
#include "core/backend/cpu/attentionblocks.h"
#include "core/backend/cpu/converted.h"
#include "core/backend/cpu/dropout.h"
#include "core/backend/cpu/parallel.h"

#include <utility>

namespace pretext::cpu {

namespace {

using namespace blocks;

/// One thread's memory for one head: packed operands, gradients that grow, and blocks of scores.
struct Scratch
{
    explicit Scratch(const Sizes &sizes)
        : queryRows(paddedPositions(sizes.queries))
        , keyRows(paddedPositions(sizes.keys))
        , memory({queryRows * (3 * sizes.padded + 1) + keyRows * (3 * sizes.padded + 2 * sizes.lanes) + 3 * kBlock * kBlock})
    {
        float *next = f32(memory);
        const auto take = [&next](int64_t count) { return std::exchange(next, next + count); };
        weights = take(kBlock * kBlock), slopes = take(kBlock * kBlock), joined = take(kBlock * kBlock);
        for (float **block : {&q, &dy, &dq})
            *block = take(queryRows * sizes.padded);
        for (float **block : {&k, &dk, &dv})
            *block = take(keyRows * sizes.padded);
        for (float **block : {&keyColumns, &valueColumns})
            *block = take(keyRows * sizes.lanes);
        along = take(queryRows);
    }
    int64_t queryRows, keyRows;
    Tensor memory;
    float *q, *dy, *dq, *k, *dk, *dv, *keyColumns, *valueColumns, *along, *weights, *slopes, *joined;
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
template<class Element>
void sumAlong(const Head &h, float *along)
{
    for (int64_t i = 0; i < h.visibility.queries; ++i) {
        Lanes lanes{};
        eachVector(h.sizes.features, [&, y = h.y.elements<Element>(i), dy = h.dy.elements<Element>(i)](auto where) { lanes += where.of(y) * where.of(dy); });
        along[i] = sum(lanes);
    }
}

template<class Element>
void pack(const Head &h, Scratch &s)
{
    const int64_t queries = h.visibility.queries, keys = h.visibility.keys;
    packRows<Element>(h.q, queries, h.sizes, s.q);
    packRows<Element>(h.dy, queries, h.sizes, s.dy);
    packRows<Element>(h.k, keys, h.sizes, s.k);
    packColumns(h.k, keys, h.sizes, s.keyColumns);
    packColumns(h.v, keys, h.sizes, s.valueColumns);
    sumAlong<Element>(h, s.along);
    std::fill_n(s.dq, queries * h.sizes.padded, 0.f);
    std::fill_n(s.dk, keys * h.sizes.padded, 0.f);
    std::fill_n(s.dv, keys * h.sizes.padded, 0.f);
}

/// From scores, still to be scaled, and dO V^T of one row to P D and the scaled dS, in place.
void passSoftmax(float *weights, float *slopes, float scale, float logSumExp, float along, const float *factors)
{
    for (int64_t j = 0; j < kBlock; j += kLanes) {
        const Lanes p = exp(scale * load(weights + j) - logSumExp);
        const Lanes kept = factors ? load(factors + j) : splat(1.f);
        store(slopes + j, scale * p * (kept * load(slopes + j) - along));
        store(weights + j, p * kept);
    }
}

/// P D and the scaled dS of a block, from its queries and keys.
template<class Element>
void weigh(const Head &h, Scratch &s, int64_t query, int64_t key, int64_t rows)
{
    const Sizes &sizes = h.sizes;
    multiplyBlock<false, 2, Element>({h.q.at(query), h.q.step, 1}, s.keyColumns + key * sizes.lanes, kBlock, s.weights, kBlock, rows, kBlock, sizes.lanes);
    multiplyBlock<false, 2, Element>({h.dy.at(query), h.dy.step, 1}, s.valueColumns + key * sizes.lanes, kBlock, s.slopes, kBlock, rows, kBlock, sizes.lanes);
    h.visibility.hide(s.weights, query, rows, key);
    const bool drops = h.options.dropout.rate > 0;
    float factors[kBlock];
    for (int64_t row = 0; row < rows; ++row) {
        if (drops)
            keepFactors(h.options.dropout, dropoutRow(sizes, h.sample, h.head, query + row) + key, kBlock, factors);
        passSoftmax(s.weights + row * kBlock, s.slopes + row * kBlock, sizes.scale, h.logSumExp[query + row], s.along[query + row], drops ? factors : nullptr);
    }
}

template<class Element>
void passBlock(const Head &h, Scratch &s, int64_t query, int64_t key)
{
    constexpr int64_t kDepth = Element::kDepth;
    const int64_t padded = h.sizes.padded, rows = std::min(kBlock, h.visibility.queries - query), columns = std::min(kBlock, h.visibility.keys - key);
    weigh<Element>(h, s, query, key, rows);
    const float *joined = joinNeighbours<Element>(s.slopes, rows, s.joined);
    multiplyBlock<true, 2, Element>({joined, kBlock / kDepth, 1}, s.k + key / kDepth * padded, padded, s.dq + query * padded, padded, rows, padded,
                                    lanesOf<Element>(columns));
    joinRows<Element>(s.weights, rows);
    joinRows<Element>(s.slopes, rows);
    const int64_t inner = lanesOf<Element>(rows), first = query / kDepth * padded;
    multiplyBlock<true, 2, Element>({s.weights, 1, kBlock}, s.dy + first, padded, s.dv + key * padded, padded, columns, padded, inner);
    multiplyBlock<true, 2, Element>({s.slopes, 1, kBlock}, s.q + first, padded, s.dk + key * padded, padded, columns, padded, inner);
}

template<class Element>
void passHead(const Head &h, Scratch &s)
{
    const int64_t queries = h.visibility.queries, keys = h.visibility.keys;
    pack<Element>(h, s);
    for (int64_t query = 0; query < queries; query += kBlock) {
        const int64_t seen = h.visibility.limit(std::min(query + kBlock, queries) - 1);
        for (int64_t key = 0; key < seen; key += kBlock)
            passBlock<Element>(h, s, query, key);
    }
    unpackRows<Element>(s.dq, 0, queries, h.sizes, 1.f, h.dq);
    unpackRows<Element>(s.dk, 0, keys, h.sizes, 1.f, h.dk);
    unpackRows<Element>(s.dv, 0, keys, h.sizes, 1.f, h.dv);
    clearRows(h.dq, queries, h.sizes.queries, h.sizes);
    clearRows(h.dk, keys, h.sizes.keys, h.sizes);
    clearRows(h.dv, keys, h.sizes.keys, h.sizes);
}

template<class Element>
void passAll(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, const Tensor &logSumExp, const Tensor &y, const Tensor &dy,
             const AttentionOptions &options, const Tensor &dq, const Tensor &dk, const Tensor &dv)
{
    const Sizes sizes(q, k, v, options.heads);
    const Operands in(q, k, v), out(dq, dk, dv);
    const Operand result(y, 1, 0), upstream(dy, 1, 0);
    parallelFor(sizes.samples * sizes.heads, 1, [&](int64_t begin, int64_t end) {
        Scratch scratch(sizes);
        for (int64_t item = begin; item < end; ++item) {
            const int64_t sample = item / sizes.heads, head = item % sizes.heads;
            const Visibility visibility(mask, sizes, options.causal, sample);
            const auto rows = [&](const Operand &operand) { return operand.head(sample, head, sizes.lanes); };
            passHead<Element>({sizes, visibility, options, sample, head, rows(in.q), rows(in.k), rows(in.v), rows(result), rows(upstream), rows(out.q),
                               rows(out.k), rows(out.v), f32(logSumExp) + item * sizes.queries},
                              scratch);
        }
    });
}

} // namespace

void attentionBackward(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, const Tensor &logSumExp, const Tensor &y, const Tensor &dy,
                       AttentionOptions options, Tensor &dq, Tensor &dk, Tensor &dv)
{
    if (q.type() == DType::bf16 && comesInPairs(Sizes(q, k, v, options.heads)))
        return passAll<Bf16>(q, k, v, mask, logSumExp, y, dy, options, dq, dk, dv);
    const auto wide = [](const Tensor &x) { return as(DType::f32, x); };
    writeAs(DType::f32, dq, [&](Tensor &q32) {
        writeAs(DType::f32, dk, [&](Tensor &k32) {
            writeAs(DType::f32, dv, [&](Tensor &v32) { passAll<F32>(wide(q), wide(k), wide(v), mask, logSumExp, wide(y), wide(dy), options, q32, k32, v32); });
        });
    });
}

} // namespace pretext::cpu
