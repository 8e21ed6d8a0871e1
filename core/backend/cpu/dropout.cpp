#include "core/backend/cpu/dropout.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cmath>

namespace pretext::cpu {

namespace {

constexpr int kCounters = 8;

struct Blocks
{
    uint32_t word[4][kCounters];
};

/// Salmon et al. 2011, table 2; block numbers first .. first + 7.
Blocks philox(const DropoutKey &key, uint64_t first)
{
    Blocks c;
    for (int i = 0; i < kCounters; ++i) {
        c.word[0][i] = uint32_t(first + uint64_t(i));
        c.word[1][i] = uint32_t((first + uint64_t(i)) >> 32);
        c.word[2][i] = key.step;
        c.word[3][i] = key.site;
    }
    uint32_t key0 = uint32_t(key.seed), key1 = uint32_t(key.seed >> 32);
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < kCounters; ++i) {
            const uint64_t even = uint64_t(0xD2511F53) * c.word[0][i], odd = uint64_t(0xCD9E8D57) * c.word[2][i];
            c.word[0][i] = uint32_t(odd >> 32) ^ c.word[1][i] ^ key0;
            c.word[2][i] = uint32_t(even >> 32) ^ c.word[3][i] ^ key1;
            c.word[1][i] = uint32_t(odd);
            c.word[3][i] = uint32_t(even);
        }
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    return c;
}

} // namespace

void keepFactors(const DropoutOptions &options, int64_t first, int64_t count, float *factors)
{
    const uint32_t threshold = uint32_t(std::lround(double(options.rate) * 65536));
    const float keep = float(1.0 / (1.0 - double(options.rate)));
    for (int64_t done = 0; done < count; done += kCounters * kDropoutBlock) {
        const Blocks bits = philox(options.key, uint64_t((first + done) / kDropoutBlock));
        float values[kCounters * kDropoutBlock];
        for (int i = 0; i < kCounters; ++i)
            for (int word = 0; word < 4; ++word) {
                values[i * kDropoutBlock + 2 * word] = (bits.word[word][i] & 0xffff) < threshold ? 0.f : keep;
                values[i * kDropoutBlock + 2 * word + 1] = (bits.word[word][i] >> 16) < threshold ? 0.f : keep;
            }
        std::copy_n(values, std::min<int64_t>(count - done, kCounters * kDropoutBlock), factors + done);
    }
}

void dropout(const Tensor &x, DropoutOptions options, Tensor &y)
{
    constexpr int64_t kRun = 1024;
    parallelFor((x.size() + kRun - 1) / kRun, 4, [=, source = f32(x), target = f32(y), size = x.size()](int64_t begin, int64_t end) {
        float factors[kRun];
        for (int64_t run = begin; run < end; ++run) {
            const int64_t first = run * kRun, count = std::min(kRun, size - first);
            keepFactors(options, first, count, factors);
#pragma GCC ivdep // y may be x
            for (int64_t i = 0; i < count; ++i)
                target[first + i] = source[first + i] * factors[i];
        }
    });
}

} // namespace pretext::cpu
