// Random numbers of single pixels: the same hashes of (key, place) as core/data/augment/pixelrandom.h has for the host.
#pragma once

#include "core/backend/cuda/launch.h"

namespace pretext::cuda {

struct PixelRandom
{
    __device__ explicit PixelRandom(uint64_t key) : low(uint32_t(key)), high(uint32_t(key >> 32)) {}

    /// In [0, 1), even.
    __device__ float uniform(uint32_t place) const { return float(int(second(first(place)) >> 8)) * 0x1p-24f; }
    /// Close to normal, of mean 0 and deviation 1: the sum of eight uniform bytes.
    __device__ float normal(uint32_t place) const
    {
        const uint32_t a = first(place), b = second(a);
        return float(byteSum(a) + byteSum(b) - 1020) / sqrtf(8 * 65535 / 12.f);
    }

private:
    __device__ static uint32_t mixed(uint32_t x)
    {
        x = (x ^ (x >> 16)) * 0x7feb352du;
        x = (x ^ (x >> 15)) * 0x846ca68bu;
        return x ^ (x >> 16);
    }
    __device__ static int byteSum(uint32_t x) { return int(x & 255) + int(x >> 8 & 255) + int(x >> 16 & 255) + int(x >> 24); }
    __device__ uint32_t first(uint32_t place) const { return mixed(place * 0x9e3779b9u + low); }
    __device__ uint32_t second(uint32_t first) const { return mixed(first ^ high); }

    uint32_t low, high;
};

} // namespace pretext::cuda
