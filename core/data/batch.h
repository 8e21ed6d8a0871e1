// A batch: the samples of one step, as views of images or as rows of tokens.
#pragma once

#include "core/data/augment/augment.h"
#include "core/data/tokens.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace pretext {

struct Batch
{
    int64_t step = 0; // the step it is made for
    uint32_t epoch = 0;
    std::vector<int64_t> indices; // [N] into the training split
    int views = 2;
    ImageShape shape;                                  // of images; empty for text
    std::vector<float> pixels;                         // [views * N, H, W, C], view-major: all first views, then all second; normalised
    std::vector<ViewRecord> records;                   // [views * N]
    TokenRows tokens;                                  // of text, R = views * N; empty for images
    uint64_t knobVersion = 0;                          // of the knob values it was made with
    std::chrono::steady_clock::time_point begun, made; // when making it began and ended
};

} // namespace pretext
