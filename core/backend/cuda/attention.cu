// Attention without the matrix of weights in memory (Dao et al. 2022, "FlashAttention", algorithm 1): a block has a tile of one head's queries, and the keys pass by
// tile by tile, with the running maximum and sum of each query's softmax. Only the logarithm of that sum is kept.
// Floor: 4 N heads Tq Tk Dh operations of floats over the card's rate without tensor cores; q, k, v and y once, keys and values again for each tile of
// queries from the caches. Bound by arithmetic, and by shared memory, which two of these operations read 8 bytes from.
#include "core/backend/cuda/attention.h"

#include "core/backend/cuda/cuda.h"

namespace pretext::cuda {

namespace {

struct Forward
{
    Operands in;
    AttentionSizes sizes;
    Visibility visibility;
    Keeper keeper;
    bool drops;
    int tile;
    float *logSumExp;
    Part y;
};

/// Numbers in shared memory: queries, keys, values and sums [tile, features + 1], scores [tile, tile + 1], and a query's top, total and shrinkage.
int64_t numbersOf(int64_t tile, int64_t features)
{
    return 4 * tile * (features + 1) + tile * (tile + 1) + 3 * tile;
}

/// Turns a query's row of scores into weights relative to its new maximum; shrink brings what was summed before to that. By one warp.
__device__ void absorb(float *scores, int tile, float &top, float &total, float &shrink)
{
    float best = -INFINITY, sum = 0;
    for (int j = int(threadIdx.x % kWarp); j < tile; j += kWarp)
        best = Larger()(best, scores[j]);
    for (int distance = kWarp / 2; distance > 0; distance /= 2)
        best = Larger()(best, __shfl_xor_sync(0xffffffffu, best, distance));
    const float before = top, now = Larger()(before, best);
    for (int j = int(threadIdx.x % kWarp); j < tile; j += kWarp) {
        scores[j] = scores[j] == -INFINITY ? 0.f : expf(scores[j] - now);
        sum += scores[j];
    }
    for (int distance = kWarp / 2; distance > 0; distance /= 2)
        sum += __shfl_xor_sync(0xffffffffu, sum, distance);
    __syncwarp(); // all have read what the first now writes
    if (threadIdx.x % kWarp == 0) {
        shrink = before == now ? 1.f : before == -INFINITY ? 0.f : expf(before - now);
        total = total * shrink + sum;
        top = now;
    }
}

__global__ void attentionKernel(Forward f)
{
    const AttentionSizes &sizes = f.sizes;
    const int64_t sample = blockIdx.x / sizes.heads, head = blockIdx.x % sizes.heads, first = int64_t(blockIdx.y) * f.tile, features = sizes.features;
    const int tile = f.tile, width = int(features), pitch = width + 1;
    float *const q = sharedMemory<float>(), *const k = q + tile * pitch, *const v = k + tile * pitch, *const sums = v + tile * pitch;
    float *const scores = sums + tile * pitch, *const tops = scores + tile * (tile + 1), *const totals = tops + tile, *const shrinks = totals + tile;
    const int64_t queries = f.visibility.queriesOf(sample), rest = queries - first, rows = rest < tile ? rest : tile;
    fetchRows(f.in.q, sample, head, features, first, queries, tile, q);
    for (int i = int(threadIdx.x); i < tile * pitch; i += int(blockDim.x))
        sums[i] = 0.f;
    for (int i = int(threadIdx.x); i < tile; i += int(blockDim.x))
        tops[i] = -INFINITY, totals[i] = 0.f;
    const int64_t seen = rows > 0 ? f.visibility.limit(sample, first + rows - 1) : 0; // no query of the tile sees more
    for (int64_t key = 0; key < seen; key += tile) {
        __syncthreads();
        fetchRows(f.in.k, sample, head, features, key, sizes.keys, tile, k);
        fetchRows(f.in.v, sample, head, features, key, sizes.keys, tile, v);
        __syncthreads();
        for (int i = int(threadIdx.x); i < tile * tile; i += int(blockDim.x)) {
            const int row = i / tile, column = i % tile;
            const bool visible = f.visibility.sees(sample, first + row, key + column);
            scores[row * (tile + 1) + column] = visible ? sizes.scale * dotRows(q + row * pitch, k + column * pitch, features) : -INFINITY;
        }
        __syncthreads();
        for (int row = int(threadIdx.x / kWarp); row < tile; row += int(blockDim.x) / kWarp)
            absorb(scores + row * (tile + 1), tile, tops[row], totals[row], shrinks[row]);
        __syncthreads();
        if (f.drops) {
            for (int i = int(threadIdx.x); i < tile * tile; i += int(blockDim.x))
                scores[i / tile * (tile + 1) + i % tile] *= f.keeper.factor(dropoutRow(sizes, sample, head, first + i / tile) + key + i % tile);
            __syncthreads();
        }
        for (int i = int(threadIdx.x); i < tile * width; i += int(blockDim.x)) {
            const int row = i / width, at = i % width;
            float sum = sums[row * pitch + at] * shrinks[row];
            for (int j = 0; j < tile; ++j)
                sum += scores[row * (tile + 1) + j] * v[j * pitch + at];
            sums[row * pitch + at] = sum;
        }
    }
    __syncthreads();
    for (int i = int(threadIdx.x); i < tile * width; i += int(blockDim.x)) {
        const int row = i / width, at = i % width;
        if (first + row < sizes.queries)
            f.y.x.put(f.y.row(sample, head, features, first + row) + at, totals[row] > 0.f ? sums[row * pitch + at] * (1.f / totals[row]) : 0.f);
    }
    for (int row = int(threadIdx.x); row < tile; row += int(blockDim.x))
        if (first + row < sizes.queries) // infinity makes the weights of a query that sees nothing zero when they are computed again
            f.logSumExp[blockIdx.x * sizes.queries + first + row] = totals[row] > 0.f ? tops[row] + logf(totals[row]) : INFINITY;
}

/// For looking at: a row of weights by a warp or a block.
__device__ void weighRow(const Operands &in, const AttentionSizes &sizes, const Visibility &visibility, int64_t row, float *weights)
{
    const int64_t query = row % sizes.queries, head = row / sizes.queries % sizes.heads, sample = row / sizes.queries / sizes.heads;
    const int64_t ofQuery = in.q.row(sample, head, sizes.features, query);
    float *out = weights + row * sizes.keys, largest = -INFINITY, total = 0;
    for (int64_t j = threadIdx.x; j < sizes.keys; j += blockDim.x) {
        float score = -INFINITY;
        if (visibility.sees(sample, query, j)) {
            score = 0;
            for (int64_t d = 0, ofKey = in.k.row(sample, head, sizes.features, j); d < sizes.features; ++d)
                score += sizes.scale * in.q.x[ofQuery + d] * in.k.x[ofKey + d];
        }
        out[j] = score;
        largest = Larger()(largest, score);
    }
    largest = acrossRow(largest, Larger());
    for (int64_t j = threadIdx.x; j < sizes.keys; j += blockDim.x) {
        out[j] = out[j] == -INFINITY ? 0.f : expf(out[j] - largest);
        total += out[j];
    }
    total = acrossRow(total, Add());
    for (int64_t j = threadIdx.x; j < sizes.keys; j += blockDim.x)
        out[j] = total > 0.f ? out[j] / total : 0.f;
}

} // namespace

void attention(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, AttentionOptions options, Tensor &logSumExp, Tensor &y)
{
    const AttentionSizes sizes(q, k, options.heads);
    const int tile = tileFor(sizes.features, numbersOf);
    const Forward forward{Operands(q, k, v), sizes,        Visibility(mask, sizes, options.causal), Keeper(options.dropout), options.dropout.rate > 0, tile,
                          f32(logSumExp),    Part(y, 1, 0)};
    launch(attentionKernel, dim3(unsigned(sizes.samples * sizes.heads), wholeBlocks(sizes.queries, tile)), kThreads,
           sizeof(float) * size_t(numbersOf(tile, sizes.features)), forward);
}

void attentionWeights(const Tensor &q, const Tensor &k, const AttentionMask &mask, AttentionOptions options, Tensor &weights)
{
    const AttentionSizes sizes(q, k, options.heads);
    const int64_t keyParts = k.defined() ? k.shape()[2] / q.shape()[2] : 3;
    Operands in(q, {}, {});
    in.q = Part(q, k.defined() ? 1 : 3, 0);
    in.k = Part(k.defined() ? k : q, keyParts, k.defined() ? 0 : 1);
    forEachRow(
        sizes.samples * sizes.heads * sizes.queries, sizes.keys,
        [=, visibility = Visibility(mask, sizes, options.causal), to = f32(weights)] __device__(int64_t row) { weighRow(in, sizes, visibility, row, to); });
}

} // namespace pretext::cuda
