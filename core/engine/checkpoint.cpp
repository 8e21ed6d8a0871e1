// Checkpoints are safetensors: weights and buffers under the model's names, the optimizer's moments under "optimizer.", and everything
// else as JSON in the metadata. Sampling and augmentation are pure functions of seed and step, so the step is the loader's position.
#include "core/data/text/tokenizer.h"
#include "core/engine/model.h"
#include "core/exchange/safetensors.h"

#include <nlohmann/json.hpp>

#include <array>
#include <limits>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char *kFormat = "pretext-checkpoint-1";

std::vector<int64_t> dimsOf(const Shape &shape)
{
    std::vector<int64_t> dims;
    for (int axis = 0; axis < shape.rank(); ++axis)
        dims.push_back(shape[axis]);
    return dims;
}

std::string str(const std::vector<int64_t> &dims)
{
    return json(dims).dump();
}

std::vector<NamedTensor> optimizerState(Model &model)
{
    std::vector<NamedTensor> state = model.optimizer->state();
    for (NamedTensor &tensor : state)
        tensor.name = "optimizer." + tensor.name;
    return state;
}

std::map<std::string, std::string> metadataOf(Model &model, const CheckpointState &state)
{
    const json text{{"step", state.step}, {"planned_steps", state.plannedSteps}, {"loss", state.loss}, // infinite is written as null
                    {"optimizer_steps", model.optimizer->stepsTaken()}, {"config", toJson(state.config)}, {"backend", state.backendChoices},
                    {"mean", state.mean}, {"deviation", state.deviation}, {"image", {state.shape.height, state.shape.width, state.shape.channels}}};
    std::map<std::string, std::string> metadata{{"format", kFormat}, {"state", text.dump(-1, ' ', false, json::error_handler_t::replace)}};
    if (state.tokenizer)
        metadata["tokenizer"] = state.tokenizer->toJson().dump(-1, ' ', false, json::error_handler_t::replace);
    return metadata;
}

json stateJson(const fs::path &path, const std::map<std::string, std::string> &metadata)
{
    const auto format = metadata.find("format"), state = metadata.find("state");
    if (format == metadata.end() || format->second != kFormat || state == metadata.end())
        throw std::runtime_error(path.string() + ": not a checkpoint of Pretext: its metadata has no format " + kFormat);
    return json::parse(state->second);
}

CheckpointState stateOf(const json &text)
{
    CheckpointState state;
    state.step = text.at("step").get<int64_t>();
    state.plannedSteps = text.at("planned_steps").get<int64_t>();
    state.loss = text.at("loss").is_null() ? std::numeric_limits<double>::infinity() : text.at("loss").get<double>();
    state.config = configFromJson(text.at("config"));
    state.backendChoices = text.at("backend").get<std::string>();
    state.mean = text.at("mean").get<std::vector<float>>();
    state.deviation = text.at("deviation").get<std::vector<float>>();
    const auto image = text.at("image").get<std::array<int, 3>>();
    state.shape = {image[0], image[1], image[2]};
    return state;
}

/// Runs `read`; what it refuses is said of the file.
template<class F>
auto reading(const fs::path &path, F &&read) -> decltype(read())
{
    try {
        return read();
    } catch (const json::exception &error) {
        throw std::runtime_error(path.string() + ": its metadata is damaged: " + error.what());
    } catch (const std::invalid_argument &error) {
        throw std::runtime_error(path.string() + ": " + error.what());
    }
}

/// Empty where it was loaded, else what is wrong.
std::string loadInto(const Tensor &target, const SafetensorsFile &file, const std::string &name)
{
    const auto it = file.tensors.find(name);
    if (it == file.tensors.end())
        return "missing";
    const std::vector<int64_t> wanted = dimsOf(target.shape());
    if (it->second.shape != wanted)
        return "is " + str(wanted) + ", the file has " + str(it->second.shape);
    Tensor shared = target;
    shared.setFromHost(it->second.floats());
    return {};
}

void loadAll(const fs::path &path, const SafetensorsFile &file, const std::vector<NamedTensor> &tensors)
{
    for (const NamedTensor &tensor : tensors)
        if (const std::string wrong = loadInto(tensor.tensor, file, tensor.name); !wrong.empty())
            throw std::runtime_error(path.string() + ": " + tensor.name + ": " + wrong);
}

} // namespace

void saveCheckpoint(const fs::path &path, Model &model, const CheckpointState &state)
{
    SafetensorsFile file;
    for (const std::vector<NamedTensor> &tensors : {weightsOf(model), optimizerState(model)})
        for (const NamedTensor &tensor : tensors)
            file.tensors[tensor.name] = FileTensor::of(tensor.tensor.toHost(), dimsOf(tensor.tensor.shape()));
    file.metadata = metadataOf(model, state);
    writeSafetensors(path, file);
}

CheckpointState readCheckpointState(const fs::path &path)
{
    return reading(path, [&] {
        const std::map<std::string, std::string> metadata = readSafetensorsMetadata(path);
        CheckpointState state = stateOf(stateJson(path, metadata));
        if (const auto tokenizer = metadata.find("tokenizer"); tokenizer != metadata.end())
            state.tokenizer = std::make_shared<const Tokenizer>(Tokenizer::fromJson(json::parse(tokenizer->second)));
        return state;
    });
}

void loadCheckpoint(const fs::path &path, Model &model)
{
    const SafetensorsFile file = readSafetensors(path);
    loadAll(path, file, weightsOf(model));
    loadAll(path, file, optimizerState(model));
    model.optimizer->setStepsTaken(reading(path, [&] { return stateJson(path, file.metadata).at("optimizer_steps").get<int64_t>(); }));
}

std::vector<std::string> initialiseFrom(const fs::path &runOrSafetensors, Model &model)
{
    const fs::path path = findCheckpoint(runOrSafetensors);
    const SafetensorsFile file = readSafetensors(path);
    const std::vector<NamedTensor> weights = weightsOf(model);
    std::vector<std::string> unfit;
    for (const NamedTensor &tensor : weights) {
        std::string wrong = loadInto(tensor.tensor, file, tensor.name);
        if (wrong == "missing" && tensor.name.starts_with("encoder.")) // a file of the encoder alone
            wrong = loadInto(tensor.tensor, file, tensor.name.substr(8));
        if (!wrong.empty())
            unfit.push_back(tensor.name + ": " + wrong);
    }
    if (unfit.size() == weights.size())
        throw std::runtime_error(path.string() + ": none of its tensors fits this encoder and method; is the encoder the same?");
    return unfit;
}

TrainedEncoder loadEncoder(const fs::path &runOrFile)
{
    const fs::path path = findCheckpoint(runOrFile);
    TrainedEncoder trained{nullptr, readCheckpointState(path), nullptr};
    Model model = makeModel(trained.state.config, trained.state.input());
    loadAll(path, readSafetensors(path), weightsOf(model));
    trained.encoder = std::move(model.encoder);
    trained.encoder->setTraining(false);
    trained.method = std::move(model.method);
    trained.method->heads().setTraining(false);
    return trained;
}

} // namespace pretext
