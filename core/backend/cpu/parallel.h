// The team of threads. Work is either done by the whole team or by the caller alone: libgomp ends and restarts threads when a team's
// size changes. Nothing here depends on which thread finishes first, so equal thread counts give equal bits.
#pragma once

#include "core/backend/backend.h"
#include "core/system/threads.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace pretext::cpu {

constexpr int64_t kGrain = 16384; // element-wise work below this is not worth waking the team

/// body(begin, end) over [0, n), split evenly over the team where `n` exceeds `grain`.
template<class Body>
void parallelFor(int64_t n, [[maybe_unused]] int64_t grain, Body &&body)
{
#ifdef _OPENMP
    if (n > grain && threads() > 1 && !omp_in_parallel()) {
#pragma omp parallel
        {
            const int64_t team = omp_get_num_threads(), rank = omp_get_thread_num();
            const int64_t begin = n * rank / team, end = n * (rank + 1) / team;
            if (begin < end)
                body(begin, end);
        }
        return;
    }
#endif
    if (n > 0)
        body(int64_t(0), n);
}

/// The rows after which parallelFor is worth it, for rows of `width` elements.
inline int64_t rowGrain(int64_t width)
{
    return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, width));
}

/// Sums over n rows into `width` doubles: body(begin, end, sums) adds rows [begin, end). The parts do not depend on the team, so
/// neither does the result.
template<class Body>
std::vector<double> parallelSum(int64_t n, int64_t width, int64_t grain, Body &&body)
{
    constexpr int64_t kMaxParts = 32;
    const int64_t parts = std::clamp<int64_t>(n / std::max<int64_t>(1, grain), 1, kMaxParts);
    std::vector<double> sums(size_t(parts * width), 0.0);
    parallelFor(parts, 1, [&](int64_t first, int64_t last) {
        for (int64_t part = first; part < last; ++part)
            body(n * part / parts, n * (part + 1) / parts, sums.data() + part * width);
    });
    for (int64_t part = 1; part < parts; ++part)
        for (int64_t i = 0; i < width; ++i)
            sums[size_t(i)] += sums[size_t(part * width + i)];
    sums.resize(size_t(width));
    return sums;
}

/// What `parts` threads gathered of one number, each `apart` floats behind the one before, added in order.
inline float addedInOrder(const float *first, int64_t parts, int64_t apart)
{
    float sum = first[0];
    for (int64_t part = 1; part < parts; ++part)
        sum += first[part * apart];
    return sum;
}

/// The sum of term(i) over [begin, end), in double.
template<class Term>
double sumOver(int64_t begin, int64_t end, Term &&term)
{
    constexpr int kSums = 8; // independent ones, so that the loop vectorises without reassociation
    double sums[kSums] = {}, whole = 0;
    int64_t i = begin;
    for (; i + kSums <= end; i += kSums)
        for (int at = 0; at < kSums; ++at)
            sums[at] += term(i + at);
    for (; i < end; ++i)
        sums[0] += term(i);
    for (double sum : sums)
        whole += sum;
    return whole;
}

/// Sums of `width` columns over n rows: addRow(row, block) adds one row to the block. Blocks of a few rows are summed in float, which
/// vectorises well, and from there on in double, which keeps the error of the whole near that of a block.
template<class AddRow>
std::vector<double> columnSums(int64_t n, int64_t width, AddRow &&addRow)
{
    constexpr int64_t kBlock = 16;
    return parallelSum(n, width, rowGrain(width), [&](int64_t begin, int64_t end, double *sums) {
        std::vector<float> block(static_cast<size_t>(width));
        for (int64_t first = begin; first < end; first += kBlock) {
            std::fill(block.begin(), block.end(), 0.f);
            for (int64_t row = first; row < std::min(end, first + kBlock); ++row)
                addRow(row, block.data());
            for (int64_t i = 0; i < width; ++i)
                sums[i] += double(block[size_t(i)]);
        }
    });
}

} // namespace pretext::cpu
