#include "core/ssl/imagerecipe.h"

#include <algorithm>

namespace pretext {

namespace {

/// Digits and letters, whose mirror images are others or none.
bool showsCharacters(const DatasetInfo &info)
{
    if (info.columns.empty() || info.columns.front().classes.empty())
        return false;
    const std::vector<std::string> &classes = info.columns.front().classes;
    return std::ranges::all_of(classes, [](const std::string &name) {
        const bool number = !name.empty() && name.size() <= 3 && name.find_first_not_of("0123456789") == std::string::npos;
        return number || (name.size() == 1 && name.front() != '?');
    });
}

/// Of another kind of data: its first encoder, and what the data say of themselves.
Recipe recipeOfOthers(const DatasetInfo &info, std::vector<std::pair<std::string, KnobValue>> knobs)
{
    knobs.insert(knobs.end(), info.knobs.begin(), info.knobs.end());
    const auto encoder = std::ranges::find(encoderTypes(), info.modality, &EncoderType::modality);
    return {.encoder = encoder == encoderTypes().end() ? std::string() : encoder->name, .batch = info.batch > 0 ? info.batch : 256, .knobs = std::move(knobs)};
}

} // namespace

// Chosen for what five minutes of two cores can teach on Fashion-MNIST: a cheap stack of convolutions takes several times
// the steps of a residual network; a 2 x 2 grid of features and unmirrored views keep the layout by which clothes differ; the README has
// the figures. Other images are mirrored, as long as they show no characters, and colour is not always there to match by; their stem's stride
// leaves a side of 12 places or more.
Recipe imageRecipe(const DatasetInfo &info, std::vector<std::pair<std::string, KnobValue>> more)
{
    if (info.modality != Modality::image)
        return recipeOfOthers(info, std::move(more));
    Recipe recipe{.encoder = "convnet",
                  .batch = 256,
                  .knobs = {{"optimizer", std::string("adamw")},
                            {"learning_rate", 6e-3},
                            {"flip", false},
                            {"encoder.width", 64.0},
                            {"encoder.max_width", 64.0},
                            {"encoder.stem_stride", 2.0},
                            {"encoder.pool", 2.0}}};
    const auto set = [&](const std::string &name, const KnobValue &value) {
        std::erase_if(recipe.knobs, [&](const auto &knob) { return knob.first == name; });
        recipe.knobs.emplace_back(name, value);
    };
    if (info.name != "fashion-mnist" && info.name != "shapes") {
        set("flip", !showsCharacters(info));
        if (info.image.channels == 3)
            set("grey", true);
        set("encoder.stem_stride", std::min(info.image.height, info.image.width) >= 24 ? 2. : 1.);
    }
    for (const auto &[name, value] : more)
        set(name, value);
    return recipe;
}

} // namespace pretext
