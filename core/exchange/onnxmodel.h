// What every ONNX file of ours has: versions, metadata, the checker's word, and being written whole or not at all. Drags protobuf.
#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

namespace pretext {

/// Opset 13, ir 8, an empty graph of this name.
onnx::ModelProto newOnnxModel(const std::string &graph, const std::string &description);
void addMetadata(onnx::ModelProto &model, const std::string &key, const std::string &value);
/// Throws std::runtime_error where the onnx checker or shape inference finds something wrong.
void checkOnnxModel(const onnx::ModelProto &model);
void writeOnnxModel(const std::filesystem::path &path, const onnx::ModelProto &model);
/// Throws std::runtime_error, and removes the file, where it is not what writeOnnxModel wrote: also what would hardly change an embedding is damage.
void requireAsWritten(const std::filesystem::path &path, const onnx::ModelProto &model);

} // namespace pretext
