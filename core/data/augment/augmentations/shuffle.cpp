// Patch shuffle: the view is cut into a grid of patches, which change places (Kang et al. 2017, "PatchShuffle regularization", over the whole view, as
// in the jigsaw of Noroozi & Favaro 2016). What a patch shows is left as it is; where it belongs is not.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/pixelrandom.h"
#include "core/files/said.h"

#include <numeric>
#include <vector>

namespace pretext {

namespace {

/// Which patch comes to each place of the grid: all places in the order of their random numbers.
std::vector<int> shuffledPlaces(int places, uint64_t key)
{
    const PixelRandom random(key);
    std::vector<int> from(size_t(places), 0);
    std::iota(from.begin(), from.end(), 0);
    std::stable_sort(from.begin(), from.end(), [&random](int a, int b) { return random.uniform(uint32_t(a)) < random.uniform(uint32_t(b)); });
    return from;
}

/// Patches are of whole pixels and alike; what they leave at the right and below stays.
void shufflePatches(const Deed &deed, const Planes &view)
{
    const int side = std::min({static_cast<int>(deed.amounts[0]), view.height, view.width});
    const int height = view.height / side, width = view.width / side;
    const std::vector<int> from = shuffledPlaces(side * side, deed.key);
    thread_local std::vector<float> before;
    for (int c = 0; c < view.channels; ++c) {
        before.assign(view.plane(c), view.plane(c) + view.area());
        for (int place = 0; place < side * side; ++place)
            for (int y = 0; y < height; ++y) {
                const float *source = &before[size_t(from[place] / side * height + y) * view.width + size_t(from[place] % side) * width];
                std::copy_n(source, width, view.row(c, place / side * height + y) + place % side * width);
            }
    }
}

PixelDeed shuffleOnDevice(const Deed &deed, ImageShape view)
{
    const int side = std::min({static_cast<int>(deed.amounts[0]), view.height, view.width});
    return side * side > kMostShuffled ? PixelDeed{} : PixelDeed{PixelStep::shuffle, {float(side)}, deed.key};
}

Knob gridKnob()
{
    Knob knob = amountKnob("shuffle.grid", 2, 16, 4, PRETEXT_SAID("Patches along each side: few leave parts of things whole, many leave only texture."));
    knob.kind = KnobKind::integer;
    return knob;
}

DrawDeeds drawingShuffle(const KnobSet &knobs, ImageShape)
{
    return [probability = amountOf(knobs, "shuffle.probability"), side = amountOf(knobs, "shuffle.grid")](Random &random, Deeds &deeds) {
        if (!random.chance(probability))
            return;
        Deed deed{.amounts = {side}, .key = uint64_t(random.bits()) << 32};
        deed.key |= random.bits();
        deeds.push_back(deed);
    };
}

} // namespace

AugmentationType shuffleAugmentation()
{
    return {.name = "shuffle",
            .knobs = [](ImageShape) -> std::vector<Knob> {
                return {
                    switchKnob("shuffle", false,
                               PRETEXT_SAID("Cuts some views into patches and permutes them: the encoder learns what the parts show, and to ignore how they "
                                            "lie; harmful where the shape of the whole tells classes apart.")),
                    amountKnob("shuffle.probability", 0, 1, 0.5,
                               PRETEXT_SAID("How often a view's patches are shuffled: the more often, the less the encoder can learn from where parts lie.")),
                    gridKnob(),
                };
            },
            .drawing = drawingShuffle,
            .apply = shufflePatches,
            .onDevice = shuffleOnDevice,
            .describe = [](const Deed &deed) { return told("%.0f patches shuffled", double(deed.amounts[0]) * deed.amounts[0]); }};
}

} // namespace pretext
