// Vectors of floats as wide as the processor's (GCC vector extensions), and the functions of them that transformers need. The
// approximations are stated where they stand; a NaN stays one.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace pretext::cpu {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t IntLanes __attribute__((vector_size(kLanes * sizeof(int32_t))));

inline Lanes load(const float *from)
{
    Lanes x;
    std::memcpy(&x, from, sizeof x);
    return x;
}
inline void store(float *to, Lanes x)
{
    std::memcpy(to, &x, sizeof x);
}
inline Lanes splat(float x)
{
    return x - Lanes{};
}

// Parts of a vector. By masks where there are some, since to copy so many bytes would be a call.
#if defined(__AVX512F__)
inline __mmask16 firstLanes(int64_t count)
{
    return __mmask16((1u << count) - 1);
}
inline Lanes loadMasked(const float *from, int64_t count, Lanes rest)
{
    return Lanes(_mm512_mask_loadu_ps(__m512(rest), firstLanes(count), from));
}
inline IntLanes loadPart(const int32_t *from, int64_t count)
{
    return IntLanes(_mm512_maskz_loadu_epi32(firstLanes(count), from));
}
inline void storePart(float *to, Lanes x, int64_t count)
{
    _mm512_mask_storeu_ps(to, firstLanes(count), __m512(x));
}
inline void storePart(int32_t *to, IntLanes x, int64_t count)
{
    _mm512_mask_storeu_epi32(to, firstLanes(count), __m512i(x));
}
#elif defined(__AVX2__)
inline __m256i firstLanes(int64_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(int(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Lanes loadMasked(const float *from, int64_t count, Lanes rest)
{
    const __m256i mask = firstLanes(count);
    return Lanes(_mm256_blendv_ps(__m256(rest), _mm256_maskload_ps(from, mask), _mm256_castsi256_ps(mask)));
}
inline IntLanes loadPart(const int32_t *from, int64_t count)
{
    return IntLanes(_mm256_maskload_epi32(from, firstLanes(count)));
}
inline void storePart(float *to, Lanes x, int64_t count)
{
    _mm256_maskstore_ps(to, firstLanes(count), __m256(x));
}
inline void storePart(int32_t *to, IntLanes x, int64_t count)
{
    _mm256_maskstore_epi32(to, firstLanes(count), __m256i(x));
}
#else
inline Lanes loadMasked(const float *from, int64_t count, Lanes rest)
{
    std::memcpy(&rest, from, size_t(count) * sizeof(float));
    return rest;
}
inline IntLanes loadPart(const int32_t *from, int64_t count)
{
    IntLanes x{};
    std::memcpy(&x, from, size_t(count) * sizeof(int32_t));
    return x;
}
inline void storePart(float *to, Lanes x, int64_t count)
{
    std::memcpy(to, &x, size_t(count) * sizeof(float));
}
inline void storePart(int32_t *to, IntLanes x, int64_t count)
{
    std::memcpy(to, &x, size_t(count) * sizeof(int32_t));
}
#endif

/// The first `count` lanes, the others `rest`.
inline Lanes loadPart(const float *from, int64_t count, float rest = 0.f)
{
    return loadMasked(from, count, splat(rest));
}

inline IntLanes load(const int32_t *from)
{
    IntLanes x;
    std::memcpy(&x, from, sizeof x);
    return x;
}
inline void store(int32_t *to, IntLanes x)
{
    std::memcpy(to, &x, sizeof x);
}

inline Lanes max(Lanes a, Lanes b)
{
    return a > b ? a : b;
}

inline Lanes sqrt(Lanes x)
{
#if defined(__AVX512F__)
    return Lanes(_mm512_sqrt_ps(__m512(x)));
#elif defined(__AVX2__)
    return Lanes(_mm256_sqrt_ps(__m256(x)));
#else
    for (int lane = 0; lane < kLanes; ++lane)
        x[lane] = std::sqrt(x[lane]);
    return x;
#endif
}

inline float sum(Lanes x)
{
    float total = 0;
    for (int lane = 0; lane < kLanes; ++lane)
        total += x[lane];
    return total;
}
inline float largest(Lanes x)
{
    float best = x[0];
    for (int lane = 1; lane < kLanes; ++lane)
        best = x[lane] > best ? x[lane] : best;
    return best;
}

/// Relative error below 2e-7; 0 below -87.3, infinite above 88.3. x = n ln 2 + r, and a polynomial of degree 6 in r (Cephes' expf).
inline Lanes exp(Lanes x)
{
    constexpr float kLowest = -87.3f, kHighest = 88.7f, kRound = 12582912.f; // 1.5 2^23: adding it leaves the nearest whole number
    Lanes clamped = x < kLowest ? splat(kLowest) : x;
    clamped = clamped > kHighest ? splat(kHighest) : clamped;
    const Lanes shifted = clamped * 1.44269504088896341f + kRound, n = shifted - kRound;
    const Lanes r = (clamped - n * 0.693359375f) + n * 2.12194440e-4f;
    Lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.f;
    const IntLanes power = (((IntLanes)shifted - (IntLanes)splat(kRound)) + 127) << 23;
    const Lanes y = p * (Lanes)power;
    return x < kLowest ? Lanes{} : y;
}

/// Relative error below 2e-7; of 0 minus infinity, of less NaN. x = m 2^e with m within a root of 2 of 1, and a polynomial in m - 1 (Cephes' logf).
inline Lanes log(Lanes x)
{
    constexpr float kLeastNormal = 1.17549435e-38f, kShift = 8388608.f; // 2^23 brings what lies below among the normal ones
    const Lanes scaled = x < kLeastNormal ? x * kShift : x;
    const IntLanes bits = (IntLanes)scaled, half = {}, exponent = ((bits >> 23) & 0xff) - 126;
    Lanes m = (Lanes)((bits & 0x7fffff) | (half + 0x3f000000)), e = __builtin_convertvector(exponent, Lanes);
    e = x < kLeastNormal ? e - 23.f : e;
    e = m < 0.707106781186547524f ? e - 1.f : e;
    m = (m < 0.707106781186547524f ? m + m : m) - 1.f;
    const Lanes square = m * m;
    Lanes p = m * 7.0376836292e-2f - 1.1514610310e-1f;
    p = p * m + 1.1676998740e-1f;
    p = p * m - 1.2420140846e-1f;
    p = p * m + 1.4249322787e-1f;
    p = p * m - 1.6668057665e-1f;
    p = p * m + 2.0000714765e-1f;
    p = p * m - 2.4999993993e-1f;
    p = p * m + 3.3333331174e-1f;
    const Lanes y = m + (p * m * square - e * 2.12194440e-4f - 0.5f * square) + e * 0.693359375f;
    const Lanes infinity = splat(__builtin_inff());
    const Lanes beyond = x == 0.f ? -infinity : x == infinity ? infinity : splat(__builtin_nanf(""));
    return x > 0.f && x < infinity ? y : beyond; // a NaN is neither
}

inline Lanes sigmoid(Lanes x)
{
    return 1.f / (1.f + exp(-x));
}

/// Absolute error below 1.5e-7, relative near zero (Cephes' tanhf).
inline Lanes tanh(Lanes x)
{
    const Lanes size = x < 0.f ? -x : x, square = x * x;
    Lanes p = square * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * square - 5.37397155531e-2f;
    p = p * square + 1.33314422036e-1f;
    p = p * square - 3.33332819422e-1f;
    const Lanes small = p * square * x + x, large = 1.f - 2.f / (exp(2.f * size) + 1.f);
    return size < 0.625f ? small : (x < 0.f ? -large : large);
}

/// The normal distribution's cumulative probability, by erf's approximation in Abramowitz and Stegun 7.1.26 (absolute error below 1e-7), and
/// its density without the factor 1 / sqrt(2 pi), which that needs anyway.
struct NormalLanes
{
    Lanes cumulative, bell;
};
inline NormalLanes normalDistribution(Lanes x)
{
    const Lanes size = x < 0.f ? -x : x, t = 1.f / (1.f + 0.231641888f * size), bell = exp(-0.5f * x * x); // 0.3275911 / sqrt 2
    Lanes p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const Lanes tail = 0.5f * p * t * bell;
    return {x < 0.f ? tail : 1.f - tail, bell};
}

} // namespace pretext::cpu
