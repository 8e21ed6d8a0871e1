#include "core/ssl/multicrop.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/ssl/prototypes.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

constexpr double kHalf = 0.5; // of the side: a quarter of the cost

Knob smallCropArea(const char *name, double value, const char *help)
{
    return {.name = name, .kind = KnobKind::real, .minimum = 0.01, .maximum = 1, .defaultValue = value, .effect = KnobEffect::nextBatch, .help = help};
}

} // namespace

std::vector<Knob> smallCropKnobs(const InputShape &input)
{
    if (input.modality != Modality::image)
        return {};
    const int shorter = std::min(input.image.height, input.image.width);
    std::vector<Knob> knobs{
        {.name = "small_crops",
         .kind = KnobKind::integer,
         .minimum = 0,
         .maximum = 16,
         .defaultValue = 0.0,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Small crops of each sample beside its two large views: each has to foretell from a detail what these say of the whole. A crop "
                              "of half the side costs a quarter of a large view.")},
        {.name = "small_crops.size",
         .kind = KnobKind::integer,
         .minimum = 1,
         .maximum = 1024,
         .logarithmic = true,
         .defaultValue = shorter > 0 ? std::max(1., std::round(kHalf * shorter)) : 16.,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Shorter side of the small crops in pixels: smaller ones are cheaper, and show less.")},
        smallCropArea("small_crops.min_area", 0.1, PRETEXT_SAID("Smallest share of the image that a small crop shows: below it, little is left to tell by.")),
        smallCropArea("small_crops.max_area", 0.4,
                      PRETEXT_SAID("Largest share of the image that a small crop shows: the smaller, the more the large views know that it does not.")),
    };
    knobs[2].rules = {{KnobRule::notAbove, "small_crops.max_area"}};
    return knobs;
}

ViewKinds largeAndSmallViews(const KnobSet &knobs)
{
    ViewKinds kinds = twoViews(knobs);
    if (const int count = knobs.find("small_crops") ? knobs.integer("small_crops") : 0)
        kinds.push_back(
            {.name = "small",
             .count = count,
             .size = knobs.integer("small_crops.size"),
             .knobs = {{"crop", true}, {"crop.min_area", knobs.real("small_crops.min_area")}, {"crop.max_area", knobs.real("small_crops.max_area")}}});
    return kinds;
}

Variable embedAllViews(Encoder &encoder, const std::vector<Variable> &views)
{
    Variable all = embedViews(encoder, views.at(0));
    for (size_t kind = 1; kind < views.size(); ++kind)
        all = concatRows(all, embedViews(encoder, views[kind]));
    return all;
}

Variable foretellShares(const Variable &scores, float temperature, const Variable &shares)
{
    const int64_t large = shares.shape()[0], samples = large / 2, small = scores.shape()[0] - large;
    if (large < 2 || large % 2 || small < 0 || small % samples)
        throw std::invalid_argument("[multi-crop] shares are " + shares.shape().str() + " and scores " + scores.shape().str()
                                    + "; they must be [2N, K] and [VN, K]");
    if (small == 0)
        return softCrossEntropy(scores, temperature, ofOtherView(shares));
    const int64_t crops = small / samples;
    const Variable both = scale(add(sliceRows(shares, 0, samples), sliceRows(shares, samples, samples)), 0.5f); // a crop foretells either alike
    const Variable ofLarge = softCrossEntropy(sliceRows(scores, 0, large), temperature, ofOtherView(shares));
    const Variable ofSmall = softCrossEntropy(sliceRows(scores, large, small), temperature, concat(std::vector<Variable>(size_t(crops), both), 0));
    return scale(add(ofLarge, scale(ofSmall, float(crops))), 1 / float(crops + 1));
}

} // namespace pretext
