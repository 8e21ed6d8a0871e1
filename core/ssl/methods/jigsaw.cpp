// Jigsaw (Noroozi & Favaro 2016, "Unsupervised learning of visual representations by solving jigsaw puzzles"): an image is cut into nine tiles, which are
// shuffled by one of a set of permutations far from each other. The encoder sees each tile by itself, and a head tells from all nine which permutation it was.
// N images; tiles [9N, T, T, C]: the tiles of all images' first places, then those of the second.
#include "core/files/said.h"
#include "core/ssl/classify.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/permutations.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace pretext {

namespace {

constexpr int kAlong = 3;        // tiles, down and across
constexpr int kUnknownSide = 32; // of images that are not known yet

/// A tile lies anywhere within its ninth of the image.
int within(Random &random, int extent, int cell, int tile)
{
    const int first = cell * extent / kAlong, room = (cell + 1) * extent / kAlong - first - tile;
    return std::min(extent - tile, first + int(random.below(uint32_t(std::max(0, room) + 1))));
}

DrawCuts drawing(const KnobSet &knobs)
{
    return [permutations = distantPermutations(knobs.integer("permutations"))](Random &random, ImageShape image, ImageShape tile) {
        PieceCuts cuts;
        cuts.target = int32_t(random.below(uint32_t(permutations.size())));
        for (const int cell : permutations[size_t(cuts.target)]) {
            const int y = within(random, image.height, cell / kAlong, tile.height);
            cuts.corners.push_back({y, within(random, image.width, cell % kAlong, tile.width)});
        }
        return cuts;
    };
}

/// An order is told by the ninths that its tiles are of, counted from 1.
Guesses asked(const KnobSet &knobs)
{
    Guesses asked{.task = PRETEXT_SAID("In which order do the tiles lie?"), .answers = {}};
    for (const Permutation &permutation : distantPermutations(knobs.integer("permutations"))) {
        std::string order;
        for (const uint8_t cell : permutation)
            order += (order.empty() ? "" : " ") + std::to_string(cell + 1);
        asked.answers.push_back(std::move(order));
        asked.orders.emplace_back(permutation.begin(), permutation.end());
    }
    return asked;
}

std::vector<Knob> knobs(const InputShape &input)
{
    const int known = std::min(input.image.height, input.image.width), ninth = std::max(2, (known > 0 ? known : kUnknownSide) / kAlong);
    return {{.name = "permutations",
             .kind = KnobKind::integer,
             .minimum = 2,
             .maximum = 1000,
             .logarithmic = true,
             .defaultValue = 64.0,
             .effect = KnobEffect::restart,
             .help = PRETEXT_SAID(
                 "Among how many orders of the tiles the right one is to be found: few are told by two or three tiles; the more, the nearer some of "
                 "them are to each other, and the more of the image counts.")},
            {.name = "tile.size",
             .kind = KnobKind::integer,
             .minimum = 1,
             .maximum = double(ninth),
             .defaultValue = double(std::max(2, int(std::lround(0.85 * ninth)))),
             .effect = KnobEffect::nextBatch,
             .help = PRETEXT_SAID(
                 "Side of the tiles in pixels, each at a random place within its ninth of the image: as large as a ninth they touch, and lines that "
                 "go on across their edges solve the puzzle.")},
            classifierKnob(256)};
}

ViewKinds tiles(const KnobSet &knobs)
{
    return {{"tile", kPieces, knobs.integer("tile.size")}};
}

} // namespace

MethodType jigsawMethod()
{
    return {
        .name = "jigsaw",
        .title = PRETEXT_SAID("Jigsaw"),
        .help = PRETEXT_SAID(
            "Tells from nine shuffled tiles of an image in which order they lie; the encoder sees tiles alone, so that its neighbours may be no better than "
            "those of raw pixels (Noroozi & Favaro 2016)."),
        .family = Family::pretext,
        .views = tiles,
        .knobs = knobs,
        .make = [](const MethodParts &parts) -> std::unique_ptr<Method> {
            return std::make_unique<CutsClassifier>(parts, kPieces, asked(parts.knobs), "permutation");
        },
        .recipe =
            [](const DatasetInfo &info) {
                return imageRecipe(info, {{"encoder.stem_stride", 1.0}, {"crop", false}, {"flip", false}, {"encoder.whiten", false}});
            },
        .maker = [](const SampleSource &source, const KnobSet &knobs) { return makeCuttingMaker(source, knobs, drawing(knobs)); },
        .panel = "taskpredictions",
        .fall = 0.02};
}

} // namespace pretext
