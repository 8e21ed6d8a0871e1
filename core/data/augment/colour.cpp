// What happens to a view's colours.
#include "core/data/augment/planes.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr float kRed = 0.2989f, kGreen = 0.587f, kBlue = 0.114f; // luma, ITU-R 601

float clamped(float value)
{
    return std::min(std::max(value, 0.f), 1.f);
}

float luma(float r, float g, float b)
{
    return kRed * r + kGreen * g + kBlue * b;
}

/// Eight partial sums, so that the loop vectorises without the compiler reordering a float sum.
float sum(const float *values, size_t count)
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

float meanLuma(const Planes &view)
{
    const float area = float(view.area());
    if (view.channels == 1)
        return sum(view.data, view.area()) / area;
    return luma(sum(view.plane(0), view.area()), sum(view.plane(1), view.area()), sum(view.plane(2), view.area())) / area;
}

} // namespace

void adjustBrightness(const Planes &view, float factor)
{
    for (size_t i = 0; i < view.size(); ++i)
        view.data[i] = clamped(factor * view.data[i]);
}

void adjustContrast(const Planes &view, float factor)
{
    const float offset = (1 - factor) * meanLuma(view);
    for (size_t i = 0; i < view.size(); ++i)
        view.data[i] = clamped(factor * view.data[i] + offset);
}

void adjustSaturation(const Planes &view, float factor)
{
    float *r = view.plane(0), *g = view.plane(1), *b = view.plane(2);
    for (size_t i = 0; i < view.area(); ++i) {
        const float grey = (1 - factor) * luma(r[i], g[i], b[i]);
        r[i] = clamped(factor * r[i] + grey);
        g[i] = clamped(factor * g[i] + grey);
        b[i] = clamped(factor * b[i] + grey);
    }
}

void adjustHue(const Planes &view, float turns)
{
    float *red = view.plane(0), *green = view.plane(1), *blue = view.plane(2);
    for (size_t i = 0; i < view.area(); ++i) {
        const float r = red[i], g = green[i], b = blue[i];
        const float value = std::max(r, std::max(g, b)), chroma = value - std::min(r, std::min(g, b));
        const float inverse = 1 / (chroma == 0 ? 1.f : chroma);
        const float sixths = value == r ? (g - b) * inverse : value == g ? 2 + (b - r) * inverse : 4 + (r - g) * inverse;
        const float turned = sixths / 6 + turns, hue = 6 * (turned - std::floor(turned));
        // Each channel falls from `value` by the chroma, as far as the hue lies from it on the colour circle.
        const auto channel = [&](float offset) {
            const float around = offset + hue, k = around >= 6 ? around - 6 : around;
            return value - chroma * std::max(0.f, std::min(1.f, std::min(k, 4 - k)));
        };
        red[i] = channel(5);
        green[i] = channel(3);
        blue[i] = channel(1);
    }
}

void makeGrey(const Planes &view)
{
    float *r = view.plane(0), *g = view.plane(1), *b = view.plane(2);
    for (size_t i = 0; i < view.area(); ++i)
        r[i] = g[i] = b[i] = luma(r[i], g[i], b[i]);
}

void solarise(const Planes &view, float threshold)
{
    for (size_t i = 0; i < view.size(); ++i) {
        const float value = view.data[i];
        view.data[i] = value >= threshold ? 1 - value : value;
    }
}

} // namespace pretext
