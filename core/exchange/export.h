// Writing a trained encoder to the formats other tools read, and reading it back to compare before saying "exported".
#pragma once

#include "core/engine/model.h"
#include "core/engine/snapshot.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

/// What was read back: the largest difference from our own forward, the embedding's largest magnitude, and how it was compared.
struct ExportReport { std::string file; double largestDifference = -1; double scale = 0; std::string checkedWith; };

/// What is done before the encoder, as JSON: to pixels, range, mean, deviation, size, channel order; to a text, tokenizer and context. Every
/// export carries it.
std::string preprocessingText(const CheckpointState &state);

/// ONNX, opset 13, ir 8, dynamic batch: input "pixel_values" [batch, C, H, W] in [0, 1] (normalisation is part of the graph and stated in the
/// metadata), output "embedding" [batch, D]. Checked by the onnx checker, reloaded with cv::dnn and compared on `samples`. Of text encoders see
/// onnxtext.h; they go out without a projector.
ExportReport exportOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out,
                        Module *projector = nullptr);
/// The encoder's tensors, and metadata to build it again, of text with its tokenizer; compared by doing so from the file alone.
ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector = nullptr);

/// float32, C order; int32 labels.
void writeNpy(const std::filesystem::path &path, const Matrix &matrix);
void writeNpy(const std::filesystem::path &path, const std::vector<int32_t> &values);
/// Embeddings for an embedding projector, and where there are labels, NAME.metadata.tsv beside them.
std::filesystem::path tsvLabelFile(const std::filesystem::path &path);
ExportReport writeTsv(const std::filesystem::path &path, const Matrix &matrix, const std::vector<std::string> &labels);

} // namespace pretext
