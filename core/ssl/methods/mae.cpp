// MAE (He et al. 2022, "Masked autoencoders are scalable vision learners"): most patches of an image are hidden, the encoder sees the others alone,
// and a small decoder paints what is missing. N images, T patches of V values.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/nn/patchencoder.h"
#include "core/ssl/method.h"
#include "core/ssl/patchdecoder.h"
#include "core/ssl/patchmask.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

constexpr uint32_t kMaskStream = 0x6d61736b; // where views count, so that masks share no random numbers with augmentations
constexpr int64_t kShownImages = 64;

PatchMasks drawMasks(const StepInput &input, const PatchEncoder &encoder)
{
    const MaskShape shape = maskShapeNamed(input.knobs.choice("mask.shape"));
    const double ratio = input.knobs.real("mask.ratio");
    std::vector<int32_t> kept;
    for (const int64_t sample : input.batch.indices) {
        Random random(input.seed, input.batch.epoch, uint32_t(sample), kMaskStream);
        const std::vector<int32_t> seen = drawKept(shape, encoder.grid(), ratio, random);
        kept.insert(kept.end(), seen.begin(), seen.end());
    }
    return patchMasks(kept, int64_t(input.batch.indices.size()), encoder.grid(), encoder.classTokens());
}

/// Throws where no patch can be hidden.
const PatchEncoder &requirePatches(Encoder &encoder)
{
    const PatchEncoder &patches = patchEncoder(encoder);
    if (patches.grid().count() < 2)
        throw std::invalid_argument(
            "[mae] " + said("encoder.patch is %1: the image is a single patch, which cannot be hidden; choose a smaller one", {patches.grid().size}));
    return patches;
}

/// [images, H W C]: the images with the hidden patches painted; [images, T]: each hidden patch's squared error, NaN of those that were seen.
struct Painting
{
    Matrix pixels, error;
};

/// What a step leaves to be looked at.
struct Painted
{
    Tensor values; // [N M, V]
    PatchTargets targets;
    PatchMasks masks;
    PatchGrid grid;
    Tensor images;
};

/// What was painted, what was to be, both as the decoder has them, and the former as pixels, [N M, V] each; and the images' pixels [images, H W C].
Painting paintingOf(const Painted &step, const std::vector<Matrix> &read, int64_t images)
{
    const PatchGrid &grid = step.grid;
    const PatchMasks &masks = step.masks;
    const int64_t patches = grid.count(), values = grid.values(), width = int64_t(grid.columns) * grid.size * grid.channels, row = grid.size * grid.channels;
    const int64_t size = patches * values;
    Painting painting{{images, size, read[3].values}, {images, patches, std::vector<float>(size_t(images * patches), std::numeric_limits<float>::quiet_NaN())}};
    const std::vector<float> &got = read[0].values, &wanted = read[1].values, &shown = read[2].values;
    for (size_t i = 0; i < masks.hidden.size() && masks.hidden[i] < images * patches; ++i) {
        const int64_t image = masks.hidden[i] / patches, patch = masks.hidden[i] % patches;
        float *corner = &painting.pixels.values[size_t(image * size + patch / grid.columns * grid.size * width + patch % grid.columns * row)];
        for (int y = 0; y < grid.size; ++y)
            std::copy_n(&shown[i * size_t(values) + size_t(y * row)], row, corner + y * width);
        double sum = 0;
        for (int64_t j = 0; j < values; ++j)
            sum += std::pow(double(got[i * size_t(values) + size_t(j)]) - wanted[i * size_t(values) + size_t(j)], 2);
        painting.error.values[size_t(image * patches + patch)] = float(sum / double(values));
    }
    return painting;
}

void offerPainting(Painted step, const StepInput &input)
{
    const int64_t images = std::min(kShownImages, step.masks.images);
    const auto offer = [&, shared = std::make_shared<const Painted>(std::move(step))](const char *channel, Matrix Painting::*part) {
        input.recorder.heavy(channel, [=] {
            const NoGrad noGrad;
            return Shown({shared->values, shared->targets.values.value(), shared->targets.pixels(Variable(shared->values)).value(),
                          sliceRows(Variable(shared->images), 0, images).value()},
                         [=](const std::vector<Matrix> &read) -> ChannelValue { return paintingOf(*shared, read, images).*part; });
        });
    };
    offer("reconstruction/output", &Painting::pixels);
    offer("reconstruction/error", &Painting::error);
}

class Mae : public Method
{
public:
    explicit Mae(const MethodParts &parts)
        : m_decoder(m_heads.add("decoder", std::make_unique<PatchDecoder>(parts.knobs, requirePatches(parts.encoder), parts.random)))
    {
    }

    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; } // the decoder is of no use behind the embedding

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        PatchEncoder &patches = patchEncoder(encoder);
        const Variable &images = input.views[0];
        const PatchMasks masks = drawMasks(input, patches);
        const Variable painted = m_decoder.paint(hiddenOf(patches, images, masks), masks);
        const PatchTargets targets(images, masks, patches.grid(), input.knobs.boolean("target.normalise"));
        offerPainting({painted.value(), targets, masks, patches.grid(), images.value()}, input);
        return meanSquaredError(painted, targets.values);
    }

private:
    static Variable hiddenOf(PatchEncoder &encoder, const Variable &images, const PatchMasks &masks)
    {
        const Scope scope("encoder");
        return encoder.hidden(images, masks.kept);
    }

    Heads m_heads;
    PatchDecoder &m_decoder;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs = {
        {.name = "mask.ratio",
         .kind = KnobKind::real,
         .minimum = 0.05,
         .maximum = 0.95,
         .defaultValue = 0.75,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID(
             "Share of the patches that are hidden: few can be painted from their neighbours alone; at three quarters it takes knowing what is shown.")},
        {.name = "mask.shape",
         .kind = KnobKind::choice,
         .defaultValue = std::string("random"),
         .choices = maskShapes(),
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID(
             "Which are hidden: any, by chance; one block, which takes guessing whole parts; or all but a regular grid, which is easy and teaches less.")},
        {.name = "target.normalise",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID(
             "A patch is to be painted less its own mean and over its own deviation: what counts then is structure, not brightness. Guessing its mean "
             "costs a loss of 1 at most.")},
    };
    for (Knob &knob : patchDecoderKnobs())
        knobs.push_back(std::move(knob));
    return knobs;
}

/// The common divisor of both sides that is nearest to a seventh of the shorter one: about fifty patches.
double fittingPatch(const ImageShape &image)
{
    const int common = std::gcd(image.height, image.width);
    const double wished = std::min(image.height, image.width) / 7.;
    int best = 1;
    for (int size = 2; size <= common / 2; ++size)
        if (common % size == 0 && std::abs(std::log(size / wished)) < std::abs(std::log(best / wished)))
            best = size;
    return best;
}

Recipe recipe(const DatasetInfo &info)
{
    return {.encoder = "vit",
            .batch = 256,
            .knobs = {{"optimizer", std::string("adamw")},
                      {"learning_rate", 2e-3},
                      {"warmup", 0.1},
                      {"weight_decay", 0.05},
                      {"crop.min_area", 0.6},
                      {"jitter", false},
                      {"flip", false},
                      {"encoder.patch", fittingPatch(info.image)}}};
}

} // namespace

MethodType maeMethod()
{
    return {.name = "mae",
            .title = PRETEXT_SAID("Masked autoencoder"),
            .help = PRETEXT_SAID("Hides most patches of an image and paints them from the few that are left; pixels are all that counts, so after minutes its "
                                 "neighbours may tell images apart no better than these do (He et al. 2022)."),
            .family = Family::generative,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Mae>(parts); },
            .recipe = recipe,
            .panel = "reconstruction",
            .patches = true};
}

} // namespace pretext
