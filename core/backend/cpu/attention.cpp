// Attention without the matrix of weights in memory (Dao et al. 2022, "FlashAttention", algorithm 1): for a block of queries the keys
// pass by block by block, with the running maximum and sum of each query's softmax. Only the logarithm of that sum is kept.
#include "core/backend/cpu/attentionblocks.h"
#include "core/backend/cpu/converted.h"
#include "core/backend/cpu/dropout.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>
#include <limits>

namespace pretext::cpu {

namespace {

using namespace blocks;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// One thread's memory: keys and values of a head, and what has been found for a block of queries.
template<class Element>
struct Scratch
{
    explicit Scratch(const Sizes &sizes)
        : memory({paddedPositions(sizes.keys) * (sizes.lanes + sizes.padded) + kBlock * (sizes.padded + 2 * kBlock)})
        , keys(f32(memory))
        , values(keys + paddedPositions(sizes.keys) * sizes.lanes)
        , sums(values + paddedPositions(sizes.keys) * sizes.padded)
        , scores(sums + kBlock * sizes.padded)
        , joined(scores + kBlock * kBlock)
    {
    }
    Tensor memory;
    float *keys, *values, *sums, *scores, *joined; // keys transposed
    float largest[kBlock], total[kBlock];
};

/// Turns a row of scores, still to be scaled, into weights relative to the row's new maximum, and brings what was summed before to that maximum.
void absorb(float *scores, float *summed, const Sizes &sizes, float &largestSoFar, float &totalSoFar)
{
    Lanes best = load(scores);
    for (int64_t j = kLanes; j < kBlock; j += kLanes)
        best = max(best, load(scores + j));
    const float top = std::max(largestSoFar, sizes.scale * largest(best));
    if (top == -kInfinity) { // nothing seen yet
        std::fill_n(scores, kBlock, 0.f);
        return;
    }
    Lanes added{};
    for (int64_t j = 0; j < kBlock; j += kLanes) {
        const Lanes weight = exp(sizes.scale * load(scores + j) - top);
        store(scores + j, weight);
        added += weight;
    }
    if (top != largestSoFar && totalSoFar > 0) {
        const float shrink = std::exp(largestSoFar - top);
        totalSoFar *= shrink;
        for (int64_t i = 0; i < sizes.padded; i += kLanes)
            store(summed + i, load(summed + i) * shrink);
    }
    largestSoFar = top;
    totalSoFar += sum(added);
}

void dropWeights(const AttentionOptions &options, const Sizes &sizes, int64_t sample, int64_t head, int64_t query, int64_t rows, int64_t firstKey,
                 float *weights)
{
    float factors[kBlock];
    for (int64_t row = 0; row < rows; ++row, weights += kBlock) {
        keepFactors(options.dropout, dropoutRow(sizes, sample, head, query + row) + firstKey, kBlock, factors);
        for (int64_t j = 0; j < kBlock; ++j)
            weights[j] *= factors[j];
    }
}

/// Weighted sums of the values for `rows` queries from `first` on, not yet divided, in scratch.sums.
template<class Element>
void attendBlock(const AttentionOptions &options, const Sizes &sizes, const Visibility &visibility, int64_t sample, int64_t head, Rows q, int64_t first,
                 int64_t rows, Scratch<Element> &scratch)
{
    std::fill_n(scratch.sums, rows * sizes.padded, 0.f);
    std::fill_n(scratch.largest, rows, -kInfinity);
    std::fill_n(scratch.total, rows, 0.f);
    const int64_t seen = visibility.limit(first + rows - 1); // no query of the block sees more
    for (int64_t key = 0; key < seen; key += kBlock) {
        multiplyBlock<false, 2, Element>({q.at(first), q.step, 1}, scratch.keys + key * sizes.lanes, kBlock, scratch.scores, kBlock, rows, kBlock, sizes.lanes);
        visibility.hide(scratch.scores, first, rows, key);
        for (int64_t row = 0; row < rows; ++row)
            absorb(scratch.scores + row * kBlock, scratch.sums + row * sizes.padded, sizes, scratch.largest[row], scratch.total[row]);
        if (options.dropout.rate > 0)
            dropWeights(options, sizes, sample, head, first, rows, key, scratch.scores);
        const float *weights = joinNeighbours<Element>(scratch.scores, rows, scratch.joined);
        multiplyBlock<true, 2, Element>({weights, kBlock / Element::kDepth, 1}, scratch.values + key / Element::kDepth * sizes.padded, sizes.padded,
                                        scratch.sums, sizes.padded, rows, sizes.padded, lanesOf<Element>(std::min(kBlock, seen - key)));
    }
}

template<class Element>
void attendHead(const Operands &operands, const Sizes &sizes, const Visibility &visibility, const AttentionOptions &options, int64_t sample, int64_t head,
                Scratch<Element> &scratch, float *logSumExp, Rows y)
{
    const Rows q = operands.q.head(sample, head, sizes.lanes);
    fetch(q, std::min(kBlock, visibility.queries), sizes);
    packColumns(operands.k.head(sample, head, sizes.lanes), visibility.keys, sizes, scratch.keys);
    packRows<Element>(operands.v.head(sample, head, sizes.lanes), visibility.keys, sizes, scratch.values);
    for (int64_t first = 0; first < visibility.queries; first += kBlock) {
        const int64_t rows = std::min(kBlock, visibility.queries - first);
        attendBlock(options, sizes, visibility, sample, head, q, first, rows, scratch);
        for (int64_t row = 0; row < rows; ++row) {
            const float total = scratch.total[row];
            unpackRows<Element>(scratch.sums + row * sizes.padded, first + row, 1, sizes, total > 0 ? 1.f / total : 0.f, y);
            // Infinity makes the weights of a query that sees nothing zero when they are computed again.
            logSumExp[first + row] = total > 0 ? scratch.largest[row] + std::log(total) : kInfinity;
        }
    }
    std::fill(logSumExp + visibility.queries, logSumExp + sizes.queries, kInfinity);
    clearRows(y, visibility.queries, sizes.queries, sizes);
}

template<class Element>
void attendAll(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, const AttentionOptions &options, Tensor &logSumExp, Tensor &y)
{
    const Sizes sizes(q, k, v, options.heads);
    const Operands operands(q, k, v);
    const Operand result(y, 1, 0);
    parallelFor(sizes.samples * sizes.heads, 1, [&](int64_t begin, int64_t end) {
        Scratch<Element> scratch(sizes);
        for (int64_t item = begin; item < end; ++item) {
            const int64_t sample = item / sizes.heads, head = item % sizes.heads;
            attendHead(operands, sizes, Visibility(mask, sizes, options.causal, sample), options, sample, head, scratch, f32(logSumExp) + item * sizes.queries,
                       result.head(sample, head, sizes.lanes));
        }
    });
}

} // namespace

void attention(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, AttentionOptions options, Tensor &logSumExp, Tensor &y)
{
    if (q.type() == DType::f32)
        return attendAll<F32>(q, k, v, mask, options, logSumExp, y);
    if (comesInPairs(Sizes(q, k, v, options.heads)))
        return attendAll<Bf16>(q, k, v, mask, options, logSumExp, y);
    const auto wide = [](const Tensor &x) { return as(DType::f32, x); };
    writeAs(DType::f32, y, [&](Tensor &result) { attendAll<F32>(wide(q), wide(k), wide(v), mask, options, logSumExp, result); });
}

namespace {

/// A plain loop, for looking at: weights [Tq, Tk] of one head.
void weighHead(Rows q, Rows k, const Sizes &sizes, const Visibility &visibility, float *weights)
{
    std::fill_n(weights, sizes.queries * sizes.keys, 0.f);
    for (int64_t i = 0; i < visibility.queries; ++i) {
        float *row = weights + i * sizes.keys;
        const auto seen = [&](int64_t j) { return !visibility.allowed || visibility.allowed[i * sizes.keys + j]; };
        float largest = -kInfinity, total = 0;
        for (int64_t j = 0; j < visibility.limit(i); ++j) {
            for (int64_t d = 0; d < sizes.features; ++d)
                row[j] += sizes.scale * q.data[i * q.step + d] * k.data[j * k.step + d];
            largest = seen(j) ? std::max(largest, row[j]) : largest;
        }
        for (int64_t j = 0; j < visibility.limit(i); ++j)
            total += row[j] = seen(j) ? std::exp(row[j] - largest) : 0.f;
        for (int64_t j = 0; total > 0 && j < visibility.limit(i); ++j)
            row[j] /= total;
    }
}

} // namespace

void attentionWeights(const Tensor &q, const Tensor &k, const AttentionMask &mask, AttentionOptions options, Tensor &weights)
{
    const Sizes sizes(q, k, {}, options.heads);
    const int64_t keyParts = k.defined() ? k.shape()[2] / q.shape()[2] : 3;
    const Operand queries(q, k.defined() ? 1 : 3, 0), keys(k.defined() ? k : q, keyParts, k.defined() ? 0 : 1);
    parallelFor(sizes.samples * sizes.heads, 1, [&](int64_t begin, int64_t end) {
        for (int64_t item = begin; item < end; ++item) {
            const int64_t sample = item / sizes.heads, head = item % sizes.heads;
            weighHead(queries.head(sample, head, sizes.features), keys.head(sample, head, sizes.features), sizes,
                      Visibility(mask, sizes, options.causal, sample), f32(weights) + item * sizes.queries * sizes.keys);
        }
    });
}

} // namespace pretext::cpu
