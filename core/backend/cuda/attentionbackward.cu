// The gradient of attention (Dao et al. 2022, algorithm 4): the weights are computed again, tile by tile, from the scores and the kept logarithms of their sums.
// With P the weights, D dropout's factors and O the output,
//   dV = (P D)^T dO,   dS = P (D dO V^T - rowsum(dO O)),   dQ = dS K / sqrt(Dh),   dK = dS^T Q / sqrt(Dh).
// One pass has a tile of queries, past which keys go, for dQ; another a tile of keys, past which queries go, for dK and dV: nothing is shared
// between blocks, so equal inputs give equal bits. Floor: 14 N heads Tq Tk Dh operations, 10 were the scores computed once; bound as forward is.
#include "core/backend/cuda/attention.h"
#include "core/backend/cuda/cuda.h"

namespace pretext::cuda {

namespace {

struct Backward
{
    Operands in, out;
    Part dy;
    AttentionSizes sizes;
    Visibility visibility;
    Keeper keeper;
    bool drops;
    int tile;
    const float *logSumExp, *along;

    /// P D and the scaled dS of a query and a key, whose rows are in shared memory.
    __device__ void weigh(int64_t sample, int64_t head, int64_t query, int64_t key, const float *q, const float *dO, const float *k, const float *v,
                          float &weight, float &slope) const
    {
        weight = slope = 0;
        if (!visibility.sees(sample, query, key))
            return;
        const int64_t at = (sample * sizes.heads + head) * sizes.queries + query;
        const float p = expf(sizes.scale * dotRows(q, k, sizes.features) - logSumExp[at]);
        const float kept = drops ? keeper.factor(dropoutRow(sizes, sample, head, query) + key) : 1.f;
        weight = p * kept;
        slope = sizes.scale * p * (kept * dotRows(dO, v, sizes.features) - along[at]);
    }
};

/// Numbers in shared memory: six blocks of rows and two of a query and a key.
int64_t numbersOf(int64_t tile, int64_t features)
{
    return 6 * tile * (features + 1) + 2 * tile * (tile + 1);
}

/// Shared memory as the passes cut it.
struct Tiles
{
    __device__ Tiles(int tile, int pitch)
        : q(sharedMemory<float>())
        , dO(q + tile * pitch)
        , k(dO + tile * pitch)
        , v(k + tile * pitch)
        , first(v + tile * pitch)
        , second(first + tile * pitch)
        , weights(second + tile * pitch)
        , slopes(weights + tile * (tile + 1))
    {
    }
    float *q, *dO, *k, *v, *first, *second, *weights, *slopes;
};

__device__ void clear(float *numbers, int count)
{
    for (int i = int(threadIdx.x); i < count; i += int(blockDim.x))
        numbers[i] = 0.f;
}

/// Weights and slopes of a tile, [queries, keys].
__device__ void weighTile(const Backward &b, const Tiles &tiles, int64_t sample, int64_t head, int64_t query, int64_t key)
{
    const int tile = b.tile, pitch = int(b.sizes.features) + 1;
    for (int i = int(threadIdx.x); i < tile * tile; i += int(blockDim.x)) {
        const int row = i / tile, column = i % tile, at = row * (tile + 1) + column;
        b.weigh(sample, head, query + row, key + column, tiles.q + row * pitch, tiles.dO + row * pitch, tiles.k + column * pitch, tiles.v + column * pitch,
                tiles.weights[at], tiles.slopes[at]);
    }
}

__device__ void store(const Part &part, const AttentionSizes &sizes, int64_t sample, int64_t head, int64_t first, int64_t count, int tile, const float *numbers)
{
    const int width = int(sizes.features);
    for (int i = int(threadIdx.x); i < tile * width; i += int(blockDim.x))
        if (first + i / width < count)
            part.x.put(part.row(sample, head, sizes.features, first + i / width) + i % width, numbers[i / width * (width + 1) + i % width]);
}

__global__ void queriesKernel(Backward b)
{
    const int64_t sample = blockIdx.x / b.sizes.heads, head = blockIdx.x % b.sizes.heads, query = int64_t(blockIdx.y) * b.tile, features = b.sizes.features;
    const int tile = b.tile, width = int(features), pitch = width + 1;
    const Tiles tiles(tile, pitch);
    const int64_t queries = b.visibility.queriesOf(sample), last = query + tile < queries ? query + tile : queries;
    const int64_t seen = last > query ? b.visibility.limit(sample, last - 1) : 0;
    fetchRows(b.in.q, sample, head, features, query, b.sizes.queries, tile, tiles.q);
    fetchRows(b.dy, sample, head, features, query, b.sizes.queries, tile, tiles.dO);
    clear(tiles.first, tile * pitch);
    for (int64_t key = 0; key < seen; key += tile) {
        __syncthreads();
        fetchRows(b.in.k, sample, head, features, key, b.sizes.keys, tile, tiles.k);
        fetchRows(b.in.v, sample, head, features, key, b.sizes.keys, tile, tiles.v);
        __syncthreads();
        weighTile(b, tiles, sample, head, query, key);
        __syncthreads();
        for (int i = int(threadIdx.x); i < tile * width; i += int(blockDim.x)) {
            const int row = i / width, at = i % width;
            float sum = tiles.first[row * pitch + at];
            for (int j = 0; j < tile; ++j)
                sum += tiles.slopes[row * (tile + 1) + j] * tiles.k[j * pitch + at];
            tiles.first[row * pitch + at] = sum;
        }
    }
    __syncthreads();
    store(b.out.q, b.sizes, sample, head, query, b.sizes.queries, tile, tiles.first);
}

__global__ void keysKernel(Backward b)
{
    const int64_t sample = blockIdx.x / b.sizes.heads, head = blockIdx.x % b.sizes.heads, key = int64_t(blockIdx.y) * b.tile, features = b.sizes.features;
    const int tile = b.tile, width = int(features), pitch = width + 1;
    const Tiles tiles(tile, pitch);
    const int64_t queries = key < b.visibility.keysOf(sample) ? b.visibility.queriesOf(sample) : 0;
    fetchRows(b.in.k, sample, head, features, key, b.sizes.keys, tile, tiles.k);
    fetchRows(b.in.v, sample, head, features, key, b.sizes.keys, tile, tiles.v);
    clear(tiles.first, 2 * tile * pitch);
    for (int64_t query = 0; query < queries; query += tile) {
        if (b.visibility.limit(sample, query + tile - 1) <= key)
            continue; // hidden from all of them, which every thread finds alike
        __syncthreads();
        fetchRows(b.in.q, sample, head, features, query, b.sizes.queries, tile, tiles.q);
        fetchRows(b.dy, sample, head, features, query, b.sizes.queries, tile, tiles.dO);
        __syncthreads();
        weighTile(b, tiles, sample, head, query, key);
        __syncthreads();
        for (int i = int(threadIdx.x); i < tile * width; i += int(blockDim.x)) {
            const int row = i / width, at = i % width;
            float dk = tiles.first[row * pitch + at], dv = tiles.second[row * pitch + at];
            for (int j = 0; j < tile; ++j) {
                dk += tiles.slopes[j * (tile + 1) + row] * tiles.q[j * pitch + at];
                dv += tiles.weights[j * (tile + 1) + row] * tiles.dO[j * pitch + at];
            }
            tiles.first[row * pitch + at] = dk;
            tiles.second[row * pitch + at] = dv;
        }
    }
    __syncthreads();
    store(b.out.k, b.sizes, sample, head, key, b.sizes.keys, tile, tiles.first);
    store(b.out.v, b.sizes, sample, head, key, b.sizes.keys, tile, tiles.second);
}

/// rowsum(dO O), which is the mean of the weights' gradients under the weights, [N, heads, Tq].
void sumAlong(const Tensor &y, const Tensor &dy, const AttentionSizes &sizes, const Tensor &along)
{
    forEachRow(along.size(), sizes.features, [=, o = Part(y, 1, 0), d = Part(dy, 1, 0), to = f32(along)] __device__(int64_t row) {
        const int64_t query = row % sizes.queries, head = row / sizes.queries % sizes.heads, sample = row / sizes.queries / sizes.heads;
        const int64_t first = o.row(sample, head, sizes.features, query);
        float sum = 0;
        for (int64_t i = threadIdx.x; i < sizes.features; i += blockDim.x)
            sum += o.x[first + i] * d.x[first + i];
        sum = acrossRow(sum, Add());
        if (threadIdx.x == 0)
            to[row] = sum;
    });
}

} // namespace

void attentionBackward(const Tensor &q, const Tensor &k, const Tensor &v, const AttentionMask &mask, const Tensor &logSumExp, const Tensor &y, const Tensor &dy,
                       AttentionOptions options, Tensor &dq, Tensor &dk, Tensor &dv)
{
    const AttentionSizes sizes(q, k, options.heads);
    const Tensor along({sizes.samples * sizes.heads * sizes.queries}, DType::f32, Device::cuda);
    sumAlong(y, dy, sizes, along);
    const int tile = tileFor(sizes.features, numbersOf);
    const Backward backward{Operands(q, k, v),       Operands(dq, dk, dv),     Part(dy, 1, 0), sizes,          Visibility(mask, sizes, options.causal),
                            Keeper(options.dropout), options.dropout.rate > 0, tile,           f32(logSumExp), f32(along)};
    const size_t shared = sizeof(float) * size_t(numbersOf(tile, sizes.features));
    const unsigned heads = unsigned(sizes.samples * sizes.heads);
    launch(queriesKernel, dim3(heads, wholeBlocks(sizes.queries, tile)), kThreads, shared, backward);
    launch(keysKernel, dim3(heads, wholeBlocks(sizes.keys, tile)), kThreads, shared, backward);
}

} // namespace pretext::cuda
