// Moves: parts of an axis, and axes that change places. Floor: every byte read and written once; bound by memory. A matrix of floats is turned by tiles in
// shared memory, so that both sides are read and written along their rows.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

/// y[to(i)] = x[from(i)] for i below count, of elements of two bytes or four; where(i, from, to).
template<class Where>
void move(const Tensor &x, const Tensor &y, int64_t count, Where where)
{
    if (bytesOf(x.type()) == sizeof(uint16_t))
        return forEach(count,
                       [=, source = static_cast<const uint16_t *>(bytesBehind(x)), target = static_cast<uint16_t *>(bytesBehind(y))] __device__(int64_t i) {
                           int64_t from, to;
                           where(i, from, to);
                           target[to] = source[from];
                       });
    forEach(count, [=, source = ints(x), target = ints(y)] __device__(int64_t i) {
        int64_t from, to;
        where(i, from, to);
        target[to] = source[from];
    });
}

/// Where the elements of a part lie in the whole.
struct Run
{
    Run(const Shape &whole, const Shape &part, SliceOptions options)
        : inner(whole.size(options.axis + 1, whole.rank()))
        , run(part[options.axis] * inner)
        , step(whole[options.axis] * inner)
        , first(options.first * inner)
    {
    }
    __device__ int64_t at(int64_t i) const { return i / run * step + first + i % run; }
    int64_t inner, run, step, first;
};

constexpr int kTile = 32, kTileRows = 8;

__global__ void transposeKernel(const int32_t *x, int64_t rows, int64_t columns, int64_t strips, int32_t *y)
{
    int32_t *const tile = sharedMemory<int32_t>(); // [kTile, kTile + 1]: a column of it is in different banks
    const int64_t top = int64_t(blockIdx.x) / strips * kTile, left = int64_t(blockIdx.x) % strips * kTile, matrix = blockIdx.y * rows * columns;
    for (int y0 = int(threadIdx.y); y0 < kTile; y0 += kTileRows)
        if (top + y0 < rows && left + threadIdx.x < columns)
            tile[y0 * (kTile + 1) + threadIdx.x] = x[matrix + (top + y0) * columns + left + threadIdx.x];
    __syncthreads();
    for (int y0 = int(threadIdx.y); y0 < kTile; y0 += kTileRows)
        if (left + y0 < columns && top + threadIdx.x < rows)
            y[matrix + (left + y0) * rows + top + threadIdx.x] = tile[threadIdx.x * (kTile + 1) + y0];
}

} // namespace

void slice(const Tensor &x, SliceOptions options, Tensor &y)
{
    const Run run(x.shape(), y.shape(), options);
    move(x, y, y.size(), [=] __device__(int64_t i, int64_t & from, int64_t & to) { from = run.at(i), to = i; });
}

void place(const Tensor &x, SliceOptions options, Tensor &y)
{
    const Run run(y.shape(), x.shape(), options);
    move(x, y, x.size(), [=] __device__(int64_t i, int64_t & from, int64_t & to) { from = i, to = run.at(i); });
}

void swapAxes(const Tensor &x, SwapOptions options, Tensor &y)
{
    constexpr int64_t kMostMatrices = 65535;
    const Shape &shape = x.shape();
    const int64_t outer = shape.size(0, options.axis), rows = shape[options.axis], columns = shape[options.axis + 1];
    const int64_t inner = shape.size(options.axis + 2, shape.rank());
    if (inner == 1 && outer <= kMostMatrices && bytesOf(x.type()) == sizeof(int32_t)) {
        const int64_t strips = wholeBlocks(columns, kTile);
        return launch(transposeKernel, dim3(unsigned(strips * wholeBlocks(rows, kTile)), unsigned(outer)), dim3(kTile, kTileRows),
                      sizeof(int32_t) * kTile * (kTile + 1), ints(x), rows, columns, strips, ints(y));
    }
    move(x, y, y.size(), [=] __device__(int64_t i, int64_t & from, int64_t & to) {
        const int64_t at = i % inner, row = i / inner % rows, column = i / inner / rows % columns, matrix = i / inner / rows / columns;
        from = ((matrix * rows + row) * columns + column) * inner + at;
        to = i;
    });
}

} // namespace pretext::cuda
