// The same products by tensor cores, from compute capability 8.0 on: a block of eight warps makes the same tile, each warp 16 x 32 of it, and a multiprocessor has two blocks or more. A factor lies in
// shared memory in the order in which it lies in the card's, so that its numbers are written there without conflicts; the sums are floats.
//
// Floor: 2 M N K operations over the card's rate of bfloat16, or of tf32, into floats. Each step of a tile reads 2 kTile kDepth numbers, so that of bfloat16
// memory serves 32 operations a byte from the caches: 64 x 64 tiles stay below half of a large card's rate, and above a laptop's need.
#pragma once

#include "core/backend/cuda/product.h"

#include <cuda_bf16.h>
#include <mma.h>

namespace pretext::cuda {

/// Numbers of eight significant bits, as a tensor core takes them.
struct OfBfloat16
{
    using Stored = uint16_t;
    using Taken = __nv_bfloat16;
    static constexpr int kStep = 16;   // of the inner extent in one instruction
    static constexpr int kPadding = 8; // of a row in shared memory, so that neighbours are in other banks
    __device__ static Stored of(float x) { return narrowed(x); }
};

/// Of eleven: floats whose last bits are not looked at.
struct OfTf32
{
    using Stored = float;
    using Taken = float;
    static constexpr int kStep = 8, kPadding = 4;
    __device__ static Stored of(float x)
    {
        constexpr uint32_t kLost = 13; // bits of a float's significand; to the nearest, of two as near to the even one
        const uint32_t bits = __float_as_uint(x);
        return x == x ? __uint_as_float((bits + (1u << (kLost - 1)) - 1 + (bits >> kLost & 1)) & ~((1u << kLost) - 1)) : x;
    }
};

constexpr int kTensorDepth = 32, kFragment = 16, kSumsPitch = kTile + 4;

/// A tile as it lies in shared memory: [kTile, kTensorDepth] or turned, rows padded.
template<class Numbers, bool innerFast>
struct TensorTile
{
    static constexpr int kRow = (innerFast ? kTensorDepth : kTile) + Numbers::kPadding;
    static constexpr int kSize = (innerFast ? kTile : kTensorDepth) * kRow;
    typename Numbers::Stored *at;

    __device__ void put(int outer, int inner, float x) const { at[innerFast ? outer * kRow + inner : inner * kRow + outer] = Numbers::of(x); }
    template<class Fragment>
    __device__ void load(Fragment &fragment, int outer, int inner) const
    {
        const auto *from = at + (innerFast ? outer * kRow + inner : inner * kRow + outer);
        nvcuda::wmma::load_matrix_sync(fragment, reinterpret_cast<const typename Numbers::Taken *>(from), unsigned(kRow));
    }
};

template<class Numbers, class Left, class Right>
constexpr size_t kTensorScratch = std::max(sizeof(typename Numbers::Stored)
                                               * (TensorTile<Numbers, Left::kInnerFast>::kSize + TensorTile<Numbers, Right::kInnerFast>::kSize),
                                           sizeof(float) * kTile * kSumsPitch);

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800 // older ones do not know these names
#define PRETEXT_HAS_TENSOR_CORES
template<class Numbers>
using TensorNumber = std::conditional_t<std::is_same_v<Numbers, OfTf32>, nvcuda::wmma::precision::tf32, __nv_bfloat16>;
#endif

template<class Numbers, class Left, class Right, class Finish>
__global__ void __launch_bounds__(kThreads, 2)
    tensorProductKernel(Left left, Right right, int64_t rows, int64_t columns, int64_t inner, int64_t innerOfPart, Finish finish)
{
#ifdef PRETEXT_HAS_TENSOR_CORES // others are never given it
    namespace wmma = nvcuda::wmma;
    using OfLeft = TensorTile<Numbers, Left::kInnerFast>;
    using OfRight = TensorTile<Numbers, Right::kInnerFast>;
    using LeftOrder = std::conditional_t<Left::kInnerFast, wmma::row_major, wmma::col_major>;
    using RightOrder = std::conditional_t<Right::kInnerFast, wmma::col_major, wmma::row_major>;
    constexpr int kBeside = 2, kWarpsBeside = kTile / (kBeside * kFragment); // fragments of a warp; warps along a row of the tile

    const OfLeft a{sharedMemory<typename Numbers::Stored>()};
    const OfRight b{a.at + OfLeft::kSize};
    const int64_t top = int64_t(blockIdx.x) * kTile, beside = int64_t(blockIdx.y) * kTile, first = int64_t(blockIdx.z) * innerOfPart;
    const int64_t last = first + innerOfPart < inner ? first + innerOfPart : inner;
    TileReader<Left, kTensorDepth> fromLeft(left, top, rows);
    TileReader<Right, kTensorDepth> fromRight(right, beside, columns);
    const int warp = int(threadIdx.x) / kWarp, row = warp / kWarpsBeside * kFragment, column = warp % kWarpsBeside * kBeside * kFragment;
    wmma::fragment<wmma::accumulator, kFragment, kFragment, Numbers::kStep, float> sums[kBeside];
    for (auto &sum : sums)
        wmma::fill_fragment(sum, 0.f);
    fromLeft.fetch(first, last);
    fromRight.fetch(first, last);
    for (int64_t k = first; k < last; k += kTensorDepth) {
        fromLeft.store([a](int outer, int inner, float x) { a.put(outer, inner, x); });
        fromRight.store([b](int outer, int inner, float x) { b.put(outer, inner, x); });
        __syncthreads();
        fromLeft.fetch(k + kTensorDepth, last);
        fromRight.fetch(k + kTensorDepth, last);
        for (int depth = 0; depth < kTensorDepth; depth += Numbers::kStep) {
            wmma::fragment<wmma::matrix_a, kFragment, kFragment, Numbers::kStep, TensorNumber<Numbers>, LeftOrder> ofA;
            a.load(ofA, row, depth);
            for (int i = 0; i < kBeside; ++i) {
                wmma::fragment<wmma::matrix_b, kFragment, kFragment, Numbers::kStep, TensorNumber<Numbers>, RightOrder> ofB;
                b.load(ofB, column + i * kFragment, depth);
                wmma::mma_sync(sums[i], ofA, ofB, sums[i]);
            }
        }
        __syncthreads();
    }
    float *const whole = sharedMemory<float>(); // where the tiles were: only the hardware knows which thread holds which sum
    for (int i = 0; i < kBeside; ++i)
        wmma::store_matrix_sync(whole + row * kSumsPitch + column + i * kFragment, sums[i], unsigned(kSumsPitch), wmma::mem_row_major);
    __syncthreads();
    for (int i = int(threadIdx.x); i < kTile * kTile; i += kThreads) {
        const int r = i / kTile, c = i % kTile;
        if (top + r < rows && beside + c < columns)
            finish(top + r, beside + c, whole[r * kSumsPitch + c], int(blockIdx.z));
    }
#endif
}

template<class Numbers, class Left, class Right>
void multiplyByTensorCores(const Left &left, const Right &right, int64_t rows, int64_t columns, int64_t inner, const ProductFinish &finish)
{
    multiplyBy<Left, Right>(tensorProductKernel<Numbers, Left, Right, WholeFinish>, tensorProductKernel<Numbers, Left, Right, PartFinish>,
                            kTensorScratch<Numbers, Left, Right>, left, right, rows, columns, inner, finish);
}

/// As multiply, in bf16 or tf32 precision; in floats where the card has no tensor cores.
template<class Left, class Right>
void multiplyIn(Precision precision, const Left &left, const Right &right, int64_t rows, int64_t columns, int64_t inner, const ProductFinish &finish)
{
    if (precision == Precision::f32 || !hasTensorCores())
        multiply(left, right, rows, columns, inner, finish);
    else if (precision == Precision::bf16)
        multiplyByTensorCores<OfBfloat16>(left, right, rows, columns, inner, finish);
    else
        multiplyByTensorCores<OfTf32>(left, right, rows, columns, inner, finish);
}

} // namespace pretext::cuda
