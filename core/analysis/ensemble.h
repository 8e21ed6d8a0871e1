// Several trained encoders as one, whose embeddings are averaged or put side by side.
#pragma once

#include "core/analysis/baselines.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// What becomes of a sample's embeddings, each first made of unit length, so that all count alike: their mean, or one behind the other.
enum class Joining : uint8_t { average, concatenate };
const std::vector<std::string> &joinings(); // their names, in order
Joining joiningNamed(const std::string &name);

/// The rows [N, D] of each, joined; of one alone they are as they are. All have as many rows.
Matrix joinedRows(const std::vector<Matrix> &each, Joining joining);

/// Encoders that are judged as one; they outlive it.
struct Ensemble
{
    std::vector<TrainedEncoder *> members = {}; // one at least
    std::vector<std::string> names = {};        // of each, as a user knows them; of one alone not needed
    Joining joining = Joining::average;
};

/// Throws std::invalid_argument naming two of them where they read other kinds of data or images of other shapes, or where embeddings of other dimensions
/// are to be averaged.
void requireJoinable(const Ensemble &ensemble);
/// Embeddings of samples [0, limit) of a split, joined, as readSamples gives those of one encoder.
Matrix readSamples(const Ensemble &ensemble, const Dataset &dataset, Split split, int64_t limit, const ShareDone &progress);
/// What `encoderFeatures` and `untrainedFeatures` give of each, joined.
Features encoderFeatures(const std::string &name, const Ensemble &ensemble, const Dataset &dataset, const ShareDone &progress);
Features untrainedFeatures(const Ensemble &ensemble, const Dataset &dataset, const ShareDone &progress);
/// Embeddings of the first `count` held-out samples, seen twice as each run's method sees them, joined.
std::pair<Matrix, Matrix> twoViews(const Ensemble &ensemble, const Dataset &dataset, int64_t count);

} // namespace pretext
