// The safetensors export: the encoder's weights and statistics under their own names, and in the metadata all that is needed to build it
// again. Reading it back builds that encoder from the file alone and compares embeddings.
#include "core/analysis/alike.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/noiseprobe.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

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
    if (const auto describe = exportOf(state).describe)
        describe(*state.prepared, metadata);
    return metadata;
}

} // namespace

ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector, const Written &told)
{
    const ModalityExport &kind = exportOf(state);
    if (projector && !kind.projector)
        throw std::invalid_argument("[safetensors] "
                                    + said("an encoder of %1 goes out alone; leave the projector out", {said(toText(state.prepared->modality()))}));
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
    const Model rebuilt = makeModel(config, kind.input(written.metadata, state));
    load(written, *rebuilt.encoder);
    if (projector)
        load(written, *rebuilt.method->projector());
    const Matrix expected = kind.probe(encoder, projector, state);
    const Matrix got = kind.probe(*rebuilt.encoder, projector ? rebuilt.method->projector() : nullptr, state);
    ExportReport report{out.string(), 0, 0, said(kind.probed, {kNoiseSamples})};
    report.compare(expected.values, got.values);
    report.alike = allAlike(expected);
    requireAgreement(report);
    requireAsWritten(out, file);
    return report;
}

} // namespace pretext
