// The shapes that work takes on the device: element by element, a row by a warp or a block, sums down columns and over everything. Sums are floats over a few
// numbers and doubles beyond, and are taken in an order that depends on the shape alone, so that equal inputs give equal bits.
#pragma once

#include "core/backend/cuda/elements.h"

namespace pretext::cuda {

template<class Body>
__global__ void eachKernel(int64_t count, Body body)
{
    const int64_t step = int64_t(gridDim.x) * blockDim.x;
    for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step)
        body(i);
}

/// body(i) for each i below count, by neighbouring threads for neighbouring i.
template<class Body>
void forEach(int64_t count, Body body)
{
    constexpr unsigned kMostBlocks = 1 << 16;
    const unsigned blocks = count > int64_t(kMostBlocks) * kThreads ? kMostBlocks : wholeBlocks(count, kThreads);
    launch(eachKernel<Body>, blocks, kThreads, 0, count, body);
}

struct Add
{
    template<class T>
    __device__ T operator()(T a, T b) const
    {
        return a + b;
    }
};
struct Larger
{
    template<class T>
    __device__ T operator()(T a, T b) const
    {
        return a < b ? b : a;
    }
};

/// Of the values of all threads along x, which are one warp or, with blockDim.y 1, several; every one of them gets the result. Shared memory's first 256
/// bytes are in use meanwhile where there are several.
template<class T, class Join>
__device__ T acrossRow(T value, Join join)
{
    for (int distance = kWarp / 2; distance > 0; distance /= 2)
        value = join(value, __shfl_xor_sync(0xffffffffu, value, distance));
    const int warps = int(blockDim.x) / kWarp;
    if (warps == 1) {
        __syncwarp(); // what the row's threads read before this may be written over after it, as with the barriers below
        return value;
    }
    T *const ofWarps = sharedMemory<T>();
    __syncthreads(); // whoever still reads what is there
    if (threadIdx.x % kWarp == 0)
        ofWarps[threadIdx.x / kWarp] = value;
    __syncthreads();
    value = ofWarps[0];
    for (int warp = 1; warp < warps; ++warp)
        value = join(value, ofWarps[warp]);
    return value;
}

constexpr size_t kRowScratch = 256; // bytes of shared memory that acrossRow wants

template<class Body>
__global__ void rowKernel(int64_t rows, Body body)
{
    const int64_t row = int64_t(blockIdx.x) * blockDim.y + threadIdx.y;
    if (row < rows)
        body(row);
}

/// body(row) by all threads that share a row: those of a warp, or of a block where rows are wide. Each takes elements threadIdx.x, threadIdx.x + blockDim.x ...
template<class Body>
void forEachRow(int64_t rows, int64_t width, Body body)
{
    const dim3 block = width > 1024 ? dim3(kThreads, 1) : dim3(kWarp, kThreads / kWarp);
    launch(rowKernel<Body>, wholeBlocks(rows, block.y), block, kRowScratch, rows, body);
}

/// A number and where it stood, such that the largest of several is the largest number, the first of those; a NaN is larger than all.
__device__ inline unsigned long long ranked(float value, int64_t place)
{
    const uint32_t bits = __float_as_uint(value + 0.f); // +0 for -0
    const uint32_t ordered = value != value ? 0xffffffffu : bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (unsigned long long)(ordered) << 32 | (0xffffffffu - uint32_t(place));
}
__device__ inline int64_t placeOf(unsigned long long rank)
{
    return 0xffffffffu - uint32_t(rank);
}

/// Doubles for what is between two kernels.
inline Tensor doubles(int64_t count)
{
    return Tensor({2 * count}, DType::f32, Device::cuda);
}
inline double *doublesOf(const Tensor &x)
{
    return static_cast<double *>(bytesBehind(x));
}

constexpr int kSumRows = 8; // of a block that sums columns, beside a warp of columns

/// Partial sums [parts, columns, N] of rows by parts.
template<int N, class Value>
__global__ void columnSumKernel(int64_t rows, int64_t columns, Value value, double *partial)
{
    constexpr int kFloats = 16; // rows that are summed as floats
    const int64_t column = int64_t(blockIdx.x) * kWarp + threadIdx.x;
    const int64_t begin = rows * blockIdx.y / gridDim.y, end = rows * (blockIdx.y + 1) / gridDim.y;
    double sums[N] = {};
    if (column < columns)
        for (int64_t first = begin + threadIdx.y; first < end; first += kFloats * kSumRows) {
            float some[N] = {};
            for (int64_t row = first; row < end && row < first + kFloats * kSumRows; row += kSumRows) {
                float one[N];
                value(row, column, one);
                for (int n = 0; n < N; ++n)
                    some[n] += one[n];
            }
            for (int n = 0; n < N; ++n)
                sums[n] += double(some[n]);
        }
    double *const shared = sharedMemory<double>(); // [kSumRows, N, kWarp]
    for (int n = 0; n < N; ++n)
        shared[(threadIdx.y * N + n) * kWarp + threadIdx.x] = sums[n];
    __syncthreads();
    if (threadIdx.y != 0 || column >= columns)
        return;
    for (int n = 0; n < N; ++n) {
        double sum = 0;
        for (int y = 0; y < kSumRows; ++y)
            sum += shared[(y * N + n) * kWarp + threadIdx.x];
        partial[(blockIdx.y * columns + column) * N + n] = sum;
    }
}

/// Sums of N values down the columns of [rows, columns]: value(row, column, float[N]) gives them, finish(column, const double[N]) gets the sums. Reads what value
/// reads, once; bound by memory.
template<int N, class Value, class Finish>
void columnSums(int64_t rows, int64_t columns, Value value, Finish finish)
{
    const int64_t strips = wholeBlocks(columns, kWarp), enough = 4096 / (strips < 4096 ? strips : 4096);
    int64_t parts = rows / 128 < enough ? rows / 128 : enough;
    parts = parts < 1 ? 1 : parts > 256 ? 256 : parts;
    const Tensor partial = doubles(parts * columns * N);
    launch(columnSumKernel<N, Value>, dim3(unsigned(strips), unsigned(parts)), dim3(kWarp, kSumRows), sizeof(double) * kSumRows * N * kWarp, rows, columns,
           value, doublesOf(partial));
    forEach(columns, [=, of = static_cast<const double *>(doublesOf(partial))] __device__(int64_t column) {
        double sums[N] = {};
        for (int64_t part = 0; part < parts; ++part)
            for (int n = 0; n < N; ++n)
                sums[n] += of[(part * columns + column) * N + n];
        finish(column, sums);
    });
}

template<class Term>
__global__ void sumKernel(int64_t count, Term term, double *partial)
{
    double sum = 0;
    for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += int64_t(gridDim.x) * blockDim.x)
        sum += term(i);
    sum = acrossRow(sum, Add());
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sum;
}

/// finish(sum over i below count of term(i), a double).
template<class Term, class Finish>
void sumAll(int64_t count, Term term, Finish finish)
{
    const int64_t wanted = wholeBlocks(count, 8 * kThreads), blocks = wanted < 1 ? 1 : wanted > 256 ? 256 : wanted;
    const Tensor partial = doubles(blocks);
    launch(sumKernel<Term>, unsigned(blocks), kThreads, kRowScratch, count, term, doublesOf(partial));
    forEach(1, [=, of = static_cast<const double *>(doublesOf(partial))] __device__(int64_t) {
        double sum = 0;
        for (int64_t i = 0; i < blocks; ++i)
            sum += of[i];
        finish(sum);
    });
}

} // namespace pretext::cuda
