#include "core/bench/peak.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace pretext::bench {

namespace {

// Enough independent chains to hide a multiply-add's latency (4 cycles, two a cycle), few enough for the registers.
constexpr int kChains = 12;

/// A loop of `rounds` x kChains multiply-adds; returns how many floating-point operations that were.
using PeakLoop = double (*)(long rounds);

#if defined(__x86_64__)
// The formatter finds no end of these lines.
// clang-format off
// Sums and factors begin at zero: whatever the registers held might be slow to compute with.
#define PRETEXT_ZERO(n) "vxorps %%xmm" #n ", %%xmm" #n ", %%xmm" #n "\n\t"
#define PRETEXT_ZEROED                                                                                                           \
    PRETEXT_ZERO(0) PRETEXT_ZERO(1) PRETEXT_ZERO(2) PRETEXT_ZERO(3) PRETEXT_ZERO(4) PRETEXT_ZERO(5) PRETEXT_ZERO(6) PRETEXT_ZERO(7) \
    PRETEXT_ZERO(8) PRETEXT_ZERO(9) PRETEXT_ZERO(10) PRETEXT_ZERO(11) PRETEXT_ZERO(12) PRETEXT_ZERO(13)

// In assembly, so that every sum has a register: compilers keep an array of them on the stack, and would measure that.
#define PRETEXT_MULTIPLY_ADD(reg, n) "vfmadd231ps %%" reg "12, %%" reg "13, %%" reg #n "\n\t"
#define PRETEXT_PEAK_LOOP(reg, rounds)                                                                                                     \
    asm volatile(PRETEXT_ZEROED "1:\n\t" PRETEXT_MULTIPLY_ADD(reg, 0) PRETEXT_MULTIPLY_ADD(reg, 1) PRETEXT_MULTIPLY_ADD(reg, 2)            \
                     PRETEXT_MULTIPLY_ADD(reg, 3) PRETEXT_MULTIPLY_ADD(reg, 4) PRETEXT_MULTIPLY_ADD(reg, 5) PRETEXT_MULTIPLY_ADD(reg, 6) \
                         PRETEXT_MULTIPLY_ADD(reg, 7) PRETEXT_MULTIPLY_ADD(reg, 8) PRETEXT_MULTIPLY_ADD(reg, 9)                          \
                             PRETEXT_MULTIPLY_ADD(reg, 10) PRETEXT_MULTIPLY_ADD(reg, 11) "dec %0\n\t"                                    \
                                                                                         "jnz 1b"                                        \
                 : "+r"(rounds)                                                                                                          \
                 :                                                                                                                       \
                 : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13")
// clang-format on

__attribute__((target("avx512f"))) double peakOf512(long rounds)
{
    long left = rounds;
    PRETEXT_PEAK_LOOP("zmm", left);
    return 2. * 16 * kChains * double(rounds);
}

__attribute__((target("avx2,fma"))) double peakOf256(long rounds)
{
    long left = rounds;
    PRETEXT_PEAK_LOOP("ymm", left);
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

struct PeakKind
{
    PeakLoop loop;
    const char *instructions;
};

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
