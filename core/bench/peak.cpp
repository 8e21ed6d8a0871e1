#include "core/bench/peak.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pretext::bench {

namespace {

// Enough independent chains to hide a multiply-add's latency (4 cycles, two a cycle), few enough for the registers.
constexpr int kChains = 12;

/// An empty asm keeps the compiler from knowing, and thus from working out, what a register holds. A loop of `rounds` x kChains multiply-adds; returns how many floating-point operations that were.
using PeakLoop = double (*)(long rounds);

#if defined(__x86_64__)
__attribute__((target("avx512f"))) double peakOf512(long rounds)
{
    __m512 sums[kChains];
    for (__m512 &sum : sums)
        sum = _mm512_set1_ps(1.f);
    const __m512 factor = _mm512_set1_ps(0.999f), added = _mm512_set1_ps(0.001f);
    for (long i = 0; i < rounds; ++i)
#pragma GCC unroll 12
        for (int chain = 0; chain < kChains; ++chain) {
            sums[chain] = _mm512_fmadd_ps(sums[chain], factor, added);
            asm volatile("" : "+v"(sums[chain]));
        }
    return 2. * 16 * kChains * double(rounds);
}

__attribute__((target("avx2,fma"))) double peakOf256(long rounds)
{
    __m256 sums[kChains];
    for (__m256 &sum : sums)
        sum = _mm256_set1_ps(1.f);
    const __m256 factor = _mm256_set1_ps(0.999f), added = _mm256_set1_ps(0.001f);
    for (long i = 0; i < rounds; ++i)
#pragma GCC unroll 12
        for (int chain = 0; chain < kChains; ++chain) {
            sums[chain] = _mm256_fmadd_ps(sums[chain], factor, added);
            asm volatile("" : "+x"(sums[chain]));
        }
    return 2. * 8 * kChains * double(rounds);
}
#endif

double peakOfScalars(long rounds)
{
    float sums[kChains];
    std::fill(std::begin(sums), std::end(sums), 1.f);
    for (long i = 0; i < rounds; ++i)
        for (float &sum : sums) {
            sum = sum * 0.999f + 0.001f;
            asm volatile("" : "+m"(sum));
        }
    return 2. * kChains * double(rounds);
}

struct PeakKind { PeakLoop loop; const char *instructions; };

PeakKind bestKind()
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return {peakOf512, "AVX-512"};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return {peakOf256, "AVX2"};
#endif
    return {peakOfScalars, "scalar"};
}

double gflopsOf(PeakLoop loop, int threads, long rounds)
{
    std::vector<std::jthread> team;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 1; i < threads; ++i)
        team.emplace_back([=] { loop(rounds); });
    const double flop = loop(rounds) * threads;
    team.clear(); // joins
    return flop / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / 1e9;
}

} // namespace

Peak measurePeak(int threads)
{
    const PeakKind kind = bestKind();
    long rounds = 1000;
    const auto seconds = [&] {
        const auto begin = std::chrono::steady_clock::now();
        kind.loop(rounds);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    while (seconds() < 0.03)
        rounds *= 2;
    double best = 0;
    for (int i = 0; i < 8; ++i)
        best = std::max(best, gflopsOf(kind.loop, threads, rounds));
    return {best, kind.instructions};
}

} // namespace pretext::bench
