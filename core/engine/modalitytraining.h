// What a run asks of a kind of data: to make it ready, to bring a batch onto the device, to show it, and to keep in a checkpoint what an encoder
// of it needs.
#pragma once

#include "core/data/prepared.h"
#include "core/ssl/method.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

namespace pretext {

struct RunConfig;

/// Told what is being done and the share of it; returns false to stop.
using TellPreparing = std::function<bool(const std::string &what, double share)>;

struct Preparing
{
    const KnobSet &knobs;
    const Dataset &dataset;
    std::shared_ptr<const Prepared> before; // the checkpoint's, of a run that goes on; else null
    TellPreparing tell;
    std::stop_token stop;
};

struct ModalityTraining
{
    /// Null: it was asked to stop.
    std::shared_ptr<const Prepared> (*prepare)(const Preparing &asked) = nullptr;
    /// A split's samples made ready; null where they are read as they are. What was stopped is shorter.
    std::shared_ptr<const PreparedSplit> (*split)(const Dataset &dataset, Split split, const Prepared &prepared, const TellPreparing &tell) = nullptr;
    /// Brings the parts that input.batch has onto the device. `split` is the training split's, where the kind of data has one.
    void (*upload)(StepInput &input, int64_t step, const PreparedSplit *split) = nullptr;
    /// Offers the channels that the batch fills whatever the method. The batch outlives the offers.
    void (*offer)(const Batch &batch, const std::shared_ptr<const Prepared> &prepared, Recorder &recorder) = nullptr;
    /// Writes into a checkpoint's state and metadata.
    void (*save)(const Prepared &prepared, nlohmann::json &state, std::map<std::string, std::string> &metadata) = nullptr;
    /// Reads that again. Throws std::invalid_argument naming the field, its value and the rule.
    std::shared_ptr<const Prepared> (*load)(const nlohmann::json &state, const std::map<std::string, std::string> &metadata, const RunConfig &config) = nullptr;
};

} // namespace pretext
