// What a run's numbers say of its health, in one sentence with its evidence: that the encoder has collapsed, that training diverges or has nothing left to
// learn, that a temperature is out of range; or that nothing of that is seen. A pure function of the numbers.
#pragma once

#include "core/analysis/health.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace pretext {

enum class Finding : uint8_t { unknown, healthy, completeCollapse, dimensionalCollapse, divergence, saturation, temperature };
/// "complete_collapse".
const std::string &nameOf(Finding finding);

/// The course of a run's loss, gradient and own task, in medians of a few steps each, so that one odd batch says nothing. NaN: too few steps for it.
struct Course
{
    int64_t steps = 0;
    double firstLoss, lowestLoss, lastLoss;
    double lossChange; // between the highest and the lowest of the medians of the last half
    double firstGradient, usualGradient, lastGradient;
    double accuracy;  // of the task that the method sets itself, of the last steps; in [0, 1]
    double shrinking; // loss/variance of the last steps: 1 where what is compared has shrunk to a point
};
/// Of the values of each step, oldest first; each but the losses may be empty. Values that are not finite are left out.
Course courseOf(std::span<const double> losses, std::span<const double> gradients = {}, std::span<const double> accuracies = {},
                std::span<const double> variances = {});

struct MetricsTable; // core/engine/runfolder.h
/// Of a run's metrics.csv, up to a step.
Course courseOf(const MetricsTable &table, int64_t step);
/// What the accuracy of the task that a method sets itself begins with, among the names of scalars.
constexpr const char *kTaskAccuracy = "accuracy/";

struct Evidence
{
    const EncoderHealth *health = nullptr;    // none yet
    const EncoderHealth *untrained = nullptr; // of the same encoder with its initial weights, of which much is so already; null: not known
    Course course = courseOf({});
    std::optional<double> temperature = {}; // of a softmax of cosines
    bool labels = false;                    // it learns from them: samples of a class may then become one point, and few directions be left
    std::string failure = {};               // what ended the run
};
struct RunConfig; // core/engine/config.h
/// What the settings of a run have to say.
Evidence evidenceOf(const RunConfig &config);

struct Diagnosis
{
    Finding finding = Finding::unknown;
    std::string sentence; // in the reader's language
};
Diagnosis diagnose(const Evidence &evidence);

} // namespace pretext
