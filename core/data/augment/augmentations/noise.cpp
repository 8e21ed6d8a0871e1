// Noise in each pixel: what kind, chosen from noises.def, and how strong.
#include "core/data/augment/augmentation.h"
#include "core/data/augment/imagenoise.h"
#include "core/files/said.h"

namespace pretext {

namespace {

std::vector<Knob> imageNoiseKnobs(ImageShape)
{
    Knob kind{.name = "noise",
              .kind = KnobKind::choice,
              .defaultValue = std::string("none"),
              .choices = {"none"},
              .effect = KnobEffect::nextBatch,
              .help = said("Disturbs the views, so that the encoder learns not to lean on single pixels:"),
              .formerSwitch = "gaussian"};
    std::string strength = said("Largest strength (drawn from 0 up); strong noise drowns texture before shape. Of");
    for (const ImageNoise &noise : imageNoises()) {
        const char *separator = kind.choices.size() == 1 ? " " : "; ";
        kind.help += separator + noise.name + " " + said(noise.help.c_str());
        strength += separator + noise.name + " " + said(noise.unit.c_str());
        kind.choices.push_back(noise.name);
    }
    kind.help += ".";
    return {kind, amountKnob("noise.strength", 0, 1, 0.1, strength + ".")};
}

DrawDeeds drawingImageNoise(const KnobSet &knobs, ImageShape)
{
    return [which = imageNoiseNumber(knobs.choice("noise")), most = amountOf(knobs, "noise.strength")](Random &random, Deeds &deeds) {
        Deed deed{.which = which, .amounts = {random.uniform(0, most)}};
        deed.key = uint64_t(random.bits()) << 32;
        deed.key |= random.bits();
        if (deed.amounts[0] > 0)
            deeds.push_back(deed);
    };
}

} // namespace

AugmentationType noiseAugmentation()
{
    return {.name = "noise",
            .knobs = imageNoiseKnobs,
            .drawing = drawingImageNoise,
            .apply = [](const Deed &deed, const Planes &view) { imageNoises().at(deed.which).apply(view, deed.amounts[0], deed.key); },
            .onDevice =
                [](const Deed &deed, ImageShape view) {
                    const ImageNoise &noise = imageNoises().at(deed.which);
                    return noise.onDevice ? noise.onDevice(deed.amounts[0], deed.key, view) : PixelDeed{};
                },
            .describe = [](const Deed &deed) { return imageNoises().at(deed.which).describe(deed.amounts[0]); }};
}

} // namespace pretext
