// What attention's forward and backward share: where a head's rows lie, what a query may see, and blocks of kBlock positions packed
// into contiguous, zero-padded memory. One head of one sample is one thread's work. Elements are multiplied as floats or as pairs of bfloat16,
// in lanes (elementkinds.h): of a row's neighbours, or of two rows one below the other, whichever the product's inner extent is.
#pragma once

#include "core/backend/attentionmask.h"
#include "core/backend/cpu/rows.h"
#include "core/backend/cpu/smallgemm.h"
#include "core/backend/options.h"

#include <type_traits>

namespace pretext::cpu::blocks {

constexpr int64_t kBlock = 64; // positions; scores of a block of queries and one of keys are 16 KiB

inline int64_t paddedPositions(int64_t positions)
{
    return (positions + kBlock - 1) / kBlock * kBlock;
}

/// What a tensor keeps of it.
template<class Element>
using Kept = std::conditional_t<Element::kPlain, float, uint16_t>;

/// Rows of one head of one sample, in lanes of neighbours.
struct Rows
{
    float *data = nullptr;
    int64_t step = 0;
    const float *at(int64_t row) const { return data + row * step; }
    template<class Element>
    Kept<Element> *elements(int64_t row) const
    {
        return reinterpret_cast<Kept<Element> *>(data + row * step);
    }
};

/// [N, T, parts x D], of which one part.
struct Operand
{
    Operand() = default;
    Operand(const Tensor &x, int64_t parts, int64_t part);
    Rows head(int64_t sample, int64_t head, int64_t lanes) const { return {data + sample * sampleStep + head * lanes, step}; }

    float *data = nullptr;
    int64_t step = 0, sampleStep = 0;
};

/// The three operands, packed in one, two or three tensors (see operations.def).
struct Operands
{
    Operands(const Tensor &q, const Tensor &k, const Tensor &v);
    Operand q, k, v;
};

struct Sizes
{
    Sizes(const Tensor &q, const Tensor &k, const Tensor &v, int heads);
    int64_t samples, heads, queries, keys, features; // features of one head
    int64_t lanes;                                   // of them
    int64_t padded;                                  // features in whole tiles
    float scale;                                     // 1 / sqrt(features)
};

/// Whether operands of bfloat16 are multiplied in pairs; else only floats can be.
inline bool comesInPairs(const Sizes &sizes)
{
    return kMultipliesPairs && sizes.features % Bf16::kDepth == 0;
}

/// What the queries of one sample may see.
struct Visibility
{
    Visibility(const AttentionMask &mask, const Sizes &sizes, bool causal, int64_t sample);
    /// Keys from here on are hidden from query i, by length, prefix and order.
    int64_t limit(int64_t i) const { return causal ? std::min(keys, std::max(i + 1, prefix)) : keys; }
    /// Sets what is hidden in rows of kBlock scores to minus infinity.
    void hide(float *scores, int64_t firstQuery, int64_t rows, int64_t firstKey) const;

    int64_t queries, keys, prefix = 0;
    bool causal;
    const int32_t *allowed = nullptr;
    int64_t allowedStep;
};

/// Asks for rows [0, count) ahead of their use: they lie too far apart for the processor to foresee them.
void fetch(Rows rows, int64_t count, const Sizes &sizes);
/// Rows [0, count) as an inner extent: lanes of rows one below the other, [lanes of count, padded].
template<class Element>
void packRows(Rows rows, int64_t count, const Sizes &sizes, float *out);
/// All `count` rows transposed block by block: [blocks][lanes][kBlock].
void packColumns(Rows rows, int64_t count, const Sizes &sizes, float *out);
/// The first `features` of [count, padded], times `factor`, to rows [first, first + count).
template<class Element>
void unpackRows(const float *packed, int64_t first, int64_t count, const Sizes &sizes, float factor, Rows rows);
void clearRows(Rows rows, int64_t first, int64_t last, const Sizes &sizes);

/// Rows of kBlock numbers as lanes of neighbours; in `out` where they are not already.
template<class Element>
const float *joinNeighbours(const float *block, int64_t rows, float *out);
/// Rows of kBlock numbers as lanes of rows one below the other, in place.
template<class Element>
void joinRows(float *block, int64_t rows);

/// The number of the first element of a row of weights among all that dropout decides on.
inline int64_t dropoutRow(const Sizes &sizes, int64_t sample, int64_t head, int64_t query)
{
    return ((sample * sizes.heads + head) * sizes.queries + query) * paddedPositions(sizes.keys);
}

} // namespace pretext::cpu::blocks
