// What attention's forward and backward share: where a head's rows lie, what a query may see, and tiles of positions in shared memory.
#pragma once

#include "core/backend/attentionmask.h"
#include "core/backend/cuda/dropout.h"
#include "core/backend/cuda/parallel.h"
#include "core/backend/options.h"

#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext::cuda {

/// [N, T, parts x D], of which one part.
struct Part
{
    Part() = default;
    Part(const Tensor &x, int64_t parts, int64_t part) : x(x), first(part * (x.shape()[2] / parts)), step(x.shape()[2]), sampleStep(x.shape()[1] * x.shape()[2])
    {
    }
    __device__ int64_t row(int64_t sample, int64_t head, int64_t features, int64_t position) const
    {
        return sample * sampleStep + position * step + first + head * features;
    }
    Out x; // read, too
    int64_t first = 0, step = 0, sampleStep = 0;
};

/// The three operands, packed in one, two or three tensors (see operations.def).
struct Operands
{
    Operands(const Tensor &q, const Tensor &k, const Tensor &v)
    {
        if (!k.defined()) {
            this->q = Part(q, 3, 0), this->k = Part(q, 3, 1), this->v = Part(q, 3, 2);
            return;
        }
        this->q = Part(q, 1, 0);
        this->k = Part(k, v.defined() ? 1 : 2, 0);
        this->v = v.defined() ? Part(v, 1, 0) : Part(k, 2, 1);
    }
    Part q, k, v;
};

struct AttentionSizes
{
    AttentionSizes(const Tensor &q, const Tensor &k, int heads)
        : samples(q.shape()[0])
        , heads(heads)
        , queries(q.shape()[1])
        , keys(k.defined() ? k.shape()[1] : queries)
        , features(q.shape()[2] / (k.defined() ? 1 : 3) / heads)
        , scale(1.f / std::sqrt(float(features)))
    {
    }
    int64_t samples, heads, queries, keys, features; // features of one head
    float scale;                                     // 1 / sqrt(features)
};

/// What queries may see; see core/backend/attentionmask.h.
struct Visibility
{
    Visibility(const AttentionMask &mask, const AttentionSizes &sizes, bool causal)
        : queryLengths(ints(mask.queryLengths))
        , keyLengths(ints(mask.keyLengths))
        , prefixes(ints(mask.prefixLengths))
        , allowed(ints(mask.allowed))
        , allowedStep(mask.allowed.defined() && mask.allowed.shape()[0] > 1 ? sizes.queries * sizes.keys : 0)
        , queries(sizes.queries)
        , keys(sizes.keys)
        , causal(causal)
    {
    }
    __device__ static int64_t lengthOf(const int32_t *lengths, int64_t sample, int64_t all)
    {
        if (!lengths)
            return all;
        const int64_t length = lengths[sample];
        return length < 0 ? 0 : length > all ? all : length;
    }
    __device__ int64_t queriesOf(int64_t sample) const { return lengthOf(queryLengths, sample, queries); }
    __device__ int64_t keysOf(int64_t sample) const { return lengthOf(keyLengths, sample, keys); }
    /// Keys from here on are hidden from a query, by length, prefix and order.
    __device__ int64_t limit(int64_t sample, int64_t query) const
    {
        const int64_t all = keysOf(sample), prefix = prefixes ? prefixes[sample] : 0, ordered = query + 1 > prefix ? query + 1 : prefix;
        return causal && ordered < all ? ordered : all;
    }
    __device__ bool sees(int64_t sample, int64_t query, int64_t key) const
    {
        return query < queriesOf(sample) && key < limit(sample, query) && (!allowed || allowed[sample * allowedStep + query * keys + key] != 0);
    }

    const int32_t *queryLengths, *keyLengths, *prefixes, *allowed;
    int64_t allowedStep, queries, keys;
    bool causal;
};

/// The number of the first element of a row of weights among all that dropout decides on, as on the CPU: rows are padded to 64 keys.
__device__ inline int64_t dropoutRow(const AttentionSizes &sizes, int64_t sample, int64_t head, int64_t query)
{
    return ((sample * sizes.heads + head) * sizes.queries + query) * ((sizes.keys + 63) / 64 * 64);
}

constexpr size_t kSharedBytes = 48 * 1024; // which every card has

/// The largest of 32, 16, 8 ... positions a tile whose numbers, numbers(tile, features), fit in shared memory. Throws std::invalid_argument where one does not.
template<class Numbers>
int tileFor(int64_t features, Numbers numbers)
{
    for (int tile = 32; tile > 0; tile /= 2)
        if (sizeof(float) * size_t(numbers(tile, features)) <= kSharedBytes)
            return tile;
    throw std::invalid_argument("[attention] heads of " + std::to_string(features) + " features are too wide for the card: take more heads");
}

/// Rows [first, first + tile) of a head to shared memory, [tile, features + 1], zeros where position exceeds `count`.
__device__ inline void fetchRows(const Part &part, int64_t sample, int64_t head, int64_t features, int64_t first, int64_t count, int tile, float *to)
{
    for (int i = int(threadIdx.x); i < tile * int(features); i += int(blockDim.x)) {
        const int row = i / int(features), at = i % int(features);
        to[row * (features + 1) + at] = first + row < count ? part.x[part.row(sample, head, features, first + row) + at] : 0.f;
    }
}

__device__ inline float dotRows(const float *a, const float *b, int64_t features)
{
    float sum = 0;
    for (int64_t i = 0; i < features; ++i)
        sum += a[i] * b[i];
    return sum;
}

} // namespace pretext::cuda
