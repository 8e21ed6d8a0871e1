#include "core/engine/checkpointstate.h"

#include "core/data/modalitytype.h"
#include "core/engine/checkpointfields.h"
#include "core/engine/modalitytraining.h"
#include "core/files/json.h"
#include "core/files/said.h"
#include "core/ssl/method.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace pretext {

using nlohmann::json;

namespace {

constexpr const char *kCheckpointFormat = "pretext-checkpoint-1";
constexpr int64_t kMostSteps = int64_t(1) << 53; // what a double counts exactly
constexpr int64_t kMostThreads = 1 << 16;

double lossOf(const json &value)
{
    if (value.is_null())
        return std::numeric_limits<double>::infinity(); // before the first step
    demandField(value.is_number() && std::isfinite(value.get<double>()), "loss", excerptOf(value), said("it must be a finite number or null"));
    return value.get<double>();
}

std::string textOf(const json &value, const std::string &field)
{
    demandField(value.is_string(), field, excerptOf(value), pretext::said("it must be a text"));
    return value.get<std::string>();
}

const ModalityTraining &trainingOf(const RunConfig &config)
{
    return *modalityType(modalityOf(config)).training;
}

/// Values that the knobs may have.
std::map<std::string, KnobValue> pendingOf(const json &value, KnobSet knobs)
{
    demandField(value.is_object(), "pending", excerptOf(value), pretext::said("it must be an object of knobs"));
    std::map<std::string, KnobValue> pending;
    for (const auto &[name, before] : value.items()) {
        knobs.set(name, knobValueOf(before, name));
        pending.emplace(name, knobs.value(name));
    }
    return pending;
}

} // namespace

std::map<std::string, std::string> checkpointMetadata(const CheckpointState &state, int64_t optimizerSteps)
{
    json text{{"step", state.step},
              {"planned_steps", state.plannedSteps},
              {"loss", state.loss}, // infinite is written as null
              {"optimizer_steps", optimizerSteps},
              {"config", toJson(state.config)},
              {"backend", state.backendChoices}};
    if (state.data.known())
        text["data"] = toJson(state.data);
    if (state.threads > 0)
        text["threads"] = state.threads;
    for (const auto &[name, value] : state.pending)
        text["pending"][name] = std::visit([](const auto &v) { return json(v); }, value);
    std::map<std::string, std::string> metadata{{"format", kCheckpointFormat}};
    trainingOf(state.config).save(*state.prepared, text, metadata);
    metadata["state"] = text.dump(-1, ' ', false, json::error_handler_t::replace);
    return metadata;
}

CheckpointMetadata readCheckpointMetadata(const std::map<std::string, std::string> &metadata)
{
    const auto format = metadata.find("format"), written = metadata.find("state");
    if (format == metadata.end() || format->second != kCheckpointFormat || written == metadata.end())
        throw std::invalid_argument(said("not a checkpoint of Pretext: its metadata has no format %1", {kCheckpointFormat}));
    const json text = parseJson(written->second);
    demandField(text.is_object(), "state", excerptOf(text), said("it must be an object"));
    CheckpointMetadata read;
    CheckpointState &state = read.state;
    state.step = countOf(fieldOf(text, "step"), "step", kMostSteps);
    state.plannedSteps = countOf(fieldOf(text, "planned_steps"), "planned_steps", kMostSteps);
    demandField(state.plannedSteps == 0 || state.step <= state.plannedSteps, "step", std::to_string(state.step),
                pretext::said("its field planned_steps is %1, and no run goes past what is planned", {state.plannedSteps}));
    read.optimizerSteps = countOf(fieldOf(text, "optimizer_steps"), "optimizer_steps", state.step);
    state.loss = lossOf(fieldOf(text, "loss"));
    state.config = configFromJson(fieldOf(text, "config"), Contradictions::settle);
    state.backendChoices = textOf(fieldOf(text, "backend"), "backend");
    if (const auto data = text.find("data"); data != text.end())
        state.data = dataMarkFromJson(*data);
    if (const auto threads = text.find("threads"); threads != text.end())
        state.threads = static_cast<int>(countOf(*threads, "threads", kMostThreads));
    if (const auto pending = text.find("pending"); pending != text.end())
        state.pending = pendingOf(*pending, state.config.knobs);
    state.prepared = trainingOf(state.config).load(text, metadata, state.config);
    return read;
}

} // namespace pretext
