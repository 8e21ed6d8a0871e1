// The safetensors export: the encoder's weights and statistics under their own names, and in the metadata all that is needed to build it
// again. Reading it back builds that encoder from the file alone and compares embeddings.
#include "core/exchange/export.h"

#include "core/analysis/features.h"
#include "core/exchange/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
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
    return {{"format", "pretext-encoder-1"},
            {"encoder", state.config.encoder},
            {"method", state.config.method},
            {"step", std::to_string(state.step)},
            {"config", toJson(state.config).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)},
            {"preprocessing", preprocessingText(state)},
            {"layout", "images N x H x W x C; convolution weights out x height x width x in; linear weights out x in"},
            {"with_projector", projector ? "true" : "false"}};
}

/// A few images of noise, the same every time.
Matrix embedNoise(Module &encoder, Module *projector, const CheckpointState &state)
{
    Random random(0);
    std::vector<float> pixels(size_t(4) * state.shape.height * state.shape.width * state.shape.channels);
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

} // namespace

ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector)
{
    SafetensorsFile file;
    add(file, encoder);
    if (projector)
        add(file, *projector);
    file.metadata = metadataOf(state, projector != nullptr);
    writeSafetensors(out, file);

    const SafetensorsFile written = readSafetensors(out);
    const RunConfig config = configFromJson(nlohmann::json::parse(written.metadata.at("config")));
    const Model rebuilt = makeModel(config, state.input());
    load(written, *rebuilt.encoder);
    if (projector)
        load(written, rebuilt.method->heads());
    const Matrix expected = embedNoise(encoder, projector, state);
    const Matrix got = embedNoise(*rebuilt.encoder, projector ? &rebuilt.method->heads() : nullptr, state);
    ExportReport report{out.string(), 0, 0, "the encoder built again from the file alone, on 4 images of noise"};
    for (size_t i = 0; i < expected.values.size(); ++i) {
        report.largestDifference = std::max(report.largestDifference, double(std::abs(expected.values[i] - got.values[i])));
        report.scale = std::max(report.scale, double(std::abs(expected.values[i])));
    }
    return report;
}

} // namespace pretext
