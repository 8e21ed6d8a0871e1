// The autoencoder (Hinton & Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks"): the image has to come back from a code of
// few dimensions, error + β R(z). Pixels are all that counts, so that it learns what fills an image before what tells images apart.
#include "core/files/said.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/rebuilding.h"

namespace pretext {

MethodType autoencoderMethod()
{
    return {.name = "autoencoder",
            .title = PRETEXT_SAID("Autoencoder"),
            .help = PRETEXT_SAID("Rebuilds each image from a code of few numbers, sparse or uncorrelated if asked; pixels are all that counts, so it may tell "
                                 "images apart no better than these do (Hinton & Salakhutdinov 2006)."),
            .family = Family::generative,
            .views = oneView,
            .knobs = [](const InputShape &) { return rebuildingKnobs(); },
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Rebuilding>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"jitter", false}});
                },
            .panel = "reconstruction"};
}

} // namespace pretext
