#include "core/ssl/imagerecipe.h"

#include "core/files/utf8.h"

#include <algorithm>
#include <functional>

namespace pretext {

namespace {

/// A name of one character that is written as such.
bool isCharacter(const std::string &name)
{
    if (name.empty())
        return false;
    const CodePoint c = codePointAt(name, 0);
    return c.bytes == name.size() && c.value != kReplacement && !isSpace(c.value) && !isPunctuation(c.value);
}

/// Digits, letters and other characters, whose mirror images are others or none: by classes that are all named by one, and so many that they are no
/// mere numbering ("a" and "b", "0" and "1").
bool showsCharacters(const DatasetInfo &info)
{
    constexpr size_t kLeastCharacters = 8; // two of the ten digits may be missing
    if (info.columns.empty())
        return false;
    const std::vector<std::string> &classes = info.columns.front().classes;
    return classes.size() >= kLeastCharacters && std::ranges::all_of(classes, isCharacter);
}

/// Whether what is read as colour shows some: where none does, all channels are measured alike to the last digit.
bool showsColour(const DatasetInfo &info)
{
    const auto alike = [](const std::vector<float> &values) { return std::ranges::adjacent_find(values, std::not_equal_to<>()) == values.end(); };
    return info.image.channels == 3 && !(info.mean.size() == 3 && alike(info.mean) && alike(info.deviation));
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
// the steps of a residual network; a grid of features and unmirrored views keep the layout by which clothes differ, and whitened embeddings let more than the few directions that vary most say so; the README has
// the figures. Other images are mirrored, as long as they show no characters, and colour, where there is some, is not always there to match by; their stem's stride
// leaves a side of 14 places or more: on 600 textures of 32 pixels a stride of 1 gains 1 % by kNN in four times the time, on the same of 24 pixels 6 %.
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
                            {"encoder.pool", 4.0},
                            {"encoder.whiten", true}}};
    const auto set = [&](const std::string &name, const KnobValue &value) {
        std::erase_if(recipe.knobs, [&](const auto &knob) { return knob.first == name; });
        recipe.knobs.emplace_back(name, value);
    };
    if (info.name != "fashion-mnist" && info.name != "shapes") {
        set("flip", !showsCharacters(info));
        if (showsColour(info))
            set("grey", true);
        set("encoder.stem_stride", std::min(info.image.height, info.image.width) >= 28 ? 2. : 1.);
    }
    if (info.frames) { // whose channels are no colours, and whose mirror images move elsewhere
        set("flip", false);
        set("jitter", false);
        set("grey", false);
    }
    for (const auto &[name, value] : more)
        set(name, value);
    return recipe;
}

} // namespace pretext
