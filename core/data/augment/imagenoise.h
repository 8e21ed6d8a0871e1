// A kind of noise in images, of the knob `noise`. Each is one file in core/data/augment/noises/ and one line in noises.def; speckle.cpp is the one
// to copy.
#pragma once

#include "core/backend/viewplan.h"
#include "core/data/augment/planes.h"
#include "core/data/modality.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

struct ImageNoise
{
    std::string name; // "gaussian": the knob's value
    std::string help; // what it does to a view, behind its name: "adds a normal number to each value"
    std::string unit; // what its strength is, behind its name: "the standard deviation of what is added"
    /// Disturbs the view, whose values stay in [0, 1]; `strength` is above 0 and at most 1. What it draws is a function of the key.
    void (*apply)(const Planes &view, float strength, uint64_t key);
    PixelDeed (*onDevice)(float strength, uint64_t key, ImageShape view) = nullptr; // the same, as a device is asked for it; null: none knows it
    std::string (*describe)(float strength);                                        // "Gaussian noise σ 0.10"
};

/// In the order in which they are offered.
const std::vector<ImageNoise> &imageNoises();
/// Its place in imageNoises(); throws std::invalid_argument where there is none of this name.
int imageNoiseNumber(const std::string &name);

} // namespace pretext
