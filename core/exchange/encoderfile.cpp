// The safetensors export: the encoder's weights and statistics under their own names, and in the metadata all that is needed to build it
// again. Reading it back builds that encoder from the file alone and compares embeddings.
#include "core/exchange/export.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/data/tokens/tokenizer.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace pretext {
namespace {

std::vector<NamedTensor> tensorsOf(const Module &module)
{
    std::vector<NamedTensor> all = module.buffers();
    for (const NamedParameter &parameter : module.parameters())
        all.push_back({parameter.name, parameter.variable.value()});
    return all;
}

void add(SafetensorsFile &file, const Module &module)
{
    for (const NamedTensor &named : tensorsOf(module)) {
        std::vector<int64_t> shape;
        for (int axis = 0; axis < named.tensor.shape().rank(); ++axis)
            shape.push_back(named.tensor.shape()[axis]);
        file.tensors[named.name] = FileTensor::of(named.tensor.toHost(), shape);
    }
}

void load(const SafetensorsFile &file, const Module &module)
{
    for (const NamedTensor &named : tensorsOf(module)) {
        Tensor shared = named.tensor;
        shared.setFromHost(file.tensors.at(named.name).floats());
    }
}

std::map<std::string, std::string> metadataOf(const CheckpointState &state, bool projector)
{
    std::map<std::string, std::string> metadata{{"format", "pretext-encoder-1"},
                                                {"encoder", state.config.encoder},
                                                {"method", state.config.method},
                                                {"step", std::to_string(state.step)},
                                                {"config", toJson(state.config).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)},
                                                {"preprocessing", preprocessingText(state)},
                                                {"layout", "images N x H x W x C; convolution weights out x height x width x in; linear weights out x in"},
                                                {"with_projector", projector ? "true" : "false"}};
    if (state.tokenizer)
        metadata["tokenizer"] = state.tokenizer->toJson().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return metadata;
}

constexpr int kNoiseSamples = 4;

/// A few rows of made-up tokens, the same every time.
Matrix embedNoiseRows(TextEncoder &encoder)
{
    Random random(0);
    const int64_t length = std::min(encoder.options().context, 16);
    std::vector<int32_t> ids(kNoiseSamples * length);
    for (int32_t &id : ids)
        id = 1 + int32_t(random.below(uint32_t(encoder.options().vocabulary - 1))); // no padding
    const NoGrad noGrad;
    encoder.setTraining(false);
    return {kNoiseSamples, encoder.dimension(), encoder.sentences(tokenInput(ids, length)).value().toHost()};
}

/// A few images of noise, the same every time.
Matrix embedNoise(Encoder &encoder, Module *projector, const CheckpointState &state)
{
    if (state.tokenizer)
        return embedNoiseRows(dynamic_cast<TextEncoder &>(encoder));
    Random random(0);
    std::vector<float> pixels(size_t(kNoiseSamples) * state.shape.height * state.shape.width * state.shape.channels);
    for (float &pixel : pixels)
        pixel = random.uniform();
    Matrix h = embedPixels(encoder, {state.mean, state.deviation, state.shape}, pixels);
    if (!projector)
        return h;
    const NoGrad noGrad;
    projector->setTraining(false);
    const Variable z = (*projector)(Variable(Tensor::fromHost(h.values, {h.rows, h.columns})));
    return {z.shape()[0], z.shape()[1], z.value().toHost()};
}

/// What it was made for; of text the file alone says it.
InputShape inputOf(const SafetensorsFile &written, const CheckpointState &state)
{
    if (!state.tokenizer)
        return state.shape;
    return inputShapeOf(Tokenizer::fromJson(parseJson(written.metadata.at("tokenizer"))));
}

} // namespace

ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector, const Written &told)
{
    if (state.tokenizer && projector)
        throw std::invalid_argument("[safetensors] a text encoder goes out alone; leave the projector out");
    requireFinite(encoder);
    if (projector)
        requireFinite(*projector, "");
    SafetensorsFile file;
    add(file, encoder);
    if (projector)
        add(file, *projector);
    file.metadata = metadataOf(state, projector != nullptr);
    writeSafetensors(out, file);
    if (told)
        told(out);

    const SafetensorsFile written = readSafetensors(out);
    const RunConfig config = configFromJson(parseJson(written.metadata.at("config")), Contradictions::settle);
    const Model rebuilt = makeModel(config, inputOf(written, state));
    load(written, *rebuilt.encoder);
    if (projector)
        load(written, *rebuilt.method->projector());
    const Matrix expected = embedNoise(encoder, projector, state);
    const Matrix got = embedNoise(*rebuilt.encoder, projector ? rebuilt.method->projector() : nullptr, state);
    ExportReport report{out.string(), 0, 0,
                        "the encoder built again from the file alone, on " + std::to_string(kNoiseSamples)
                            + (state.tokenizer ? " rows of made-up tokens" : " images of noise")};
    report.compare(expected.values, got.values);
    report.alike = allAlike(expected);
    requireAgreement(report);
    requireAsWritten(out, file);
    return report;
}

} // namespace pretext
