// Vectors of floats kept as bfloat16, the upper half of a float: rounded to the nearest, of two as near to the even one; a NaN stays one.
#pragma once

#include "core/backend/cpu/vectormath.h"

namespace pretext::cpu {

typedef uint16_t HalfLanes __attribute__((vector_size(kLanes * sizeof(uint16_t))));
typedef uint32_t BitLanes __attribute__((vector_size(kLanes * sizeof(uint32_t))));

inline Lanes widened(HalfLanes halves)
{
#ifdef __AVX512F__
    return Lanes(BitLanes(_mm512_maskz_cvtepu16_epi32(0xffff, __m256i(halves)))
                 << 16); // six instructions if GCC 12 finds them; unmasked, it warns of its own header
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

inline HalfLanes loadHalves(const uint16_t *from)
{
    HalfLanes halves;
    std::memcpy(&halves, from, sizeof halves);
    return halves;
}

/// The first `count`, the others zero.
inline HalfLanes loadHalves(const uint16_t *from, int64_t count)
{
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    return HalfLanes(_mm256_maskz_loadu_epi16(firstLanes(count), from));
#else
    HalfLanes halves{};
    std::memcpy(&halves, from, size_t(count) * sizeof(uint16_t));
    return halves;
#endif
}

inline Lanes load(const uint16_t *from)
{
    return widened(loadHalves(from));
}
inline Lanes loadPart(const uint16_t *from, int64_t count)
{
    return widened(loadHalves(from, count));
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

} // namespace pretext::cpu
