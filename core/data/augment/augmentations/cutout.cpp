// Cut-out: a box is hidden (DeVries & Taylor 2017; Zhong et al. 2020, "Random erasing"), drawn as torchvision's RandomErasing draws it.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/drawbox.h"
#include "core/files/said.h"

#include <cmath>

namespace pretext {

namespace {

/// In pixels, the last ones not included.
struct CutBox
{
    int left, right, top, bottom;
};

CutBox cutBox(const Deed &deed, int viewHeight, int viewWidth)
{
    const auto &[x, y, width, height] = deed.amounts;
    const auto pixel = [](float share, int extent) { return std::clamp(static_cast<int>(std::lround(share * extent)), 0, extent); };
    return {pixel(x, viewWidth), pixel(x + width, viewWidth), pixel(y, viewHeight), pixel(y + height, viewHeight)};
}

void cutOut(const Deed &deed, const Planes &view)
{
    const auto [left, right, top, bottom] = cutBox(deed, view.height, view.width);
    for (int c = 0; c < view.channels; ++c)
        for (int row = top; row < bottom; ++row)
            std::fill(view.row(c, row) + left, view.row(c, row) + right, 0.f);
}

PixelDeed cutOutOnDevice(const Deed &deed, ImageShape view)
{
    const auto [left, right, top, bottom] = cutBox(deed, view.height, view.width);
    return {PixelStep::cutOut, {float(left), float(right), float(top), float(bottom)}};
}

DrawDeeds drawingCutout(const KnobSet &knobs, ImageShape shape)
{
    const float most = amountOf(knobs, "cutout.max_area");
    return
        [shape, probability = amountOf(knobs, "cutout.probability"), range = BoxRange{std::min(0.02f, most), most, 0.3f, 3.3f}](Random &random, Deeds &deeds) {
            if (!random.chance(probability))
                return;
            if (const auto box = drawBox(random, shape, range))
                deeds.push_back({.amounts = {box->x, box->y, box->width, box->height}});
        };
}

} // namespace

AugmentationType cutoutAugmentation()
{
    return {.name = "cutout",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("cutout", false,
                               PRETEXT_SAID("Blackens a box: the encoder learns to recognise what is partly hidden instead of one telling detail.")),
                    amountKnob("cutout.probability", 0, 1, 0.5,
                               PRETEXT_SAID("How often a view has a box cut out: the more often, the less one telling detail is enough.")),
                    amountKnob("cutout.max_area", 0.02, 0.6, 0.25,
                               PRETEXT_SAID("Largest share of the view that is cut out: larger boxes demand more from what remains.")),
                };
            },
            .drawing = drawingCutout,
            .apply = cutOut,
            .onDevice = cutOutOnDevice,
            .describe = [](const Deed &deed) { return told("cut-out %.0f %%", 100. * deed.amounts[2] * deed.amounts[3]); }};
}

} // namespace pretext
