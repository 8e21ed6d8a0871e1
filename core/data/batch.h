// A batch: the samples of one step, as views of images or as rows of tokens.
#pragma once

#include "core/data/augment/augment.h"
#include "core/data/image.h"
#include "core/data/plannedviews.h"
#include "core/data/tokens.h"
#include "core/data/viewkind.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pretext {

class Dataset;

struct Batch
{
    int64_t step = 0; // the step it is made for
    uint32_t epoch = 0;
    std::vector<int64_t> indices; // [N] into the training split
    std::vector<int32_t> labels;  // [N] class of each; empty where the method does not ask for them
    int views = 2;                // of each sample, of all kinds together
    ViewKinds kinds;              // of images
    ImageShape shape;             // of images; empty for text
    std::vector<float>
        pixels; // kind after kind, each [count * N, H, W, C], view-major: all first views, then all second; normalised. Empty where a device makes them
    std::shared_ptr<PlannedViews> planned;             // such views; null else
    std::vector<ViewRecord> records;                   // [views * N]
    std::vector<Image> originals;                      // [N]: what the views were made of; empty for text
    TokenRows tokens;                                  // of text, R = views * N; empty for images
    std::shared_ptr<const Dataset> texts;              // of text: of which whoever shows a row reads the sample's own words, so that no step copies them
    std::vector<int32_t> targets;                      // [views * N] of what the maker asks of each view of images; empty where it asks nothing
    uint64_t knobVersion = 0;                          // of the knob values it was made with
    std::chrono::steady_clock::time_point begun, made; // when making it began and ended
};

/// The views of one kind within a batch of images.
struct ViewBlock
{
    int first = 0, count = 0; // views
    ImageShape shape;
    size_t pixels = 0;                                                                    // where its first begins in Batch::pixels
    size_t values() const { return size_t(shape.height) * shape.width * shape.channels; } // of one view of one sample
};
/// One for each kind, in their order.
std::vector<ViewBlock> viewBlocks(const Batch &batch);

/// Values of a batch's views on the host: its own, or read back from the device that made them.
struct HostPixels
{
    HostPixels() = default;
    HostPixels(HostPixels &&) = default;
    std::span<const float> values;
    std::vector<float> read; // behind them where they were read back
};
/// `count` of those that Batch::pixels describes, from `first` on.
HostPixels hostPixels(const Batch &batch, size_t first, size_t count);
/// All of them.
HostPixels hostPixels(const Batch &batch);

} // namespace pretext
