// What is trained: encoder, method with its heads, and the optimizer over both; built from a config, saved to and loaded from
// checkpoints.
#pragma once

#include "core/data/prepared.h"
#include "core/engine/config.h"
#include "core/engine/datamark.h"
#include "core/nn/encoder.h"
#include "core/nn/optimizer.h"
#include "core/ssl/method.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

struct Model
{
    std::unique_ptr<Encoder> encoder;
    std::unique_ptr<Method> method;
    std::unique_ptr<Optimizer> optimizer;
};

/// Initial weights are a function of config.seed.
Model makeModel(const RunConfig &config, const InputShape &input);
/// What the method is given for a batch: its rows on the device. `split` is the training split's, null where nothing is made ready of it.
StepInput stepInput(const Batch &batch, const RunConfig &config, int64_t step, const PreparedSplit *split, Recorder &recorder);
/// Of its steps, `step` taken, as a share of those planned; 0 where no end is planned.
double progressOf(const RunConfig &config, int64_t step);
/// What is trained: encoder's ("encoder....") and heads' parameters. These and all below share storage with the model's.
std::vector<NamedParameter> parametersOf(const Model &model);
/// What is saved and never trained beside buffers: the parameters of the method's followers.
std::vector<NamedParameter> followersOf(const Model &model);
/// Of encoder, heads and followers.
std::vector<NamedTensor> buffersOf(const Model &model);
/// All of them: what a checkpoint holds beside the optimizer's moments.
std::vector<NamedTensor> weightsOf(const Model &model);
void setTraining(const Model &model, bool training);
/// The step after the optimizer's; `stepsTaken` includes the one just taken.
void finishStep(const Model &model, const RunConfig &config, int64_t stepsTaken);

/// What a checkpoint holds besides tensors.
struct CheckpointState
{
    int64_t step = 0;         // steps taken
    int64_t plannedSteps = 0; // schedule position is step / plannedSteps
    double loss = 0;          // smoothed, to find the best; infinite before the first step
    RunConfig config;         // with the current value of every knob
    std::string backendChoices;
    std::shared_ptr<const Prepared> prepared = nullptr; // what samples are treated with: the checkpoint alone is enough
    DataMark data = {};                                 // what it was trained on
    int threads = 0;                                    // that it was trained on; 0: not known. Sums are divided among them
    std::map<std::string, KnobValue> pending = {};      // in force until a batch is made with the config's value, which was asked for since

    InputShape input() const { return prepared->input(); } // what the encoder was made for
};

/// Written to a temporary name, synced and renamed: whole or not at all.
void saveCheckpoint(const std::filesystem::path &path, Model &model, const CheckpointState &state);
/// Reads the state only (the header's metadata).
CheckpointState readCheckpointState(const std::filesystem::path &path);
/// Into a model of the same config; throws naming the file and the tensor that is missing, misshapen or not finite.
void loadCheckpoint(const std::filesystem::path &path, Model &model);
/// `train --init`: what fits is loaded; the rest is listed, "encoder.stem.weight: missing", "...: is [16, 3, 3, 1], file has [...]".
/// Of a run, its newest checkpoint that is whole; `passedOver` gets a line for each that is not. Throws naming file and tensor where nothing
/// fits, or a weight is not finite.
std::vector<std::string> initialiseFrom(const std::filesystem::path &runOrSafetensors, Model &model, std::vector<std::string> *passedOver = nullptr);

/// A run's newest checkpoint, or a checkpoint file itself; throws naming the path when there is none.
std::filesystem::path findCheckpoint(const std::filesystem::path &runOrFile);
/// The trained encoder in evaluation mode, with its preprocessing; and its method, whose heads an export may include.
struct TrainedEncoder
{
    std::unique_ptr<Encoder> encoder;
    CheckpointState state;
    std::unique_ptr<Method> method;
    std::vector<std::string> passedOver = {}; // a line for each newer checkpoint that is damaged
    std::filesystem::path checkpoint = {};    // that it is of
};
/// From the newest checkpoint that is whole.
TrainedEncoder loadEncoder(const std::filesystem::path &runOrFile);

} // namespace pretext
