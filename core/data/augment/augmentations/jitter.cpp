// Colour jitter: brightness, contrast, saturation and hue by random amounts, in a random order, as torchvision's ColorJitter. Each is a deed of
// its own, of the kind that Jitter names.
#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

#include <array>
#include <cmath>
#include <utility>

namespace pretext {

namespace {

enum Jitter { brightness, contrast, saturation, hue, kJitters };

float meanLuma(const Planes &view)
{
    const float area = float(view.area());
    if (view.channels == 1)
        return planeSum(view.data, view.area()) / area;
    return luma(planeSum(view.plane(0), view.area()), planeSum(view.plane(1), view.area()), planeSum(view.plane(2), view.area())) / area;
}

void adjustBrightness(const Planes &view, float factor)
{
    for (size_t i = 0; i < view.size(); ++i)
        view.data[i] = clamped(factor * view.data[i]);
}

/// About the mean of the image's luma.
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

/// In HSV.
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

void jitter(const Deed &deed, const Planes &view)
{
    if (deed.which == brightness)
        adjustBrightness(view, deed.amounts[0]);
    else if (deed.which == contrast)
        adjustContrast(view, deed.amounts[0]);
    else if (view.channels == 3 && deed.which == saturation)
        adjustSaturation(view, deed.amounts[0]);
    else if (view.channels == 3)
        adjustHue(view, deed.amounts[0]);
}

PixelDeed jitterOnDevice(const Deed &deed, ImageShape)
{
    constexpr PixelStep kSteps[] = {PixelStep::brightness, PixelStep::contrast, PixelStep::saturation, PixelStep::hue};
    return {kSteps[deed.which], {deed.amounts[0]}};
}

constexpr const char *kJitterFormats[] = {PRETEXT_SAID("brightness ×%.2f"), PRETEXT_SAID("contrast ×%.2f"), PRETEXT_SAID("saturation ×%.2f"),
                                          PRETEXT_SAID("hue %+.0f°")};

std::string describeJitter(const Deed &deed)
{
    return told(kJitterFormats[deed.which], deed.which == hue ? 360. * deed.amounts[0] : deed.amounts[0]);
}

std::vector<Knob> jitterKnobs(ImageShape shape)
{
    std::vector<Knob> knobs = {
        switchKnob("jitter", true,
                   PRETEXT_SAID(
                       "Changes brightness and contrast, and saturation and hue of colour images: without it, pairs can be matched by their histogram alone.")),
        amountKnob("jitter.probability", 0, 1, 0.8, PRETEXT_SAID("How often a view is jittered; untouched views keep the histogram as a clue.")),
        amountKnob("jitter.brightness", 0, 1, 0.4,
                   PRETEXT_SAID("Brightness factor drawn from one minus to one plus this: teaches the encoder to ignore exposure.")),
        amountKnob("jitter.contrast", 0, 1, 0.4,
                   PRETEXT_SAID("Contrast factor drawn from one minus to one plus this: teaches the encoder to ignore how strong edges are.")),
    };
    if (shape.channels == 3) {
        knobs.push_back(
            amountKnob("jitter.saturation", 0, 1, 0.4,
                       PRETEXT_SAID("Saturation factor drawn from one minus to one plus this: teaches the encoder to ignore how vivid colours are.")));
        knobs.push_back(
            amountKnob("jitter.hue", 0, 0.5, 0.1,
                       PRETEXT_SAID("Largest turn of the hue, in turns of the colour circle: at 0.5 the encoder learns to ignore which colour a thing has.")));
    }
    return knobs;
}

DrawDeeds drawingJitter(const KnobSet &knobs, ImageShape shape)
{
    const bool colour = shape.channels == 3;
    const std::array<float, kJitters> strengths{amountOf(knobs, "jitter.brightness"), amountOf(knobs, "jitter.contrast"),
                                                colour ? amountOf(knobs, "jitter.saturation") : 0, colour ? amountOf(knobs, "jitter.hue") : 0};
    return [probability = amountOf(knobs, "jitter.probability"), strengths](Random &random, Deeds &deeds) {
        if (!random.chance(probability))
            return;
        std::array<int, kJitters> order{brightness, contrast, saturation, hue};
        for (uint32_t i = kJitters - 1; i > 0; --i)
            std::swap(order[i], order[random.below(i + 1)]);
        std::array<float, kJitters> amounts;
        for (int which : {brightness, contrast, saturation})
            amounts[which] = random.uniform(std::max(0.f, 1 - strengths[which]), 1 + strengths[which]);
        amounts[hue] = random.uniform(-strengths[hue], strengths[hue]);
        for (int which : order)
            if (strengths[which] > 0)
                deeds.push_back({.which = which, .amounts = {amounts[which]}});
    };
}

} // namespace

AugmentationType jitterAugmentation()
{
    return {.name = "jitter", .knobs = jitterKnobs, .drawing = drawingJitter, .apply = jitter, .onDevice = jitterOnDevice, .describe = describeJitter};
}

} // namespace pretext
