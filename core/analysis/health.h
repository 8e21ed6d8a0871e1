// How healthy an encoder is by its embeddings of held-out samples alone, in evaluation mode and without labels: their spectrum and the directions they
// use, how evenly they lie on the unit sphere, and how near positives are. The same of what the method compares, its projections: these collapse first,
// and the embedding behind them may keep all its directions meanwhile.
#pragma once

#include "core/analysis/baselines.h"

#include <optional>
#include <vector>

namespace pretext {

/// Of rows made of unit length. A statistic that so few rows cannot tell has no value.
struct Health
{
    int64_t samples = 0, dimension = 0;
    std::vector<double> spectrum = {};        // singular values of the centred rows over sqrt(rows), falling, those that so few rows can have; empty: no value
    std::vector<double> deviations = {};      // of each dimension, [D]; empty: no value
    std::optional<double> deviation = {};     // their mean times sqrt(D): 1 is spread evenly around the origin, 0 one point (Chen and He 2021, section 4.1)
    std::optional<double> length = {};        // mean length of the rows as they are: the deviation says nothing of it
    std::optional<double> effectiveRank = {}; // see spectrum.h
    std::optional<double> rankMe = {}, alphaReq = {};      // likewise
    std::optional<double> alignment = {}, uniformity = {}; // likewise; no alignment where no second view was made
    bool alike = false;                                    // up to rounding they are one point

    /// As many directions as so many samples can show of the dimension.
    int64_t directions() const { return std::min(dimension, samples - 1); }
};
constexpr int64_t kLeastForSpectrum = 16; // rows
Health healthOf(const Matrix &rows);

struct EncoderHealth
{
    int64_t step = 0;
    Health embedding = {};                 // h, as the encoder gives it, without whitening
    std::optional<Health> projection = {}; // z, where the method has a projector and it is at hand
};

/// Of how many held-out samples, spread evenly; alignment is of two views of the first of those made with the run's augmentations (of text two dropout
/// masks and the run's corruption).
struct HealthOptions
{
    int64_t samples = 512, pairs = 256;
};
/// Throws std::runtime_error where embeddings are not finite.
EncoderHealth healthOf(TrainedEncoder &trained, const Dataset &dataset, const HealthOptions &options = {}, const ShareDone &progress = {});
/// Of the same encoder and heads with their initial weights, which the seed fixes.
EncoderHealth untrainedHealth(const CheckpointState &state, const Dataset &dataset, const HealthOptions &options = {}, const ShareDone &progress = {});

} // namespace pretext
