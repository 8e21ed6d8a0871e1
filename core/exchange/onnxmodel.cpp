#include "core/exchange/onnxmodel.h"

#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

namespace pretext {

onnx::ModelProto newOnnxModel(const std::string &graph, const std::string &description)
{
    constexpr int kOpset = 13, kIrVersion = 8;
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("pretext");
    model.set_doc_string(description);
    onnx::OperatorSetIdProto &opset = *model.add_opset_import();
    opset.set_domain("");
    opset.set_version(kOpset);
    model.mutable_graph()->set_name(graph);
    return model;
}

void addMetadata(onnx::ModelProto &model, const std::string &key, const std::string &value)
{
    onnx::StringStringEntryProto &entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
}

void checkOnnxModel(const onnx::ModelProto &model)
{
    try {
        onnx::checker::check_model(model);
        onnx::ModelProto inferred = model;
        onnx::shape_inference::InferShapes(inferred, onnx::OpSchemaRegistry::Instance(), {true, 1, false});
        onnx::checker::check_model(inferred);
    } catch (const std::exception &error) {
        throw std::runtime_error("[onnx] " + said("the graph does not pass the onnx checker: %1", {error.what()}));
    }
}

void writeOnnxModel(const std::filesystem::path &path, const onnx::ModelProto &model)
{
    const std::string text = model.SerializeAsString();
    const auto bytes = std::as_bytes(std::span(text));
    writeFileAtomically(path, {bytes.begin(), bytes.end()});
}

void requireAsWritten(const std::filesystem::path &path, const onnx::ModelProto &model)
{
    std::ifstream file(path, std::ios::binary);
    const std::string written = model.SerializeAsString(), got{std::istreambuf_iterator<char>(file), {}};
    if (written == got)
        return;
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw std::runtime_error(path.string() + ": " + said("what was read back differs from what was written, so it was removed; is the disk sound?"));
}

} // namespace pretext
