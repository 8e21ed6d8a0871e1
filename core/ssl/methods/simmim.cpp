// SimMIM (Xie et al. 2022, "SimMIM: a simple framework for masked image modeling") for encoders of any kind: some patches of an image are painted over with
// the data's mean colour, the encoder sees what is left as an image, and a decoder foretells the pixels that are hidden. Loss: |x - y| over these alone
// (section 3.3). mae is the other way, which leaves patches out and needs an encoder of patches. N images, masks m [N, H, W, 1]: 1 where hidden.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/patchmask.h"
#include "core/ssl/rebuilding.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace pretext {

namespace {

constexpr uint32_t kMaskStream = 0x6d61736c; // where views count, so that masks share no random numbers with augmentations
constexpr int kUnknownSide = 32;             // of images that are not known yet

/// Those at the right and below may be cut by the image's edge.
PatchGrid coveringGrid(const Shape &images, int size)
{
    const auto patches = [size](int64_t extent) { return int((extent + size - 1) / size); };
    return {patches(images[1]), patches(images[2]), size, int(images[3])};
}

/// 1 where a pixel is hidden, [N, H, W, 1].
struct PixelMasks
{
    Tensor hidden;
    int64_t count; // of ones
};

PixelMasks drawMasks(const StepInput &input, const Shape &images)
{
    const MaskShape shape = maskShapeNamed(input.knobs.choice("mask.shape"));
    const double ratio = input.knobs.real("mask.ratio");
    const PatchGrid grid = coveringGrid(images, input.knobs.integer("mask.patch"));
    const int64_t height = images[1], width = images[2];
    std::vector<float> masks;
    for (const int64_t sample : input.batch.indices) {
        Random random(input.seed, input.batch.epoch, uint32_t(sample), kMaskStream);
        std::vector<float> hidden(size_t(grid.count()), 1);
        for (const int32_t kept : drawKept(shape, grid, ratio, random))
            hidden[size_t(kept)] = 0;
        for (int64_t y = 0; y < height; ++y)
            for (int64_t x = 0; x < width; ++x)
                masks.push_back(hidden[size_t(y / grid.size * grid.columns + x / grid.size)]);
    }
    return {Tensor::fromHost(masks, {images[0], height, width, 1}), std::ranges::count(masks, 1.f)};
}

/// The squared errors [N, H W C] as means over channels, NaN where nothing was hidden.
Matrix hiddenErrors(const Matrix &got, const Matrix &real, const Matrix &hidden)
{
    const size_t channels = size_t(real.columns / hidden.columns);
    Matrix errors{hidden.rows, hidden.columns, std::vector<float>(hidden.values.size(), 0)};
    for (size_t pixel = 0; pixel < hidden.values.size(); ++pixel) {
        for (size_t i = pixel * channels; i < (pixel + 1) * channels; ++i)
            errors.values[pixel] += std::pow(got.values[i] - real.values[i], 2.f) / float(channels);
        if (hidden.values[pixel] == 0)
            errors.values[pixel] = std::numeric_limits<float>::quiet_NaN();
    }
    return errors;
}

class SimMim : public Rebuilding
{
public:
    using Rebuilding::Rebuilding;

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable &images = input.views[0];
        const PixelMasks masks = drawMasks(input, images.shape());
        const Variable hidden(masks.hidden), seen = add(scale(hidden, -1), 1);
        const Variable given = multiply(images, seen); // 0 is the mean colour
        const Rebuilt rebuilt = rebuild(encoder, given);
        offer(rebuilt.images.value(), given.value(), images.value(), masks.hidden, input.recorder);
        const float values = float(masks.count) * float(images.shape()[3]);
        return regularised(scale(sum(multiply(abs(subtract(rebuilt.images, images)), hidden)), 1 / values), rebuilt, input);
    }

private:
    static void offer(const Tensor &rebuilt, const Tensor &given, const Tensor &wanted, const Tensor &masks, Recorder &recorder)
    {
        recorder.heavy("reconstruction/output", [=] {
            const NoGrad noGrad;
            return shownImages(add(Variable(given), multiply(Variable(rebuilt), Variable(masks))).value());
        });
        recorder.heavy("reconstruction/seen", [=] { return shownImages(given); });
        recorder.heavy("reconstruction/error", [=] {
            return Shown({firstImages(rebuilt), firstImages(wanted), firstImages(masks)},
                         [](const std::vector<Matrix> &read) -> ChannelValue { return hiddenErrors(read[0], read[1], read[2]); });
        });
    }
};

std::vector<Knob> knobs(const InputShape &input)
{
    const int known = std::min(input.image.height, input.image.width), side = known > 0 ? known : kUnknownSide;
    std::vector<Knob> knobs = {
        {.name = "mask.ratio",
         .kind = KnobKind::real,
         .minimum = 0.05,
         .maximum = 0.95,
         .defaultValue = 0.6,
         .effect = KnobEffect::live,
         .help =
             PRETEXT_SAID("Share of the patches that are painted over: few can be foretold from their neighbours alone; the more, the more it takes knowing "
                          "what is shown.")},
        {.name = "mask.patch",
         .kind = KnobKind::integer,
         .minimum = 1,
         .maximum = std::max(2., std::floor(side / 2.)),
         .defaultValue = std::max(1., std::round(side / 7.)),
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("Side of the patches in pixels: holes of one pixel are filled in from beside them; large ones take guessing whole parts.")},
        {.name = "mask.shape",
         .kind = KnobKind::choice,
         .defaultValue = std::string("random"),
         .choices = maskShapes(),
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID(
             "Which are hidden: any, by chance; one block, which takes guessing whole parts; or all but a regular grid, which is easy and teaches less.")}};
    std::ranges::move(rebuildingKnobs(), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType simmimMethod()
{
    return {.name = "simmim",
            .title = PRETEXT_SAID("SimMIM"),
            .help = PRETEXT_SAID(
                "Paints patches of an image over and foretells their pixels, with an encoder of any kind; pixels are all that counts, so it may tell images "
                "apart no better than these do (Xie et al. 2022)."),
            .family = Family::generative,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<SimMim>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"jitter", false}, {"crop.min_area", 0.6}});
                },
            .panel = "reconstruction"};
}

} // namespace pretext
