// What a run is begun with where nobody says otherwise: the method's recipe on these data, and what of it the user had changed before.
#include "core/data/modalitytype.h"
#include "core/engine/config.h"
#include "core/ssl/method.h"

#include <algorithm>
#include <variant>

namespace pretext {

namespace {

/// Of few images more steps in the same time weigh more than many negatives: at equal time, half of a batch of 256 names 77 instead of 67 % of 600
/// textures by kNN, 74 instead of 73 % of 500 pieces of clothes, and as many of 1300 emoji.
int64_t batchFor(const Recipe &recipe, const Dataset &dataset)
{
    constexpr int64_t kFewImages = 2500, kBatchOfFew = 128;
    const int64_t samples = dataset.size(Split::train);
    const bool few = dataset.info().modality == Modality::image && samples < kFewImages;
    return std::min({recipe.batch, samples, few ? kBatchOfFew : recipe.batch});
}

} // namespace

RunConfig recommendedConfig(const Dataset &dataset, const std::string &method, const std::string &encoder)
{
    const DatasetInfo &info = dataset.info();
    const MethodType &type = methodType(!method.empty() ? method : modalityType(info.modality).method);
    Recipe recipe = type.recipe(info);
    if (!trainsOn(type, info.modality)) // which is refused where the data are opened, by the method and not by an encoder that nobody named
        recipe.encoder = std::ranges::find_if(encoderTypes(), [&](const EncoderType &its) { return suits(type, its); })->name;
    const bool itsEncoder = encoder.empty() || encoder == recipe.encoder;
    RunConfig config = makeConfig(type.name, itsEncoder ? recipe.encoder : encoder, info.name, info);
    config.batch = batchFor(recipe, dataset);
    for (const auto &[name, value] : recipe.knobs) {
        const bool ofEncoder = name == "learning_rate" || name.starts_with("encoder.");
        if (config.knobs.find(name) && (itsEncoder || !ofEncoder)) // not every augmentation is declared for every shape of images
            config.knobs.set(name, value);
    }
    return config;
}

RunConfig adapted(const RunConfig &config, const Dataset &before, const std::string &method, const std::string &encoder, const Dataset &dataset)
{
    RunConfig result = recommendedConfig(dataset, method, encoder);
    result.datasetOptions = config.datasetOptions;
    result.seed = config.seed;
    result.steps = config.steps;
    result.minutes = config.minutes;
    result.threads = config.threads;
    result.device = config.device;
    result.precision = config.precision;
    result.evaluateEvery = config.evaluateEvery;
    if (before.info().modality != dataset.info().modality)
        return result;
    const RunConfig begun = recommendedConfig(before, config.method, config.encoder);
    // A switch of another method that has the same name keeps this one from collapsing: to go on without it would be a surprise.
    const KnobSet ofMethod(methodType(result.method).knobs(modalityType(dataset.info().modality).input(dataset.info().image)));
    const auto isOtherSwitch = [&](const std::string &name) {
        return result.method != config.method && ofMethod.find(name) && std::holds_alternative<bool>(config.knobs.value(name));
    };
    if (config.batch != begun.batch)
        result.batch = std::min(config.batch, dataset.size(Split::train));
    for (const auto &[name, value] : config.knobs.values()) {
        const bool changed = !begun.knobs.find(name) || begun.knobs.value(name) != value;
        if (changed && result.knobs.find(name) && !isOtherSwitch(name))
            result.knobs.set(name, value);
    }
    return result;
}

} // namespace pretext
