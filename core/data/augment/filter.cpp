// Blur, noise and cut-out.
#include "core/data/augment/planes.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

/// Half a Gaussian kernel: the weight of the centre, then of its neighbours outwards; both halves sum to one.
std::vector<float> halfKernel(float sigma, int radius)
{
    std::vector<float> weights(radius + 1);
    double total = 0;
    for (int i = 0; i <= radius; ++i) {
        const double weight = std::exp(-0.5 * i * i / (double(sigma) * sigma));
        weights[i] = static_cast<float>(weight);
        total += i ? 2 * weight : weight;
    }
    for (float &weight : weights)
        weight = static_cast<float>(weight / total);
    return weights;
}

int reflected(int at, int size)
{
    return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
}

void blurRows(const Planes &view, const std::vector<float> &kernel)
{
    const int radius = int(kernel.size()) - 1, width = view.width;
    thread_local std::vector<float> padded;
    padded.resize(width + 2 * radius);
    for (float *row = view.data; row < view.data + view.size(); row += width) {
        for (int x = -radius; x < width + radius; ++x)
            padded[x + radius] = row[reflected(x, width)];
        const float *centre = padded.data() + radius;
        for (int x = 0; x < width; ++x)
            row[x] = kernel[0] * centre[x];
        for (int k = 1; k <= radius; ++k)
            for (int x = 0; x < width; ++x)
                row[x] += kernel[k] * (centre[x - k] + centre[x + k]);
    }
}

void blurColumns(const Planes &view, const std::vector<float> &kernel)
{
    const int radius = int(kernel.size()) - 1, width = view.width;
    thread_local std::vector<float> copy;
    for (int c = 0; c < view.channels; ++c) {
        copy.assign(view.plane(c), view.plane(c) + view.area());
        for (int y = 0; y < view.height; ++y) {
            float *out = view.row(c, y);
            const float *centre = copy.data() + size_t(y) * width;
            for (int x = 0; x < width; ++x)
                out[x] = kernel[0] * centre[x];
            for (int k = 1; k <= radius; ++k) {
                const float *above = copy.data() + size_t(reflected(y - k, view.height)) * width;
                const float *below = copy.data() + size_t(reflected(y + k, view.height)) * width;
                for (int x = 0; x < width; ++x)
                    out[x] += kernel[k] * (above[x] + below[x]);
            }
        }
    }
}

/// A 32-bit hash good enough for noise: multiply and xor-shift rounds that vectorise, unlike the generator of the draws.
uint32_t mixed(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

int byteSum(uint32_t x)
{
    return int(x & 255) + int(x >> 8 & 255) + int(x >> 16 & 255) + int(x >> 24);
}

} // namespace

void blur(const Planes &view, float sigma)
{
    const int radius = std::min(static_cast<int>(std::ceil(3 * sigma)), std::min(view.height, view.width) - 1);
    if (radius < 1)
        return;
    const std::vector<float> kernel = halfKernel(sigma, radius);
    blurRows(view, kernel);
    blurColumns(view, kernel);
}

void addNoise(const Planes &view, float deviation, uint64_t key)
{
    // The sum of eight uniform bytes is close to normal (Irwin-Hall); its mean is 1020 and its variance 8 (256^2 - 1) / 12.
    const float scale = deviation / std::sqrt(8 * 65535 / 12.f);
    const uint32_t low = static_cast<uint32_t>(key), high = static_cast<uint32_t>(key >> 32);
    const uint32_t count = static_cast<uint32_t>(view.size());
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t first = mixed(i * 0x9e3779b9u + low), second = mixed(first ^ high);
        const float noise = scale * float(byteSum(first) + byteSum(second) - 1020);
        view.data[i] = std::min(std::max(view.data[i] + noise, 0.f), 1.f);
    }
}

void cutOut(const Planes &view, const CropBox &box)
{
    const auto pixel = [](float share, int extent) { return std::clamp(static_cast<int>(std::lround(share * extent)), 0, extent); };
    const int left = pixel(box.x, view.width), right = pixel(box.x + box.width, view.width);
    const int top = pixel(box.y, view.height), bottom = pixel(box.y + box.height, view.height);
    for (int c = 0; c < view.channels; ++c)
        for (int y = top; y < bottom; ++y)
            std::fill(view.row(c, y) + left, view.row(c, y) + right, 0.f);
}

} // namespace pretext
