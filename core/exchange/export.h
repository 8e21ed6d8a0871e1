// Writing a trained encoder to the formats other tools read, and reading it back to compare before saying "exported".
#pragma once

#include "core/engine/model.h"
#include "core/engine/snapshot.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

struct ExportOptions { bool withProjector = false; };
struct ExportReport { std::string file; double largestDifference = -1; double scale = 0; std::string checkedWith; };

/// ONNX, opset 13, ir 8, dynamic batch: input "pixel_values" [batch, C, H, W] in [0, 1] (normalisation is part of the graph and stated in the
/// metadata), output "embedding" [batch, D]. Checked by the onnx checker, reloaded with cv::dnn and compared on `samples`.
ExportReport exportOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out,
                        Module *projector = nullptr);
ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector = nullptr);

/// float32, C order; int32 labels.
void writeNpy(const std::filesystem::path &path, const Matrix &matrix);
void writeNpy(const std::filesystem::path &path, const std::vector<int32_t> &values);
/// Embeddings and labels for a projector: vectors.tsv and metadata.tsv.
void writeTsv(const std::filesystem::path &path, const Matrix &matrix, const std::vector<std::string> &labels);

} // namespace pretext
