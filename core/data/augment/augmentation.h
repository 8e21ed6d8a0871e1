// An augmentation of images: its knobs, how it draws what it will do to a view, does it, and tells it. Each is one file in
// core/data/augment/augmentations/ and one line in augmentations.def; solarise.cpp is the one to copy.
#pragma once

#include "core/backend/viewplan.h"
#include "core/data/augment/planes.h"
#include "core/data/augment/viewrecord.h"
#include "core/data/modality.h"
#include "core/knobs/knob.h"
#include "core/tensor/random.h"

#include <functional>

namespace pretext {

/// Appends what will be done to one view, and nothing where the view is left alone. Whose deeds they are is written by the caller.
using DrawDeeds = std::function<void(Random &, Deeds &)>;

struct AugmentationType
{
    std::string name;                                               // also of the knob that switches it: true, or a choice other than "none"
    std::vector<Knob> (*knobs)(ImageShape);                         // for views of this shape: the switch first; none where it has no meaning
    DrawDeeds (*drawing)(const KnobSet &, ImageShape);              // asked only where it is switched on
    void (*place)(const Deed &, Placement &) = nullptr;             // of one that says where pixels come from: together they are one resampling
    void (*apply)(const Deed &, const Planes &) = nullptr;          // of one that changes pixels, which stay in [0, 1]
    PixelDeed (*onDevice)(const Deed &, ImageShape view) = nullptr; // what `apply` does, as a device is asked for it; null: none knows it
    std::string (*describe)(const Deed &) = nullptr;
    uint64_t stream = 0; // of its random numbers, from augmentations.def
};

/// In the order in which they are applied.
const std::vector<AugmentationType> &augmentationTypes();
/// Throws std::invalid_argument where there is none of this name.
const AugmentationType &augmentationType(const std::string &name);

/// A knob that acts from the next batch on: a switch, and a number.
Knob switchKnob(const std::string &name, bool on, const std::string &help);
Knob amountKnob(const std::string &name, double minimum, double maximum, double value, const std::string &help, const std::string &symbol = "");
/// The knob's value; 0 where it is not declared, as saturation is not of grey images.
float amountOf(const KnobSet &knobs, const std::string &name);
/// The number in a printf format of one double.
std::string told(const char *format, double value);

} // namespace pretext
