// A checkpoint whose tensors are whole and whose metadata are the input: the state as JSON. What can be read is loaded and embeds an image,
// where the encoder that it describes is small.
#include "tests/fuzz/target.h"

#include "core/analysis/features.h"
#include "core/engine/model.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace pretext::fuzz {

namespace {

constexpr ImageShape kShape{8, 8, 1};
constexpr int64_t kLargestImage = 64 * 64 * 3, kLargestWidth = 256;

/// Of a model that is made once.
SafetensorsFile wholeCheckpoint()
{
    const Scratch scratch;
    DatasetInfo info;
    info.image = kShape;
    CheckpointState state;
    state.config = makeConfig("simclr", "mlp", "shapes", info);
    for (const auto &[knob, value] : {std::pair("encoder.width", 16.),
                                      {"encoder.depth", 1.},
                                      {"encoder.dimension", 8.},
                                      {"projector.width", 8.},
                                      {"projector.dimension", 4.},
                                      {"projector.depth", 1.}}) // as the seeds say it
        state.config.knobs.set(knob, value);
    info.mean = info.deviation = {0.5f};
    state.prepared = preparedImages(info);
    Model model = makeModel(state.config, state.input());
    saveCheckpoint(scratch.path() / "a.safetensors", model, state);
    SafetensorsFile file = readSafetensors(scratch.path() / "a.safetensors");
    std::erase_if(file.tensors, [](const auto &tensor) { return tensor.first.starts_with("optimizer."); }); // not read to embed
    return file;
}

bool isSmall(const CheckpointState &state)
{
    if (state.prepared->modality() != Modality::image || state.config.encoder != "mlp")
        return false;
    const ImageShape &shape = preprocessingOf(*state.prepared).shape;
    if (int64_t(shape.height) * shape.width * shape.channels > kLargestImage)
        return false;
    for (const auto &[name, value] : state.config.knobs.values())
        if (const double *number = std::get_if<double>(&value); number && *number > kLargestWidth)
            return false;
    return true;
}

} // namespace

void read_checkpoint(std::string_view input)
{
    static const SafetensorsFile whole = wholeCheckpoint();
    const Scratch scratch;
    const std::filesystem::path path = scratch.path() / "a.safetensors";
    SafetensorsFile file = whole;
    const std::vector<std::string> parts = partsOf(input);
    file.metadata["state"] = parts[0];
    if (parts.size() > 1)
        file.metadata["tokenizer"] = parts[1];
    writeSafetensors(path, file);
    const CheckpointState state = readCheckpointState(path);
    if (!isSmall(state))
        return;
    TrainedEncoder trained = loadEncoder(path);
    const Preprocessing &preprocessing = preprocessingOf(*state.prepared);
    const size_t pixels = size_t(preprocessing.shape.height) * preprocessing.shape.width * preprocessing.shape.channels;
    const Matrix embedding = embedPixels(*trained.encoder, preprocessing, std::vector<float>(pixels, 0.5f));
    require(std::ranges::all_of(embedding.values, [](float value) { return std::isfinite(value); }), "an embedding that is not finite");
}

} // namespace pretext::fuzz
