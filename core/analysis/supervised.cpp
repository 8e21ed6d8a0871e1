#include "core/analysis/supervised.h"

#include "core/analysis/features.h"
#include "core/data/fingerprint.h"
#include "core/data/loader.h"
#include "core/engine/datamark.h"
#include "core/files/said.h"
#include "core/files/usercache.h"
#include "core/nn/schedule.h"
#include "core/backend/backend.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kMethod = "supervised";

/// The recipe for the data, with the run's encoder as it was made, batch and seed.
RunConfig supervisedConfig(const RunConfig &run, const Dataset &dataset, int steps)
{
    RunConfig config = recommendedConfig(dataset, kMethod, run.encoder);
    for (const auto &[name, value] : run.knobs.values())
        if (name.starts_with("encoder."))
            config.knobs.set(name, value);
    config.batch = std::min(run.batch, dataset.size(Split::train));
    config.seed = run.seed;
    config.steps = steps;
    config.precision = run.precision;
    return config;
}

/// A name for what makes the result: the config, and what the data are.
std::string nameFor(const RunConfig &config, const DataMark &data)
{
    nlohmann::json all = toJson(config);
    for (const char *elsewhere : {"dataset", "size", "colour", "threads", "device", "init"})
        all.erase(elsewhere);
    all["data"] = toJson(data);
    Fingerprint print;
    print.add(all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return print.text() + ".safetensors";
}

/// Null where there is none of these data, or it cannot be read.
std::unique_ptr<Encoder> keptEncoder(const fs::path &path, const RunConfig &config, const InputShape &input)
{
    std::error_code none;
    if (path.empty() || !fs::exists(path, none))
        return nullptr;
    try {
        Model model = makeModel(config, input);
        loadCheckpoint(path, model);
        markUsed(path);
        return std::move(model.encoder);
    } catch (const std::exception &) {
        return nullptr; // it is trained again
    }
}

Variable lossOf(const Model &model, const Batch &batch, const RunConfig &config, int64_t step)
{
    const Autocast autocast(precisionNamed(config.precision));
    SilentRecorder nobody;
    if (config.knobs.find("encoder.dropout"))
        model.encoder->setDropout({float(config.knobs.real("encoder.dropout")), {config.seed, uint32_t(step), 0}});
    return model.method->loss(*model.encoder, stepInput(batch, config, step, nullptr, nobody));
}

/// False: it was stopped on the way.
bool train(Model &model, const RunConfig &config, const Dataset &dataset, const ShareDone &progress)
{
    const MethodType &method = methodType(kMethod);
    const std::shared_ptr<const Dataset> borrowed(std::shared_ptr<const Dataset>(), &dataset); // for as long as the loader lives
    Loader loader(borrowed, config.knobs,
                  {.batchSize = int(config.batch), .views = method.views, .seed = config.seed, .ahead = 1, .maker = makerOf(method, Modality::image)});
    setTraining(model, true);
    model.method->startOn(dataset);
    for (int64_t step = 0; step < config.steps; ++step) {
        if (progress && !progress(double(step) / double(config.steps)))
            return false;
        std::unique_ptr<Batch> batch = loader.next(step, {});
        for (NamedParameter &parameter : parametersOf(model))
            parameter.variable.clearGrad();
        backward(lossOf(model, *batch, config, step));
        const float factor = scheduleFactor(config.knobs.choice("schedule"), step, config.steps, config.plan, float(config.knobs.real("warmup")));
        model.optimizer->step(factor * float(config.knobs.real("learning_rate")));
        loader.recycle(std::move(batch));
    }
    setTraining(model, false);
    return true;
}

void keep(const fs::path &path, Model &model, const CheckpointState &state)
{
    std::error_code none;
    fs::create_directories(path.parent_path(), none);
    try {
        saveCheckpoint(path, model, state);
        forgetUnused(path.parent_path());
    } catch (const std::exception &) {
        // a cache that cannot be written costs the next evaluation a minute, not this one anything
    }
}

} // namespace

void requireSupervisable(const TrainedEncoder &trained, const Dataset &dataset)
{
    if (!trainsOn(methodType(kMethod), trained.state.prepared->modality()))
        throw std::invalid_argument("[supervised] " + said("a supervised encoder is trained on images; of text fine-tuning has one"));
    requireLearnable(methodType(kMethod), dataset.info());
}

Features supervisedFeatures(const TrainedEncoder &trained, const Dataset &dataset, int steps, const ShareDone &progress, bool &kept)
{
    requireSupervisable(trained, dataset);
    CheckpointState state;
    state.step = state.plannedSteps = steps;
    state.config = supervisedConfig(trained.state.config, dataset, steps);
    state.prepared = preparedImages(dataset.info());
    const DataMark data = markOf(dataset);
    const fs::path folder = userCache("supervised"), path = folder.empty() ? fs::path() : folder / nameFor(state.config, data);
    std::unique_ptr<Encoder> encoder = keptEncoder(path, state.config, state.input());
    kept = encoder != nullptr;
    if (!kept) {
        Model model = makeModel(state.config, state.input());
        const ShareDone training = [&](double share) { return !progress || progress(0.9 * share); };
        if (train(model, state.config, dataset, training) && !path.empty())
            keep(path, model, state);
        encoder = std::move(model.encoder);
    }
    encoder->setTraining(false);
    return encoderFeatures(kMethod, *encoder, state, dataset, [&](double share) { return !progress || progress(kept ? share : 0.9 + 0.1 * share); });
}

} // namespace pretext
