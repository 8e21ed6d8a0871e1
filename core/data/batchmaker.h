// What makes a batch's rows from samples: the augmenter of images, or a corrupter of tokens. A method's declaration chooses it.
#pragma once

#include "core/data/batch.h"
#include "core/data/dataset.h"
#include "core/data/prepared.h"
#include "core/knobs/knob.h"
#include "core/tensor/random.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

/// Where samples come from: the data set, and what was made ready of its split; and the views to be made of each.
struct SampleSource
{
    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<const PreparedSplit> split; // null where nothing is
    ViewKinds kinds = {};                       // of images
    Device device = Device::cpu;                // that the batches are for
};

/// Immutable: one is made for every change of knobs. Everything drawn is keyed by (seed, epoch, sample, view), so that a batch is a pure
/// function of (seed, step, knobs).
class BatchMaker
{
public:
    virtual ~BatchMaker() = default;
    /// Makes room for the rows of batch.indices.size() samples in batch.views views.
    virtual void begin(Batch &batch) const = 0;
    /// Makes all views of the sample batch.indices[place].
    virtual void make(Batch &batch, uint64_t seed, int64_t place) const = 0;
    /// Called when all rows are made: pads them to one length, say.
    virtual void finish(Batch &) const {}
};

using MakeBatchMaker = std::unique_ptr<BatchMaker> (*)(const SampleSource &source, const KnobSet &knobs);

/// Augmented views of images, normalised: the maker of every method that trains on images.
std::unique_ptr<BatchMaker> makeViewMaker(const SampleSource &source, const KnobSet &knobs);
/// Turns the view of batch.indices[place], which its maker has just made and is the only one, counter-clockwise by so many quarters; an odd number where it is square.
void turnView(Batch &batch, int64_t place, int quarters);
/// Two views of each sample that were drawn as one, but for the augmentation of this name, which the first goes without: what a model is to rebuild, and
/// what it is given.
std::unique_ptr<BatchMaker> makeSpoilingMaker(const SampleSource &source, const KnobSet &knobs, const std::string &augmentation);
/// Two views of each clip that were drawn as one: what comes a moment later, and what is given.
std::unique_ptr<BatchMaker> makeNextMaker(const SampleSource &source, const KnobSet &knobs);

/// Where the views of a sample are cut from its image, and what is asked of them.
struct PieceCuts
{
    struct Corner
    {
        int y = 0, x = 0; // the upper left pixel
    };
    std::vector<Corner> corners; // one for each view
    int32_t target = 0;
};
/// Of an image and of views of these shapes.
using DrawCuts = std::function<PieceCuts(Random &random, ImageShape image, ImageShape view)>;
/// Views that are pieces of the image as large as the method's kind of view says, each augmented by itself, but neither cropped, mirrored nor turned; the target
/// of each is its sample's.
std::unique_ptr<BatchMaker> makeCuttingMaker(const SampleSource &source, const KnobSet &knobs, DrawCuts draw);

} // namespace pretext
