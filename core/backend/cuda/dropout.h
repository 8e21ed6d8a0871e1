// The dropout masks: Philox 4x32-10 (Salmon et al. 2011, table 2), the same numbers as the CPU's: one block of 128 bits decides on eight neighbouring
// elements, sixteen bits each.
#pragma once

#include "core/backend/cuda/launch.h"
#include "core/backend/options.h"

#include <cmath>

namespace pretext::cuda {

/// Decides on single elements.
struct Keeper
{
    explicit Keeper(const DropoutOptions &options)
        : key(options.key)
        , threshold(uint32_t(std::lround(double(options.rate) * 65536)))
        , keep(float(1.0 / (1.0 - double(options.rate))))
    {
    }

    /// 0 where the element of the place that the key names is dropped, else 1 / (1 - rate).
    __device__ float factor(int64_t element) const
    {
        constexpr int64_t kShared = 8; // elements that share a block
        const uint64_t block = uint64_t(element / kShared);
        uint32_t c[4] = {uint32_t(block), uint32_t(block >> 32), key.step, key.site};
        uint32_t key0 = uint32_t(key.seed), key1 = uint32_t(key.seed >> 32);
        for (int round = 0; round < 10; ++round) {
            const uint64_t even = uint64_t(0xD2511F53) * c[0], odd = uint64_t(0xCD9E8D57) * c[2];
            c[0] = uint32_t(odd >> 32) ^ c[1] ^ key0;
            c[2] = uint32_t(even >> 32) ^ c[3] ^ key1;
            c[1] = uint32_t(odd);
            c[3] = uint32_t(even);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }
        const int at = int(element % kShared), word = at / 2;
        const uint32_t bits = word < 2 ? (word == 0 ? c[0] : c[1]) : (word == 2 ? c[2] : c[3]);
        return (at % 2 == 0 ? bits & 0xffff : bits >> 16) < threshold ? 0.f : keep;
    }

    DropoutKey key;
    uint32_t threshold;
    float keep;
};

} // namespace pretext::cuda
