// Tensor cores on the host. Which thread holds which number of a fragment is the hardware's secret, and kernels may not know it, so that here a
// lane holds what its own results need: with eight results each, half a row, that is a row of the left factor and eight columns of the right one.
// A matrix that lies where the hardware could not read it is found.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include "tests/cudahost/watching.h"

#include <type_traits>

namespace nvcuda::wmma {

struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
namespace precision {
struct tf32;
}
enum layout_t { mem_row_major, mem_col_major };

constexpr int kOwnColumns = 8;

template<class Use, int m, int n, int k, class Number, class Layout = void>
struct fragment
{
    static_assert(m == 16 && n == 16
                  && ((std::is_same_v<Number, precision::tf32> && k == 8) || (!std::is_same_v<Number, precision::tf32> && k == 16)
                      || std::is_same_v<Use, accumulator>));
    float x[std::is_same_v<Use, matrix_a> ? k : std::is_same_v<Use, matrix_b> ? k * kOwnColumns : kOwnColumns];
};

inline int ownRow()
{
    return cudahost::lane() / 2;
}
inline int ownColumn()
{
    return cudahost::lane() % 2 * kOwnColumns;
}

/// As the hardware takes it, which looks at the first eleven significant bits alone.
inline float takenAsTf32(float x)
{
    return __uint_as_float(__float_as_uint(x) & ~0x1fffu);
}

/// What the hardware asks of a matrix in memory.
template<class T>
void requireAligned(const T *at, unsigned row)
{
    constexpr unsigned kBytes = 32, kRowBytes = 16;
    if (reinterpret_cast<uintptr_t>(at) % kBytes != 0 || row * sizeof(T) % kRowBytes != 0)
        cudahost::addFinding("a fragment's matrix does not begin at a multiple of 32 bytes, or its rows are not multiples of 16");
}

/// Through memory of its own kind, as a kernel's own access would be, so that it is looked at.
inline float numberAt(const __nv_bfloat16 *at)
{
    return __uint_as_float(uint32_t(at->bits) << 16);
}
inline float numberAt(const float *at)
{
    return takenAsTf32(*at);
}

template<int m, int n, int k, class Number, class Layout, class T>
void load_matrix_sync(fragment<matrix_a, m, n, k, Number, Layout> &to, const T *from, unsigned row)
{
    requireAligned(from, row);
    for (int i = 0; i < k; ++i)
        to.x[i] = numberAt(from + (std::is_same_v<Layout, row_major> ? ownRow() * row + i : i * row + ownRow()));
}

template<int m, int n, int k, class Number, class Layout, class T>
void load_matrix_sync(fragment<matrix_b, m, n, k, Number, Layout> &to, const T *from, unsigned row)
{
    requireAligned(from, row);
    for (int i = 0; i < k; ++i)
        for (int j = 0; j < kOwnColumns; ++j)
            to.x[i * kOwnColumns + j] = numberAt(from + (std::is_same_v<Layout, row_major> ? i * row + ownColumn() + j : (ownColumn() + j) * row + i));
}

template<class Fragment>
void fill_fragment(Fragment &to, float value)
{
    for (float &x : to.x)
        x = value;
}

template<int m, int n, int k, class Number, class LayoutA, class LayoutB>
void mma_sync(fragment<accumulator, m, n, k, float> &to, const fragment<matrix_a, m, n, k, Number, LayoutA> &a,
              const fragment<matrix_b, m, n, k, Number, LayoutB> &b, const fragment<accumulator, m, n, k, float> &c)
{
    for (int j = 0; j < kOwnColumns; ++j) {
        float sum = c.x[j];
        for (int i = 0; i < k; ++i)
            sum += a.x[i] * b.x[i * kOwnColumns + j];
        to.x[j] = sum;
    }
}

template<int m, int n, int k>
void store_matrix_sync(float *to, const fragment<accumulator, m, n, k, float> &from, unsigned row, layout_t layout)
{
    requireAligned(to, row);
    for (int j = 0; j < kOwnColumns; ++j)
        to[layout == mem_row_major ? ownRow() * row + ownColumn() + j : (ownColumn() + j) * row + ownRow()] = from.x[j];
}

} // namespace nvcuda::wmma
