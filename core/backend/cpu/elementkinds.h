// What products multiply, lane by lane. A lane is a float, or a pair of bfloat16 that are neighbours along the inner extent, where the
// processor multiplies and adds such pairs in one instruction (AVX-512 BF16), twice as many in a cycle. Elsewhere bfloat16 is what it means
// and no faster: floats rounded to eight bits. Sums are floats in every case.
#pragma once

#include "core/backend/cpu/bfloat16.h"

namespace pretext::cpu {

struct F32
{
    static constexpr int64_t kDepth = 1; // elements of the inner extent in a lane
    static constexpr bool kPlain = true; // lanes are the elements as they are
    static Lanes join(Lanes even, Lanes) { return even; }
    static Lanes multiplyAdd(float factor, Lanes right, Lanes sum) { return sum + factor * right; }
};

#ifdef __AVX512BF16__
struct Bf16
{
    static constexpr int64_t kDepth = 2;
    static constexpr bool kPlain = false;
    /// Lane by lane a pair of even and odd.
    static Lanes join(HalfLanes even, HalfLanes odd) { return paired(_mm512_inserti64x4(_mm512_castsi256_si512(__m256i(even)), __m256i(odd), 1)); }
    static Lanes join(Lanes even, Lanes odd) { return paired(__m512i(neighbours(even, odd))); }
    /// Of 2 kLanes neighbours, kLanes pairs.
    static Lanes neighbours(Lanes first, Lanes second) { return Lanes(_mm512_cvtne2ps_pbh(__m512(second), __m512(first))); }
    static Lanes multiplyAdd(float factor, Lanes right, Lanes sum)
    {
        return Lanes(_mm512_dpbf16_ps(__m512(sum), __m512bh(_mm512_set1_ps(factor)), __m512bh(right)));
    }

private:
    /// From all even ones before all odd ones.
    static Lanes paired(__m512i halves)
    {
        typedef uint16_t Places __attribute__((vector_size(64)));
        constexpr Places kPlaces{0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
        return Lanes(_mm512_permutexvar_epi16(__m512i(kPlaces), halves));
    }
};
#else
struct Bf16
{
    static constexpr int64_t kDepth = 1;
    static constexpr bool kPlain = false;
    static Lanes join(HalfLanes even, HalfLanes) { return widened(even); }
    static Lanes join(Lanes even, Lanes) { return widened(narrowed(even)); }
    static Lanes neighbours(Lanes first, Lanes) { return join(first, first); }
    static Lanes multiplyAdd(float factor, Lanes right, Lanes sum) { return sum + factor * right; }
};
#endif

/// So many elements of the inner extent, in whole lanes.
template<class Element>
constexpr int64_t lanesOf(int64_t elements)
{
    return (elements + Element::kDepth - 1) / Element::kDepth;
}

/// Whether products of bfloat16 are faster than those of floats.
constexpr bool kMultipliesPairs = Bf16::kDepth == 2;

} // namespace pretext::cpu
