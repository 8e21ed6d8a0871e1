// Vectors of floats kept as bfloat16, the upper half of a float: rounded to the nearest, of two as near to the even one; a NaN stays one.
#pragma once

#include "core/backend/cpu/vectormath.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

namespace pretext::cpu {

typedef uint16_t HalfLanes __attribute__((vector_size(kLanes * sizeof(uint16_t))));
typedef uint32_t BitLanes __attribute__((vector_size(kLanes * sizeof(uint32_t))));

inline Lanes widened(HalfLanes halves)
{
    const BitLanes bits = __builtin_convertvector(halves, BitLanes) << 16;
    Lanes x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
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
    HalfLanes halves{};
    std::memcpy(&halves, from, size_t(count) * sizeof(uint16_t));
    return widened(halves);
}

inline void store(uint16_t *to, Lanes x)
{
    const HalfLanes halves = narrowed(x);
    std::memcpy(to, &halves, sizeof halves);
}

inline void storePart(uint16_t *to, Lanes x, int64_t count)
{
    const HalfLanes halves = narrowed(x);
    std::memcpy(to, &halves, size_t(count) * sizeof(uint16_t));
}

} // namespace pretext::cpu
