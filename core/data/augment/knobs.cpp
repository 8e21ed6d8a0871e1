// The augmentations as a user turns them.
#include "core/data/augment/augment.h"

namespace pretext {

namespace {

Knob onOff(const char *name, bool on, const char *help)
{
    Knob knob;
    knob.name = name;
    knob.kind = KnobKind::boolean;
    knob.defaultValue = on;
    knob.effect = KnobEffect::nextBatch;
    knob.help = help;
    return knob;
}

Knob strength(const char *name, double minimum, double maximum, double value, const char *help, const char *symbol = "")
{
    Knob knob;
    knob.name = name;
    knob.symbol = symbol;
    knob.minimum = minimum;
    knob.maximum = maximum;
    knob.defaultValue = value;
    knob.effect = KnobEffect::nextBatch;
    knob.help = help;
    return knob;
}

} // namespace

std::vector<Knob> augmentationKnobs(ImageShape shape)
{
    const bool colour = shape.channels == 3;
    std::vector<Knob> knobs = {
        onOff("crop", true,
              "Cuts a random box and resizes it: the encoder learns that a part and the whole belong together; the strongest single augmentation."),
        strength(
            "crop.min_area", 0.05, 1, 0.3,
            "Smallest share of the image that a crop keeps: small crops force the encoder to infer the whole from details; too small and pairs share nothing."),
        strength("crop.ratio", 1, 3, 4. / 3,
                 "Largest aspect ratio of a crop (the smallest is its inverse): stretching teaches the encoder to ignore proportions."),
        onOff("flip", true, "Mirrors left and right: the encoder learns that handedness does not matter."),
        strength("flip.probability", 0, 1, 0.5, "How often a view is mirrored; at one half, pairs differ in handedness as often as not."),
        onOff("rotation", false, "Turns the view: the encoder learns to ignore orientation; harmful where orientation tells classes apart."),
        strength("rotation.degrees", 0, 180, 15, "Largest turn to either side: the range of orientations that the encoder learns to treat as one."),
        onOff("jitter", true,
              "Changes brightness and contrast, and saturation and hue of colour images: without it, pairs can be matched by their histogram alone."),
        strength("jitter.probability", 0, 1, 0.8, "How often a view is jittered; untouched views keep the histogram as a clue."),
        strength("jitter.brightness", 0, 1, 0.4, "Brightness factor drawn from one minus to one plus this: teaches the encoder to ignore exposure."),
        strength("jitter.contrast", 0, 1, 0.4, "Contrast factor drawn from one minus to one plus this: teaches the encoder to ignore how strong edges are."),
    };
    if (colour) {
        knobs.push_back(strength("jitter.saturation", 0, 1, 0.4,
                                 "Saturation factor drawn from one minus to one plus this: teaches the encoder to ignore how vivid colours are."));
        knobs.push_back(strength("jitter.hue", 0, 0.5, 0.1,
                                 "Largest turn of the hue, in turns of the colour circle: at 0.5 the encoder learns to ignore which colour a thing has."));
        knobs.push_back(onOff("grey", false, "Drops the colour of some views: the encoder must rely on shape, since colour is not always there to match."));
        knobs.push_back(strength("grey.probability", 0, 1, 0.2, "How often a view loses its colour; at one, colour is never learned."));
    }
    const std::vector<Knob> others = {
        onOff("blur", false, "Smooths some views: the encoder learns to rely on coarse shape, less on texture and sharp edges."),
        strength("blur.probability", 0, 1, 0.5, "How often a view is blurred."),
        strength("blur.sigma", 0.1, 5, 1, "Largest width of the Gaussian in pixels (drawn from 0.1 up): the finest detail that still counts.", "σ"),
        onOff("noise", false, "Adds Gaussian noise: the encoder learns not to lean on single pixels."),
        strength("noise.strength", 0, 0.5, 0.1,
                 "Largest standard deviation, of pixels from 0 to 1 (drawn from 0 up): strong noise drowns texture before shape."),
        onOff("cutout", false, "Blackens a box: the encoder learns to recognise what is partly hidden instead of one telling detail."),
        strength("cutout.probability", 0, 1, 0.5, "How often a view has a box cut out."),
        strength("cutout.max_area", 0.02, 0.6, 0.25, "Largest share of the view that is cut out: larger boxes demand more from what remains."),
        onOff("solarise", false, "Inverts bright pixels of some views: the encoder learns outlines rather than which side of an edge is bright."),
        strength("solarise.probability", 0, 1, 0.2, "How often a view is solarised."),
        strength("solarise.threshold", 0, 1, 0.5, "Pixels at least this bright are inverted; at 0 the view becomes its negative."),
    };
    knobs.insert(knobs.end(), others.begin(), others.end());
    return knobs;
}

AugmentationSettings AugmentationSettings::of(const KnobSet &knobs)
{
    const auto on = [&](const char *name) { return knobs.find(name) && knobs.boolean(name); };
    const auto real = [&](const char *name) { return knobs.find(name) ? static_cast<float>(knobs.real(name)) : 0.f; };
    AugmentationSettings s;
    if ((s.crop = on("crop"))) {
        s.minArea = real("crop.min_area");
        s.ratio = real("crop.ratio");
    }
    if (on("flip"))
        s.flip = real("flip.probability");
    if (on("rotation"))
        s.rotation = real("rotation.degrees");
    if (on("jitter")) {
        s.jitter = real("jitter.probability");
        s.brightness = real("jitter.brightness");
        s.contrast = real("jitter.contrast");
        s.saturation = real("jitter.saturation");
        s.hue = real("jitter.hue");
    }
    if (on("grey"))
        s.grey = real("grey.probability");
    if (on("blur")) {
        s.blur = real("blur.probability");
        s.blurSigma = real("blur.sigma");
    }
    if (on("noise"))
        s.noise = real("noise.strength");
    if (on("cutout")) {
        s.cutout = real("cutout.probability");
        s.cutoutArea = real("cutout.max_area");
    }
    if (on("solarise")) {
        s.solarise = real("solarise.probability");
        s.solariseThreshold = real("solarise.threshold");
    }
    return s;
}

} // namespace pretext
