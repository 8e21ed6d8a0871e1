#include "core/data/augment/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace pretext {

namespace {

void setBox(const CropBox &crop, int height, int width, Resampling &from)
{
    const auto pixels = [](float share, int extent) { return static_cast<int>(std::lround(share * extent)); };
    from.x = std::clamp(pixels(crop.x, width), 0, width - 1);
    from.y = std::clamp(pixels(crop.y, height), 0, height - 1);
    from.width = std::clamp(pixels(crop.width, width), 1, width - from.x);
    from.height = std::clamp(pixels(crop.height, height), 1, height - from.y);
}

void setTurn(const Placement &placement, ImageShape view, Resampling &from)
{
    const float radians = placement.rotation * std::numbers::pi_v<float> / 180, c = std::cos(radians), s = std::sin(radians);
    const float scaleX = float(from.width) / view.width, scaleY = float(from.height) / view.height, mirror = placement.flipped ? -1.f : 1.f;
    from.turned = 1;
    from.columnX = mirror * scaleX * c;
    from.columnY = scaleY * s;
    from.rowX = -mirror * scaleX * s;
    from.rowY = scaleY * c;
    // The view's centre is the crop's; pixel centres lie at halves.
    const float centreX = (view.width - 1) / 2.f, centreY = (view.height - 1) / 2.f;
    from.originX = from.x + (from.width - 1) / 2.f - centreX * from.columnX - centreY * from.rowX;
    from.originY = from.y + (from.height - 1) / 2.f - centreX * from.columnY - centreY * from.rowY;
}

/// For every position along one axis of the view: the two source positions it lies between, and the weight of the second.
struct Axis
{
    std::vector<int> low, high;
    std::vector<float> weight;

    void set(int begin, int extent, int size, bool reversed)
    {
        low.resize(size);
        high.resize(size);
        weight.resize(size);
        const float scale = float(extent) / size;
        for (int i = 0; i < size; ++i) {
            const float source = std::max(0.f, (i + 0.5f) * scale - 0.5f);
            const int at = std::min(int(source), extent - 1), to = reversed ? size - 1 - i : i;
            low[to] = begin + at;
            high[to] = begin + std::min(at + 1, extent - 1);
            weight[to] = source - at;
        }
    }
};

void resampleStraight(const Image &original, const Resampling &box, const Planes &view)
{
    thread_local Axis across, down;
    thread_local std::vector<float> blended;
    across.set(box.x, box.width, view.width, box.flipped);
    down.set(box.y, box.height, view.height, false);
    const int channels = view.channels, stride = original.width * channels;
    const int first = box.x * channels, last = (box.x + box.width) * channels;
    blended.resize(stride);
    for (int y = 0; y < view.height; ++y) {
        // Down first, on contiguous bytes; then across, gathering.
        const uint8_t *upper = original.pixels.data() + size_t(down.low[y]) * stride, *lower = original.pixels.data() + size_t(down.high[y]) * stride;
        const float lowerWeight = down.weight[y] / 255, upperWeight = (1 - down.weight[y]) / 255;
        float *row = blended.data();
        for (int i = first; i < last; ++i)
            row[i] = upperWeight * upper[i] + lowerWeight * lower[i];
        const int *low = across.low.data(), *high = across.high.data();
        const float *weight = across.weight.data();
        for (int c = 0; c < channels; ++c) {
            float *out = view.row(c, y);
            const float *from = row + c;
            for (int x = 0; x < view.width; ++x) {
                const float a = from[low[x] * channels], b = from[high[x] * channels];
                out[x] = a + weight[x] * (b - a);
            }
        }
    }
}

void resampleTurned(const Image &original, const Resampling &map, const Planes &view)
{
    // A black margin, one pixel before and two behind, makes every gather valid.
    const int channels = view.channels, width = original.width + 3, height = original.height + 3;
    thread_local std::vector<float> padded;
    for (int c = 0; c < channels; ++c) {
        padded.assign(size_t(width) * height, 0.f);
        for (int y = 0; y < original.height; ++y)
            for (int x = 0; x < original.width; ++x)
                padded[size_t(y + 1) * width + x + 1] = original.pixels[(size_t(y) * original.width + x) * channels + c] / 255.f;
        const float *from = padded.data();
        const float right = float(original.width + 1), bottom = float(original.height + 1);
        for (int y = 0; y < view.height; ++y) {
            float *out = view.row(c, y);
            const float rowX = map.originX + y * map.rowX + 1, rowY = map.originY + y * map.rowY + 1;
            for (int x = 0; x < view.width; ++x) {
                const float sourceX = std::min(std::max(rowX + x * map.columnX, 0.f), right);
                const float sourceY = std::min(std::max(rowY + x * map.columnY, 0.f), bottom);
                const int left = int(sourceX), top = int(sourceY), at = top * width + left;
                const float u = sourceX - left, v = sourceY - top;
                const float upper = from[at] + u * (from[at + 1] - from[at]);
                const float lower = from[at + width] + u * (from[at + width + 1] - from[at + width]);
                out[x] = upper + v * (lower - upper);
            }
        }
    }
}

} // namespace

Resampling resamplingOf(const Placement &placement, int imageHeight, int imageWidth, ImageShape view)
{
    Resampling from;
    setBox(placement.crop, imageHeight, imageWidth, from);
    from.flipped = placement.flipped;
    if (placement.rotation != 0)
        setTurn(placement, view, from);
    return from;
}

void resample(const Image &original, const Placement &placement, const Planes &view)
{
    const Resampling from = resamplingOf(placement, original.height, original.width, {view.height, view.width, view.channels});
    if (from.turned)
        resampleTurned(original, from, view);
    else
        resampleStraight(original, from, view);
}

} // namespace pretext
