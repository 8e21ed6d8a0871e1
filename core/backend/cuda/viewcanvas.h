// A view while a block of threads works on it: two sets of planes [C, H, W] of values in [0, 1], one of which it is. Pixel i is thread i's, modulo the block: a step
// that changes pixels each by itself needs no barrier, and one that takes them from elsewhere has its own.
#pragma once

#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

struct ViewCanvas
{
    float *now, *other; // the view, and room for the next
    float *notes;       // of the whole block, shared
    int channels, height, width;

    __device__ int area() const { return height * width; }
    __device__ float *plane(int channel) const { return now + int64_t(channel) * area(); }

    /// body(i) for each pixel, by its thread.
    template<class Body>
    __device__ void each(Body body) const
    {
        for (int i = int(threadIdx.x); i < area(); i += int(blockDim.x))
            body(i);
    }

    /// The view becomes from(plane, y, x) of what it was.
    template<class From>
    __device__ void gather(From from)
    {
        __syncthreads();
        each([&](int i) {
            for (int c = 0; c < channels; ++c)
                other[int64_t(c) * area() + i] = from(static_cast<const float *>(plane(c)), i / width, i % width);
        });
        float *const before = now;
        now = other;
        other = before;
    }

    /// The mean of value(i) over the pixels, for every thread.
    template<class Value>
    __device__ float mean(Value value) const
    {
        constexpr int kFloats = 16; // summed as such
        double sum = 0;
        float some = 0;
        int count = 0;
        each([&](int i) {
            some += value(i);
            if (++count % kFloats == 0) {
                sum += double(some);
                some = 0;
            }
        });
        return float(acrossRow(sum + double(some), Add()) / area());
    }
};

__device__ inline float clamped(float value)
{
    return fminf(fmaxf(value, 0.f), 1.f);
}

/// The brightness of a colour (ITU-R BT.601).
__device__ inline float luma(float r, float g, float b)
{
    return 0.2989f * r + 0.587f * g + 0.114f * b;
}

} // namespace pretext::cuda
