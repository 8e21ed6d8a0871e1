// Features to be judged, [n, D]: an encoder's embeddings, raw pixels; and the labels to judge them by.
#pragma once

#include "core/channels/channel.h"
#include "core/data/dataset.h"
#include "core/data/preparedimages.h"
#include "core/nn/encoder.h"

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct CheckpointState;
struct TrainedEncoder;

/// Throws std::invalid_argument where an encoder that was made for such data cannot read these: of another kind, or images of another shape.
void requireReadable(const Prepared &prepared, const Dataset &dataset);
/// Embeddings of samples [0, limit) of a split (limit 0: all): original images, normalised only, in evaluation mode. Throws where the encoder
/// was made for images of another shape. `progress` is told the share done and cancels by returning false.
Matrix embed(Module &encoder, const Preprocessing &preprocessing, const Dataset &dataset, Split split, int64_t limit = 0,
             const std::function<bool(double)> &progress = {});
/// Of whatever the encoder was made for, without its whitening; otherwise as above.
Matrix embedSamples(const TrainedEncoder &trained, const Dataset &dataset, Split split, int64_t limit = 0, const std::function<bool(double)> &progress = {});
/// The same with its whitening: what is compared, scored, and written for others.
Matrix readSamples(Encoder &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit = 0,
                   const std::function<bool(double)> &progress = {});
/// Images as an encoder of the preprocessing's shape takes them, normalised, [n, H, W, C].
Tensor imageRows(const Preprocessing &preprocessing, const Dataset &dataset, Split split, std::span<const size_t> samples);
/// As embed(), of given pixels in [0, 1], [n, H, W, C] row-major.
Matrix embedPixels(Module &encoder, const Preprocessing &preprocessing, const std::vector<float> &pixels);
/// Embeddings of the first `count` held-out samples, seen twice: views made with the run's augmentations.
std::pair<Matrix, Matrix> twoImageViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count);
/// Embeddings of `count` views of training samples, made with the run's augmentations: of the first view of each, then of a second, and so on.
Matrix embedTrainingViews(Module &encoder, const CheckpointState &state, const Dataset &dataset, int64_t count);
/// Samples [first, end) in [0, 1], [n, H, W, C] row-major.
std::vector<float> pixelsOf(const Dataset &dataset, Split split, int64_t first, int64_t end);
Matrix rawPixels(const Dataset &dataset, Split split, int64_t limit = 0);

/// A label column of classes, sample by sample.
struct ClassColumn
{
    std::string name;
    int classes = 0;
    std::vector<int> train, test;
    std::vector<std::string> names = {}; // of the classes
};
std::vector<int> classLabels(const Dataset &dataset, Split split, int column, int64_t limit = 0);

} // namespace pretext
