// Checkpoints are safetensors: weights and buffers under the model's names, the optimizer's moments under "optimizer.", and everything
// else as JSON in the metadata. Sampling and augmentation are pure functions of seed and step, so the step is the loader's position.
#include "core/engine/checkpointstate.h"
#include "core/engine/findcheckpoint.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

std::vector<int64_t> dimsOf(const Shape &shape)
{
    std::vector<int64_t> dims;
    for (int axis = 0; axis < shape.rank(); ++axis)
        dims.push_back(shape[axis]);
    return dims;
}

std::string str(const std::vector<int64_t> &dims)
{
    std::string list;
    for (const int64_t dim : dims)
        list += (list.empty() ? "" : ",") + std::to_string(dim);
    return "[" + list + "]";
}

/// Of the weights and buffers that are saved and never trained.
std::set<std::string> followersNames(const Model &model)
{
    std::set<std::string> names;
    if (const Module *followers = model.method->followers())
        for (const NamedTensor &buffer : followers->buffers())
            names.insert(buffer.name);
    for (const NamedParameter &parameter : followersOf(model))
        names.insert(parameter.name);
    return names;
}

std::vector<NamedTensor> optimizerState(Model &model)
{
    std::vector<NamedTensor> state = model.optimizer->state();
    for (NamedTensor &tensor : state)
        tensor.name = "optimizer." + tensor.name;
    return state;
}

/// Runs `read`; what it refuses is said of the file.
template<class F>
auto reading(const fs::path &path, F &&read) -> decltype(read())
{
    try {
        return read();
    } catch (const std::invalid_argument &error) {
        throw std::runtime_error(path.string() + ": " + error.what());
    }
}

/// Empty where it was loaded, else what is wrong.
std::string loadInto(const Tensor &target, const SafetensorsFile &file, const std::string &name)
{
    const auto it = file.tensors.find(name);
    if (it == file.tensors.end())
        return pretext::said("missing");
    const std::vector<int64_t> wanted = dimsOf(target.shape());
    if (it->second.shape != wanted)
        return pretext::said("is %1, the file has %2", {str(wanted), str(it->second.shape)});
    if (it->second.dtype != "F32" && it->second.dtype != "F64" && it->second.dtype != "BF16" && it->second.dtype != "F16")
        return pretext::said("is of %1, not of floating-point numbers (F32, F64, F16, BF16)", {it->second.dtype});
    const std::vector<float> values = it->second.floats();
    const auto wild = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (wild != values.end())
        throw std::runtime_error(name + ": "
                                 + (std::isnan(*wild) ? pretext::said("its value %1 is NaN; weights must be finite", {wild - values.begin()})
                                                      : pretext::said("its value %1 is infinite; weights must be finite", {wild - values.begin()})));
    const auto negative = name.ends_with(".running_var") ? std::find_if(values.begin(), values.end(), [](float value) { return value < 0; }) : values.end();
    if (negative != values.end()) {
        std::ostringstream value;
        value << *negative;
        throw std::runtime_error(name + ": " + pretext::said("its value %1 is %2; a variance must not be negative", {negative - values.begin(), value.str()}));
    }
    Tensor shared = target;
    shared.setFromHost(values);
    return {};
}

/// The same; also what is not finite, and a negative variance, is said of the file.
std::string loadFrom(const fs::path &path, const Tensor &target, const SafetensorsFile &file, const std::string &name)
{
    try {
        return loadInto(target, file, name);
    } catch (const std::runtime_error &error) {
        throw std::runtime_error(path.string() + ": " + error.what());
    }
}

void loadAll(const fs::path &path, const SafetensorsFile &file, const std::vector<NamedTensor> &tensors)
{
    for (const NamedTensor &tensor : tensors) {
        if (tensor.derived && !file.tensors.contains(tensor.name))
            continue; // of a version before: the trainer has the method derive it again
        if (const std::string wrong = loadFrom(path, tensor.tensor, file, tensor.name); !wrong.empty())
            throw std::runtime_error(path.string() + ": " + tensor.name + ": " + wrong);
    }
}

} // namespace

void saveCheckpoint(const fs::path &path, Model &model, const CheckpointState &state)
{
    SafetensorsFile file;
    for (const std::vector<NamedTensor> &tensors : {weightsOf(model), optimizerState(model)})
        for (const NamedTensor &tensor : tensors)
            file.tensors[tensor.name] = FileTensor::of(tensor.tensor.toHost(), dimsOf(tensor.tensor.shape()));
    file.metadata = checkpointMetadata(state, model.optimizer->stepsTaken());
    writeSafetensors(path, file);
}

CheckpointState readCheckpointState(const fs::path &path)
{
    return reading(path, [&] { return readCheckpointMetadata(readSafetensorsMetadata(path)).state; });
}

void loadCheckpoint(const fs::path &path, Model &model)
{
    const SafetensorsFile file = readSafetensors(path);
    const int64_t optimizerSteps = reading(path, [&] { return readCheckpointMetadata(file.metadata).optimizerSteps; });
    loadAll(path, file, weightsOf(model));
    loadAll(path, file, optimizerState(model));
    model.optimizer->setStepsTaken(optimizerSteps);
}

std::vector<std::string> initialiseFrom(const fs::path &runOrSafetensors, Model &model, std::vector<std::string> *passedOver)
{
    fs::path path = findCheckpoint(runOrSafetensors);
    if (fs::is_directory(runOrSafetensors)) {
        const LoadedCheckpoint loaded = loadNewest(runOrSafetensors);
        path = loaded.path;
        for (const DamagedCheckpoint &damaged : loaded.damaged)
            if (passedOver)
                passedOver->push_back(pretext::passedOver(damaged, path));
    }
    const SafetensorsFile file = readSafetensors(path);
    const std::vector<NamedTensor> weights = weightsOf(model);
    const std::set<std::string> following = followersNames(model); // no loss where they are missing: they begin anew where the others are
    size_t unfitFollowers = 0;
    std::vector<std::string> unfit;
    for (const NamedTensor &tensor : weights) {
        const bool alone = tensor.name.starts_with("encoder.") && !file.tensors.contains(tensor.name); // a file of the encoder alone
        const std::string wrong = loadFrom(path, tensor.tensor, file, alone ? tensor.name.substr(8) : tensor.name);
        if (!wrong.empty() && following.contains(tensor.name))
            ++unfitFollowers;
        else if (!wrong.empty())
            unfit.push_back(tensor.name + ": " + wrong);
    }
    if (unfit.size() + following.size() == weights.size())
        throw std::runtime_error(path.string() + ": "
                                 + pretext::said("none of its tensors fits this encoder and method; the first, %1. Is the encoder the same?", {unfit.front()}));
    if (unfitFollowers > 0)
        model.method->startFollowers(*model.encoder);
    return unfit;
}

TrainedEncoder loadEncoder(const fs::path &runOrFile)
{
    LoadedCheckpoint loaded = loadNewest(runOrFile);
    TrainedEncoder trained{std::move(loaded.model.encoder), std::move(loaded.state), std::move(loaded.model.method), {}, loaded.path};
    trained.encoder->setTraining(false);
    trained.method->heads().setTraining(false);
    for (const DamagedCheckpoint &damaged : loaded.damaged)
        trained.passedOver.push_back(passedOver(damaged, loaded.path));
    return trained;
}

} // namespace pretext
