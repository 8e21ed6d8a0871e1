// Relative patch position (Doersch et al. 2015, "Unsupervised visual representation learning by context prediction"): two patches of an image, the second in
// one of the eight places around the first, with a gap and some jitter, so that no edge that goes on tells where. The encoder sees each by itself, and a head
// tells the place from both, for which the encoder must know parts of things. N images; patches [2N, P, P, C].
#include "core/files/said.h"
#include "core/ssl/classify.h"
#include "core/ssl/imagerecipe.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr int kPlaces = 8;
constexpr int kUnknownSide = 32; // of images that are not known yet

/// -1, 0 or 1: rows down, columns to the right; place by place in the order of reading.
PieceCuts::Corner directionOf(int place)
{
    const int cell = place < 4 ? place : place + 1; // not the middle
    return {cell / 3 - 1, cell % 3 - 1};
}

int shorterSide(const InputShape &input)
{
    const int side = std::min(input.image.height, input.image.width);
    return side > 0 ? side : kUnknownSide;
}

Guesses asked()
{
    Guesses asked{.task = PRETEXT_SAID("Where does the second patch lie?"),
                  .answers = {PRETEXT_SAID("above left"), PRETEXT_SAID("above"), PRETEXT_SAID("above right"), PRETEXT_SAID("left"), PRETEXT_SAID("right"),
                              PRETEXT_SAID("below left"), PRETEXT_SAID("below"), PRETEXT_SAID("below right")}};
    for (int place = 0; place < kPlaces; ++place)
        asked.places.push_back({directionOf(place).x + 1, directionOf(place).y + 1});
    return asked;
}

int jittered(Random &random, int jitter)
{
    return int(random.below(uint32_t(2 * jitter + 1))) - jitter;
}

/// Where the first patch may begin so that the second, `step` farther, lies on the image too, as all of it does.
int cornerAlong(Random &random, int extent, int patch, int step)
{
    const int first = std::max(0, -step), last = extent - patch - std::max(0, step);
    return first + int(random.below(uint32_t(std::max(0, last - first) + 1)));
}

DrawCuts drawing(const KnobSet &knobs)
{
    return [gap = knobs.integer("patch.gap"), jitter = knobs.integer("patch.jitter")](Random &random, ImageShape image, ImageShape patch) {
        const int place = int(random.below(kPlaces));
        const PieceCuts::Corner direction = directionOf(place);
        const auto step = [&](int along, int extent, int size) { // as far as there is room
            return std::clamp(along * (size + gap) + jittered(random, jitter), size - extent, extent - size);
        };
        const int down = step(direction.y, image.height, patch.height), right = step(direction.x, image.width, patch.width);
        const PieceCuts::Corner first{cornerAlong(random, image.height, patch.height, down), cornerAlong(random, image.width, patch.width, right)};
        return PieceCuts{{first, {first.y + down, first.x + right}}, place};
    };
}

Knob pixelsKnob(const std::string &name, double least, double most, double value, const std::string &help)
{
    return {.name = name,
            .kind = KnobKind::integer,
            .minimum = least,
            .maximum = std::max(least, most),
            .defaultValue = std::clamp(value, least, std::max(least, most)),
            .effect = KnobEffect::nextBatch,
            .help = help};
}

std::vector<Knob> knobs(const InputShape &input)
{
    const int side = shorterSide(input);
    const double size = std::round(0.36 * side);
    return {
        pixelsKnob("patch.size", 2, std::floor(side / 2.), size,
                   PRETEXT_SAID("Side of the patches in pixels: small ones show too little of a thing to tell where they belong; large ones leave no room for "
                                "a gap.")),
        pixelsKnob("patch.gap", 0, std::floor(side / 2.), std::floor(size / 3),
                   PRETEXT_SAID("Pixels between the patches, as far as the image has room: at 0 lines that go on from one patch into the other give the place "
                                "away, and the encoder need not know what it sees.")),
        pixelsKnob("patch.jitter", 0, std::floor(side / 4.), std::max(1., std::floor(size / 8)),
                   PRETEXT_SAID("Pixels by which the second patch is moved at random along each axis: without it, exact distances give the place away.")),
        classifierKnob(256)};
}

ViewKinds patches(const KnobSet &knobs)
{
    return {{"patch", 2, knobs.integer("patch.size")}};
}

} // namespace

MethodType patchpositionMethod()
{
    return {.name = "patch-position",
            .title = PRETEXT_SAID("Relative patch position"),
            .help = PRETEXT_SAID("Tells from two patches of an image in which of eight places around the first the second lies (Doersch et al. 2015)."),
            .family = Family::pretext,
            .views = patches,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<CutsClassifier>(parts, 2, asked(), "position"); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"encoder.stem_stride", 1.0}, {"crop", false}, {"flip", false}, {"encoder.whiten", false}});
                },
            .maker = [](const SampleSource &source, const KnobSet &knobs) { return makeCuttingMaker(source, knobs, drawing(knobs)); },
            .panel = "taskpredictions",
            .fall = 0.02};
}

} // namespace pretext
