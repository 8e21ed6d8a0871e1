// One image as float planes [C, H, W] in [0, 1]: contiguous rows, so that every loop vectorises. What is done to them has the semantics of
// torchvision on float tensors, without antialiasing.
#pragma once

#include <algorithm>
#include <cstddef>

namespace pretext {

struct Planes
{
    int channels = 0, height = 0, width = 0;
    float *data = nullptr;

    size_t area() const { return size_t(height) * width; }
    size_t size() const { return channels * area(); }
    float *plane(int channel) const { return data + channel * area(); }
    float *row(int channel, int y) const { return plane(channel) + size_t(y) * width; }
};

inline float clamped(float value)
{
    return std::min(std::max(value, 0.f), 1.f);
}

/// The brightness of a colour (ITU-R BT.601).
inline float luma(float r, float g, float b)
{
    constexpr float kRed = 0.2989f, kGreen = 0.587f, kBlue = 0.114f;
    return kRed * r + kGreen * g + kBlue * b;
}

/// In eight partial sums, so that the loop vectorises without the compiler reordering a float sum.
inline float planeSum(const float *values, size_t count)
{
    float partial[8] = {};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int lane = 0; lane < 8; ++lane)
            partial[lane] += values[i + lane];
    float total = 0;
    for (; i < count; ++i)
        total += values[i];
    for (float part : partial)
        total += part;
    return total;
}

} // namespace pretext
