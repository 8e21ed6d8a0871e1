// Vectors of floats kept as bfloat16, the upper half of a float: rounded to the nearest, of two as near to the even one; a NaN stays one.
#pragma once

#include "core/backend/access.h"
#include "core/backend/cpu/vectormath.h"

namespace pretext::cpu {

typedef uint16_t HalfLanes __attribute__((vector_size(kLanes * sizeof(uint16_t))));
typedef uint32_t BitLanes __attribute__((vector_size(kLanes * sizeof(uint32_t))));

inline Lanes widened(HalfLanes halves)
{
#ifdef __AVX512F__
    return Lanes(_mm512_slli_epi32(_mm512_cvtepu16_epi32(__m256i(halves)), 16)); // which GCC 12 makes six instructions of by itself
#else
    const BitLanes bits = __builtin_convertvector(halves, BitLanes) << 16;
    Lanes x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
#endif
}

inline HalfLanes narrowed(Lanes x)
{
#ifdef __AVX512BF16__
    return HalfLanes(_mm512_cvtneps_pbh(__m512(x)));
#else
    BitLanes bits;
    std::memcpy(&bits, &x, sizeof bits);
    const BitLanes rounded = bits + 0x7fff + (bits >> 16 & 1), quiet = bits | 0x400000;
    return __builtin_convertvector((x == x ? rounded : quiet) >> 16, HalfLanes);
#endif
}

inline Lanes load(const uint16_t *from)
{
    HalfLanes halves;
    std::memcpy(&halves, from, sizeof halves);
    return widened(halves);
}

/// The first `count` lanes, the others zero.
inline Lanes loadPart(const uint16_t *from, int64_t count)
{
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    return widened(HalfLanes(_mm256_maskz_loadu_epi16(firstLanes(count), from)));
#else
    HalfLanes halves{};
    std::memcpy(&halves, from, size_t(count) * sizeof(uint16_t));
    return widened(halves);
#endif
}

inline void store(uint16_t *to, Lanes x)
{
    const HalfLanes halves = narrowed(x);
    std::memcpy(to, &halves, sizeof halves);
}

inline void storePart(uint16_t *to, Lanes x, int64_t count)
{
    const HalfLanes halves = narrowed(x);
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    _mm256_mask_storeu_epi16(to, firstLanes(count), __m256i(halves));
#else
    std::memcpy(to, &halves, size_t(count) * sizeof(uint16_t));
#endif
}

/// Calls body(elements) with x's elements as what they are kept in: floats or bfloat16.
template<class Body>
auto withElements(const Tensor &x, Body &&body)
{
    return x.type() == DType::bf16 ? body(bf16(x)) : body(f32(x));
}

/// The elements of a tensor that is kept as T; null where it is undefined.
template<class T>
T *elements(const Tensor &x)
{
    return x.defined() ? static_cast<T *>(BackendAccess::storage(x).data) : nullptr;
}

/// Where a vector of a row begins, and how much of it there is.
struct Whole
{
    int64_t at;
    static constexpr int64_t count = kLanes;
    auto of(const auto *row) const { return load(row + at); }
    void put(auto *row, auto x) const { store(row + at, x); }
};
struct Part
{
    int64_t at, count;
    auto of(const auto *row) const { return loadPart(row + at, count); }
    void put(auto *row, auto x) const { storePart(row + at, x, count); }
};

/// Calls body(where) for each vector of a row of `size` elements.
template<class Body>
inline void eachVector(int64_t size, Body &&body)
{
    int64_t at = 0;
    for (; at + kLanes <= size; at += kLanes)
        body(Whole{at});
    if (at < size)
        body(Part{at, size - at});
}

} // namespace pretext::cpu
