// What `pretext train` was asked, and what of it new runs and those that go on take alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct TrainArguments
{
    std::optional<std::string> method, dataset, encoder, device, precision, init, config, out, scheduleOnResume, fork, replay, code;
    std::optional<int64_t> steps, batch, evaluateEvery, checkpointMegabytes;
    std::optional<double> minutes, imbalance;
    std::optional<uint64_t> seed;
    std::optional<int> threads, size;
    std::vector<std::string> knobs;
    bool grey = false, resume = false, dataChanged = false, profile = false, tensorboard = false;
};

template<class T>
void take(const std::optional<T> &argument, T &field)
{
    if (argument)
        field = *argument;
}

/// An absolute path where it is one, and no data set's name.
std::string absoluteIfPath(const std::string &nameOrPath);
/// The knobs that are set and their values, each knob once. Throws UsageError.
std::vector<std::pair<std::string, std::string>> knobsIn(const std::vector<std::string> &settings);
/// An option of `pretext train` that may be taken for a knob: batch, seed ...
bool isOption(const std::string &name);
/// "runs/2026-03-01-141503-simclr".
std::filesystem::path runNamedByDate(const std::string &method);
/// Throws UsageError where the run never was at the step.
void requireStep(const std::filesystem::path &run, int64_t step, const std::string &option);
/// Throws UsageError where a new run cannot have the folder.
void requireNewRun(const std::filesystem::path &out);

} // namespace pretext
