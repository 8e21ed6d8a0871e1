// The mean and deviation of a data set's pixels, with which the loader normalises.
#include "core/data/interruption.h"
#include "core/data/sources/source.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pretext {

void measurePixels(const Dataset &dataset, int64_t limit, DatasetInfo &info)
{
    const int channels = info.image.channels;
    const int64_t size = dataset.size(Split::train), samples = std::min(size, limit);
    // Whole numbers, so that the result does not depend on the order of summation.
    std::array<uint64_t, 3> sum{}, squares{};
    uint64_t count = 0;
    for (int64_t i = 0; i < samples; ++i) {
        Interruptible::check();
        const Image image = dataset.image(Split::train, i * size / samples);
        const size_t pixels = image.pixels.size() / channels;
        for (int c = 0; c < channels; ++c) {
            uint64_t channelSum = 0, channelSquares = 0;
            for (size_t p = 0; p < pixels; ++p) {
                const uint32_t value = image.pixels[p * channels + c];
                channelSum += value;
                channelSquares += value * value;
            }
            sum[c] += channelSum;
            squares[c] += channelSquares;
        }
        count += pixels;
    }

    info.mean.assign(channels, 0.f);
    info.deviation.assign(channels, 1.f);
    for (int c = 0; c < channels && count > 0; ++c) {
        const double mean = double(sum[c]) / count, variance = double(squares[c]) / count - mean * mean;
        info.mean[c] = static_cast<float>(mean / 255);
        // Images of one single colour have no deviation; one grey level keeps the division harmless.
        info.deviation[c] = static_cast<float>(std::max(1., std::sqrt(std::max(0., variance))) / 255);
    }
}

} // namespace pretext
