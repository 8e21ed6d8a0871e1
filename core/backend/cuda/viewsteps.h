// What augmentations do to the pixels of a view, as core/data/augment does it on the host, step by step of ViewPlan; all threads of a block together.
#pragma once

#include "core/backend/cuda/pixelrandom.h"
#include "core/backend/cuda/viewcanvas.h"
#include "core/backend/viewplan.h"

namespace pretext::cuda {

/// Each value becomes of(value).
template<class Of>
__device__ void eachValue(const ViewCanvas &view, Of of)
{
    view.each([&](int i) {
        for (int c = 0; c < view.channels; ++c)
            view.plane(c)[i] = of(view.plane(c)[i], c * view.area() + i);
    });
}

/// of(r, g, b) changes each pixel's, where there is colour.
template<class Of>
__device__ void eachColour(const ViewCanvas &view, Of of)
{
    if (view.channels == 3)
        view.each([&](int i) { of(view.plane(0)[i], view.plane(1)[i], view.plane(2)[i]); });
}

__device__ inline void adjustContrast(const ViewCanvas &view, float factor)
{
    const float mean = view.mean([&](int i) { return view.channels == 3 ? luma(view.plane(0)[i], view.plane(1)[i], view.plane(2)[i]) : view.now[i]; });
    const float offset = (1 - factor) * mean;
    eachValue(view, [=](float value, int) { return clamped(factor * value + offset); });
}

__device__ inline void adjustSaturation(const ViewCanvas &view, float factor)
{
    eachColour(view, [=](float &r, float &g, float &b) {
        const float grey = (1 - factor) * luma(r, g, b);
        r = clamped(factor * r + grey);
        g = clamped(factor * g + grey);
        b = clamped(factor * b + grey);
    });
}

/// In HSV.
__device__ inline void adjustHue(const ViewCanvas &view, float turns)
{
    eachColour(view, [=](float &r, float &g, float &b) {
        const float value = fmaxf(r, fmaxf(g, b)), chroma = value - fminf(r, fminf(g, b)), inverse = 1 / (chroma == 0 ? 1.f : chroma);
        const float sixths = value == r ? (g - b) * inverse : value == g ? 2 + (b - r) * inverse : 4 + (r - g) * inverse;
        const float turned = sixths / 6 + turns, hue = 6 * (turned - floorf(turned));
        const auto channel = [&](float offset) {
            const float around = offset + hue, k = around >= 6 ? around - 6 : around;
            return value - chroma * fmaxf(0.f, fminf(1.f, fminf(k, 4 - k)));
        };
        r = channel(5);
        g = channel(3);
        b = channel(1);
    });
}

__device__ inline int reflected(int at, int size)
{
    return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
}

__device__ inline void blur(ViewCanvas &view, float sigma)
{
    const int height = view.height, width = view.width, shorter = height < width ? height : width, wanted = int(ceilf(3 * sigma));
    const int radius = wanted < shorter ? wanted : shorter - 1;
    if (radius < 1)
        return;
    __syncthreads(); // whoever still reads the notes
    double sum = 0;
    for (int k = int(threadIdx.x); k <= radius; k += int(blockDim.x)) {
        view.notes[k] = expf(-0.5f * float(k) * float(k) / (sigma * sigma));
        sum += (k ? 2 : 1) * double(view.notes[k]);
    }
    const float inverse = float(1 / acrossRow(sum, Add())), *const weights = view.notes;
    view.gather([=](const float *plane, int y, int x) {
        const float *const row = plane + y * width;
        float total = inverse * weights[0] * row[x];
        for (int k = 1; k <= radius; ++k)
            total += inverse * weights[k] * (row[reflected(x - k, width)] + row[reflected(x + k, width)]);
        return total;
    });
    view.gather([=](const float *plane, int y, int x) {
        float total = inverse * weights[0] * plane[y * width + x];
        for (int k = 1; k <= radius; ++k)
            total += inverse * weights[k] * (plane[reflected(y - k, height) * width + x] + plane[reflected(y + k, height) * width + x]);
        return total;
    });
}

/// Which patch comes to each place: all in the order of their random numbers, of equal ones the first first.
__device__ inline void shufflePatches(ViewCanvas &view, int side, uint64_t key)
{
    const PixelRandom random(key);
    const int places = side * side, height = view.height / side, width = view.width / side, row = view.width;
    int *const from = reinterpret_cast<int *>(view.notes);
    __syncthreads(); // whoever still reads the notes
    for (int patch = int(threadIdx.x); patch < places; patch += int(blockDim.x)) {
        const float mine = random.uniform(uint32_t(patch));
        int before = 0;
        for (int q = 0; q < places; ++q) {
            const float its = random.uniform(uint32_t(q));
            before += its < mine || (its == mine && q < patch);
        }
        from[before] = patch;
    }
    view.gather([=](const float *plane, int y, int x) {
        const int down = y / height, across = x / width;
        if (down >= side || across >= side)
            return plane[y * row + x]; // what is left over at the right and below stays
        const int patch = from[down * side + across];
        return plane[(patch / side * height + y % height) * row + patch % side * width + x % width];
    });
}

__device__ inline void strew(const ViewCanvas &view, float share, uint64_t key)
{
    const PixelRandom random(key);
    const float pepper = share / 2;
    view.each([&](int i) {
        const float draw = random.uniform(uint32_t(i));
        for (int c = 0; draw < share && c < view.channels; ++c)
            view.plane(c)[i] = draw < pepper ? 0 : 1;
    });
}

__device__ inline void hideSquares(const ViewCanvas &view, int side, float share, uint64_t key)
{
    const PixelRandom random(key);
    const int across = (view.width + side - 1) / side;
    for (int c = 0; c < view.channels; ++c) {
        float *const plane = view.plane(c);
        const float mean = view.mean([=](int i) { return plane[i]; });
        view.each([&](int i) {
            if (random.uniform(uint32_t(i / view.width / side * across + i % view.width / side)) < share)
                plane[i] = mean;
        });
    }
}

__device__ inline void cutOut(const ViewCanvas &view, const float *box)
{
    const int left = int(box[0]), right = int(box[1]), top = int(box[2]), bottom = int(box[3]);
    view.each([&](int i) {
        const int y = i / view.width, x = i % view.width;
        for (int c = 0; y >= top && y < bottom && x >= left && x < right && c < view.channels; ++c)
            view.plane(c)[i] = 0;
    });
}

__device__ inline void turn(ViewCanvas &view, int quarters)
{
    const int h = view.height, w = view.width;
    view.gather([=](const float *plane, int y, int x) {
        const int fromY = quarters == 1 ? x : quarters == 2 ? h - 1 - y : h - 1 - x, fromX = quarters == 1 ? w - 1 - y : quarters == 2 ? w - 1 - x : y;
        return plane[fromY * w + fromX];
    });
}

__device__ inline void apply(ViewCanvas &view, const PixelDeed &deed)
{
    const float a = deed.amounts[0];
    const PixelRandom random(deed.key);
    switch (deed.step) {
    case PixelStep::host: return;
    case PixelStep::brightness: return eachValue(view, [=](float value, int) { return clamped(a * value); });
    case PixelStep::contrast: return adjustContrast(view, a);
    case PixelStep::saturation: return adjustSaturation(view, a);
    case PixelStep::hue: return adjustHue(view, a);
    case PixelStep::grey: return eachColour(view, [](float &r, float &g, float &b) { r = g = b = luma(r, g, b); });
    case PixelStep::blur: return blur(view, a);
    case PixelStep::solarise: return eachValue(view, [=](float value, int) { return value >= a ? 1 - value : value; });
    case PixelStep::shuffle: return shufflePatches(view, int(a), deed.key);
    case PixelStep::gaussian: return eachValue(view, [=](float value, int i) { return clamped(value + a * random.normal(uint32_t(i))); });
    case PixelStep::speckle: return eachValue(view, [=](float value, int i) { return clamped(value + value * (a * random.normal(uint32_t(i)))); });
    case PixelStep::saltAndPepper: return strew(view, a, deed.key);
    case PixelStep::hide: return hideSquares(view, int(a), deed.amounts[1], deed.key);
    case PixelStep::cutOut: return cutOut(view, deed.amounts);
    case PixelStep::turn: return turn(view, int(a));
    }
}

} // namespace pretext::cuda
