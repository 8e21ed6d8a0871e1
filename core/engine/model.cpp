#include "core/engine/model.h"

#include "core/data/modalitytype.h"
#include "core/engine/modalitytraining.h"
#include "core/engine/rowfile.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint32_t kWeights = 0xffffffff; // an epoch no view is drawn in, so weights share no stream with augmentations

Tensor onDevice(const std::vector<int32_t> &values)
{
    return values.empty() ? Tensor() : Tensor::fromHost(values, Shape{int64_t(values.size())});
}

} // namespace

double progressOf(const RunConfig &config, int64_t step)
{
    return config.steps > 0 ? double(step) / double(config.steps) : 0;
}

Model makeModel(const RunConfig &config, const InputShape &input)
{
    Random random(config.seed, kWeights);
    Model model;
    model.encoder = encoderType(config.encoder).make(config.knobs, input, random);
    const auto another = [&] { return encoderType(config.encoder).make(config.knobs, input, random); };
    model.method = methodType(config.method).make({config.knobs, *model.encoder, input, another, random, config.classes});
    model.method->startFollowers(*model.encoder);
    model.optimizer = makeOptimizer(config.knobs.choice("optimizer"), parametersOf(model), config.knobs);
    return model;
}

StepInput stepInput(const Batch &batch, const RunConfig &config, int64_t step, const PreparedSplit *split, Recorder &recorder)
{
    StepInput input{.batch = batch,
                    .views = {},
                    .tokens = {},
                    .knobs = config.knobs,
                    .recorder = recorder,
                    .seed = config.seed,
                    .labels = methodType(config.method).labels ? onDevice(batch.labels) : Tensor(),
                    .targets = onDevice(batch.targets),
                    .progress = progressOf(config, step)};
    modalityType(modalityOf(config)).training->upload(input, step, split);
    return input;
}

std::vector<NamedParameter> parametersOf(const Model &model)
{
    std::vector<NamedParameter> all;
    for (NamedParameter parameter : model.encoder->parameters()) {
        parameter.name = "encoder." + parameter.name;
        all.push_back(std::move(parameter));
    }
    for (NamedParameter &parameter : model.method->heads().parameters())
        all.push_back(std::move(parameter));
    return all;
}

std::vector<NamedParameter> followersOf(const Model &model)
{
    const Module *followers = model.method->followers();
    return followers ? followers->parameters() : std::vector<NamedParameter>();
}

std::vector<NamedTensor> buffersOf(const Model &model)
{
    std::vector<NamedTensor> all;
    for (const NamedTensor &buffer : model.encoder->buffers())
        all.push_back({"encoder." + buffer.name, buffer.tensor});
    for (const Module *module : {&model.method->heads(), model.method->followers()})
        if (module)
            for (const NamedTensor &buffer : module->buffers())
                all.push_back(buffer);
    return all;
}

std::vector<NamedTensor> weightsOf(const Model &model)
{
    std::vector<NamedTensor> all;
    for (const std::vector<NamedParameter> &parameters : {parametersOf(model), followersOf(model)})
        for (const NamedParameter &parameter : parameters)
            all.push_back({parameter.name, parameter.variable.value()});
    for (NamedTensor &buffer : buffersOf(model))
        all.push_back(std::move(buffer));
    return all;
}

void setTraining(const Model &model, bool training)
{
    model.encoder->setTraining(training);
    model.method->heads().setTraining(training);
    if (Module *followers = model.method->followers())
        followers->setTraining(training);
}

void finishStep(const Model &model, const RunConfig &config, int64_t stepsTaken)
{
    const NoGrad noGrad;
    model.method->afterStep(*model.encoder, {config.knobs, progressOf(config, stepsTaken)});
}

namespace {

/// A file that lies in a run and is no checkpoint, as its config.json: the run is meant.
void refuseFileOfRun(const fs::path &file)
{
    const std::string extension = file.extension().string();
    if (extension != ".json" && extension != ".jsonl" && extension != ".csv")
        return;
    std::error_code none;
    const fs::path folder = fs::absolute(file, none).parent_path();
    const bool inRun = fs::exists(folder / "config.json", none) && fs::is_directory(folder / "checkpoints", none);
    throw std::runtime_error(
        file.string() + ": "
        + (inRun ? said("is no checkpoint (.safetensors); give the run, %1", {file.has_parent_path() ? file.parent_path().string() : folder.string()})
                 : said("is no checkpoint (.safetensors); give a run's folder, or a checkpoint file")));
}

} // namespace

fs::path findCheckpoint(const fs::path &runOrFile)
{
    std::error_code none;
    if (!fs::exists(runOrFile, none))
        throw std::runtime_error(runOrFile.string() + ": " + pretext::said("there is no such run or checkpoint"));
    if (const std::string kind = whyNotRegular(runOrFile); !kind.empty() && !fs::is_directory(runOrFile, none))
        throw std::runtime_error(runOrFile.string() + ": " + pretext::said("is %1; give a run's folder, or a checkpoint file", {kind}));
    if (fs::is_regular_file(runOrFile, none)) {
        refuseFileOfRun(runOrFile);
        return runOrFile;
    }
    const std::vector<fs::path> checkpoints = checkpointsIn(runOrFile);
    if (checkpoints.empty() && fs::exists(runOrFile / ".." / "config.json", none) && !checkpointsIn(runOrFile / "..").empty())
        throw std::runtime_error(runOrFile.string() + ": "
                                 + pretext::said("is a folder of a run; give the run, %1", {(runOrFile / "..").lexically_normal().string()}));
    if (checkpoints.empty() && fs::exists(runOrFile / "config.json", none))
        throw std::runtime_error(runOrFile.string() + ": "
                                 + pretext::said("this run has no checkpoint (any more); train it again, pretext train --config %1 --out NEW",
                                                 {(runOrFile / "config.json").string()}));
    if (checkpoints.empty())
        throw std::runtime_error(runOrFile.string() + ": " + pretext::said("holds no checkpoint (checkpoints/step-*.safetensors); is it a run?"));
    return checkpoints.back();
}

} // namespace pretext
