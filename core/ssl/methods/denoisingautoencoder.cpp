// The denoising autoencoder (Vincent et al. 2008, "Extracting and composing robust features with denoising autoencoders"): the image has to come back from
// a disturbed one, so that copying does not do. What disturbs it, and how much, are the augmentations' own knobs "noise" and "noise.strength".
#include "core/files/said.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/rebuilding.h"

namespace pretext {

MethodType denoisingautoencoderMethod()
{
    return {.name = "denoising-autoencoder",
            .title = PRETEXT_SAID("Denoising autoencoder"),
            .help = PRETEXT_SAID("Rebuilds each image from a view that noise has disturbed, of a kind and strength to choose (Vincent et al. 2008)."),
            .family = Family::generative,
            .views = twoViews,
            .knobs = [](const InputShape &) { return rebuildingKnobs(); },
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Rebuilding>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"jitter", false}, {"noise", std::string("masking")}, {"noise.strength", 0.8}});
                },
            .maker = [](const SampleSource &source, const KnobSet &knobs) { return makeSpoilingMaker(source, knobs, "noise"); },
            .panel = "reconstruction"};
}

} // namespace pretext
