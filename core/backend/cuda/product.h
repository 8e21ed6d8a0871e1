// Products by our own kernel, for what cuBLAS does not multiply: convolutions, whose factors are read out of the image as they are needed (an implicit matrix),
// and everything where there is no cuBLAS. A block makes kTile x kTile of the result; kDepth of the inner extent at a time pass by in shared
// memory, and each thread keeps 4 x 4 sums in registers.
//
// Floor: 2 M N K operations; of floats over the card's rate without tensor cores. Each step of a tile reads 2 kTile kDepth numbers for 2 kTile^2 kDepth
// operations, 32 for each, so that memory serves 16 operations a byte from the caches; bound by arithmetic from some 256 in each extent on.
#pragma once

#include "core/backend/cuda/parallel.h"
#include "core/backend/cuda/unary.h"

#include <algorithm>

namespace pretext::cuda {

constexpr int kTile = 64, kDepth = 16, kPitch = kTile + 4, kOwn = 4; // kOwn: rows and columns of a thread
constexpr size_t kProductScratch = sizeof(float) * 2 * kDepth * kPitch;

/// What becomes of a sum: y = activation(z) with z = alpha sum + beta y + bias, and z itself where it is wanted, rounded first where it is bfloat16.
struct ProductFinish
{
    Out y = {};
    int64_t columns = 0; // of y
    float alpha = 1.f, beta = 0.f;
    In bias = {}; // for each column
    Unary activation = Unary::none;
    Out z = {};

    __device__ void operator()(int64_t row, int64_t column, float sum) const
    {
        const int64_t i = row * columns + column;
        float value = alpha * sum;
        if (beta != 0.f)
            value += beta * y[i];
        if (bias)
            value += bias[column];
        if (z) {
            z.put(i, value);
            value = z.narrow ? rounded(value) : value;
        }
        y.put(i, activation == Unary::none ? value : curveOf(activation, value).value);
    }
};

/// A factor that is a matrix in memory; innerFast: whether neighbours along the inner extent are neighbours in memory.
template<bool innerFast>
struct MatrixFactor
{
    static constexpr bool kInnerFast = innerFast;
    using Outer = int64_t;
    using Inner = int64_t;
    In x;
    int64_t step; // of the slow extent
    bool rounds = false;
    __device__ Outer outer(int64_t i) const { return innerFast ? i * step : i; }
    __device__ Inner inner(int64_t k) const { return innerFast ? k : k * step; }
    __device__ float at(Outer outer, Inner inner) const { return rounds ? rounded(x[outer + inner]) : x[outer + inner]; }
};

/// Brings tiles of a factor, kTile by depth, to shared memory, by way of registers: the next tile is on its way while this one is multiplied.
/// Neighbouring threads read what neighbours in memory; what they can know beforehand, where their rows lie, is kept.
template<class Factor, int depth>
struct TileReader
{
    static constexpr int kEach = kTile * depth / kThreads; // numbers of a thread
    static constexpr int kOuters = Factor::kInnerFast ? kEach : 1, kOuterStep = kThreads / depth, kInnerStep = kThreads / kTile;

    __device__ TileReader(const Factor &factor, int64_t first, int64_t count) : factor(factor)
    {
        for (int i = 0; i < kOuters; ++i) {
            const int64_t at = first + outerOf(i);
            inside[i] = at < count;
            outers[i] = factor.outer(inside[i] ? at : 0);
        }
    }

    /// Where a thread's i-th number lies in the tile.
    __device__ static int outerOf(int i) { return Factor::kInnerFast ? int(threadIdx.x / depth) + i * kOuterStep : int(threadIdx.x % kTile); }
    __device__ static int innerOf(int i) { return Factor::kInnerFast ? int(threadIdx.x % depth) : int(threadIdx.x / kTile) + i * kInnerStep; }

    /// From k on; zero beyond `last` and beyond the factor.
    __device__ void fetch(int64_t k, int64_t last)
    {
        if constexpr (Factor::kInnerFast) {
            const bool within = k + innerOf(0) < last;
            const typename Factor::Inner inner = factor.inner(within ? k + innerOf(0) : 0);
            for (int i = 0; i < kEach; ++i)
                held[i] = within && inside[i] ? factor.at(outers[i], inner) : 0.f;
        } else {
            for (int i = 0; i < kEach; ++i) {
                const bool within = k + innerOf(i) < last;
                held[i] = within && inside[0] ? factor.at(outers[0], factor.inner(k + innerOf(i))) : 0.f;
            }
        }
    }

    /// put(outer, inner, number) for each of this thread's.
    template<class Put>
    __device__ void store(Put put) const
    {
        for (int i = 0; i < kEach; ++i)
            put(outerOf(i), innerOf(i), held[i]);
    }

    const Factor &factor;
    bool inside[kOuters];
    typename Factor::Outer outers[kOuters];
    float held[kEach];
};

template<class Left, class Right, class Finish>
__global__ void productKernel(Left left, Right right, int64_t rows, int64_t columns, int64_t inner, int64_t innerOfPart, Finish finish)
{
    float *const a = sharedMemory<float>(), *const b = a + kDepth * kPitch;
    const int64_t top = int64_t(blockIdx.x) * kTile, beside = int64_t(blockIdx.y) * kTile, first = int64_t(blockIdx.z) * innerOfPart;
    const int64_t last = first + innerOfPart < inner ? first + innerOfPart : inner;
    TileReader<Left, kDepth> fromLeft(left, top, rows);
    TileReader<Right, kDepth> fromRight(right, beside, columns);
    const int row = int(threadIdx.x / (kTile / kOwn)) * kOwn, column = int(threadIdx.x % (kTile / kOwn)) * kOwn;
    float sums[kOwn][kOwn] = {};
    fromLeft.fetch(first, last);
    fromRight.fetch(first, last);
    for (int64_t k = first; k < last; k += kDepth) {
        fromLeft.store([a](int outer, int inner, float x) { a[inner * kPitch + outer] = x; });
        fromRight.store([b](int outer, int inner, float x) { b[inner * kPitch + outer] = x; });
        __syncthreads();
        fromLeft.fetch(k + kDepth, last);
        fromRight.fetch(k + kDepth, last);
        for (int depth = 0; depth < kDepth; ++depth) {
            float ofA[kOwn], ofB[kOwn];
            for (int i = 0; i < kOwn; ++i) {
                ofA[i] = a[depth * kPitch + row + i];
                ofB[i] = b[depth * kPitch + column + i];
            }
            for (int i = 0; i < kOwn; ++i)
                for (int j = 0; j < kOwn; ++j)
                    sums[i][j] += ofA[i] * ofB[j];
        }
        __syncthreads();
    }
    for (int i = 0; i < kOwn; ++i)
        for (int j = 0; j < kOwn; ++j)
            if (top + row + i < rows && beside + column + j < columns)
                finish(top + row + i, beside + column + j, sums[i][j], int(blockIdx.z));
}

struct WholeFinish
{
    ProductFinish finish;
    __device__ void operator()(int64_t row, int64_t column, float sum, int) const { finish(row, column, sum); }
};
struct PartFinish
{
    float *parts;
    int64_t rows, columns;
    __device__ void operator()(int64_t row, int64_t column, float sum, int part) const { parts[(part * rows + row) * columns + column] = sum; }
};

/// Into how many parts the inner extent is cut, so that a small result of a long sum still keeps the whole card busy.
inline int64_t innerParts(int64_t rows, int64_t columns, int64_t inner)
{
    constexpr int64_t kShortest = 256, kMost = 64;
    const int64_t tiles = int64_t(wholeBlocks(rows, kTile)) * wholeBlocks(columns, kTile), wanted = 2 * multiprocessors() / std::max<int64_t>(1, tiles);
    return std::clamp<int64_t>(std::min(wanted, inner / kShortest), 1, kMost);
}

/// kernel(left, right, rows, columns, inner, inner of a part, finish), in as many parts as there are layers of the grid.
template<class Left, class Right, class Finish>
using ProductKernel = void (*)(Left, Right, int64_t, int64_t, int64_t, int64_t, Finish);

/// finish(row, column, sum over inner of left (row, inner) right (column, inner)). Long sums are cut into parts, whose order is fixed.
template<class Left, class Right>
void multiplyBy(ProductKernel<Left, Right, WholeFinish> whole, ProductKernel<Left, Right, PartFinish> inParts, size_t sharedBytes, const Left &left,
                const Right &right, int64_t rows, int64_t columns, int64_t inner, const ProductFinish &finish)
{
    const int64_t parts = innerParts(rows, columns, inner), of = (inner + parts - 1) / std::max<int64_t>(1, parts);
    const dim3 grid(wholeBlocks(rows, kTile), wholeBlocks(columns, kTile), unsigned(parts));
    if (parts == 1)
        return launch(whole, grid, kThreads, sharedBytes, left, right, rows, columns, inner, of, WholeFinish{finish});
    const Tensor partial({parts, rows, columns}, DType::f32, Device::cuda);
    float *sums = f32(partial);
    launch(inParts, grid, kThreads, sharedBytes, left, right, rows, columns, inner, of, PartFinish{sums, rows, columns});
    forEach(rows * columns, [=] __device__(int64_t i) {
        float sum = 0;
        for (int64_t part = 0; part < parts; ++part)
            sum += sums[part * rows * columns + i];
        finish(i / columns, i % columns, sum);
    });
}

/// In floats: what has no tensor cores, or is to be multiplied whole.
template<class Left, class Right>
void multiply(const Left &left, const Right &right, int64_t rows, int64_t columns, int64_t inner, const ProductFinish &finish)
{
    multiplyBy<Left, Right>(productKernel<Left, Right, WholeFinish>, productKernel<Left, Right, PartFinish>, kProductScratch, left, right, rows, columns, inner,
                            finish);
}

} // namespace pretext::cuda
