// Colourisation (Zhang et al. 2016, "Colorful image colorization"; here by the squared error of all channels, not by their classes of colour): the image has to
// come back with its colours from a grey view of it, for which the encoder must know what it sees. How often a view is grey is the augmentation's knob.
#include "core/files/said.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/rebuilding.h"

namespace pretext {

MethodType colourisationMethod()
{
    return {.name = "colourisation",
            .title = PRETEXT_SAID("Colourisation"),
            .help = PRETEXT_SAID("Gives grey views of colour images their colours back (Zhang et al. 2016)."),
            .family = Family::generative,
            .views = twoViews,
            .knobs = [](const InputShape &) { return rebuildingKnobs(); },
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Rebuilding>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    std::vector<std::pair<std::string, KnobValue>> knobs{{"jitter", false}};
                    if (info.image.channels == 3)
                        knobs.insert(knobs.end(), {{"grey", true}, {"grey.probability", 1.0}});
                    return imageRecipe(info, knobs);
                },
            .maker = [](const SampleSource &source, const KnobSet &knobs) { return makeSpoilingMaker(source, knobs, "grey"); },
            .colour = true,
            .panel = "reconstruction"};
}

} // namespace pretext
