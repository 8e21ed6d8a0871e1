// Writing a trained encoder to the formats other tools read, and reading it back to compare before saying "exported".
#pragma once

#include "core/channels/channel.h"
#include "core/engine/model.h"
#include "core/exchange/report.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

/// What is done before the encoder, as JSON: to pixels, range, mean, deviation, size, channel order; to a text, tokenizer and context. Every
/// export carries it.
std::string preprocessingText(const CheckpointState &state);

// All exports throw std::runtime_error naming the tensor where weights are not finite, and where what they wrote does not compute the same.

/// ONNX, opset 13, ir 8, dynamic batch: input "pixel_values" [batch, C, H, W] in [0, 1] (normalisation is part of the graph and stated in the
/// metadata), output "embedding" [batch, D]. Checked by the onnx checker, reloaded with cv::dnn and compared on `samples`. Of text encoders see
/// onnxtext.h; they go out without a projector.
ExportReport exportOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out, Module *projector = nullptr,
                        const Written &written = {});
/// The encoder's tensors, and metadata to build it again, of text with its tokenizer; compared by doing so from the file alone.
ExportReport exportSafetensors(Encoder &encoder, const CheckpointState &state, const std::filesystem::path &out, Module *projector = nullptr,
                               const Written &written = {});

/// float32, C order; int32 labels.
void writeNpy(const std::filesystem::path &path, const Matrix &matrix);
void writeNpy(const std::filesystem::path &path, const std::vector<int32_t> &values);
/// What an embedding projector shows of each row.
struct TsvColumn
{
    std::string name;
    std::vector<std::string> values;
    bool named = false; // values are names, which stay apart where white space alone tells them so: it is written as \u{A0}. Of texts it becomes a space
};
struct TsvMetadata
{
    std::vector<TsvColumn> columns;
};
/// Every label column of the first `rows` samples, and the text, or what the file is called.
TsvMetadata tsvMetadata(const Dataset &dataset, Split split, int64_t rows);
/// Embeddings for an embedding projector, and where there is metadata, NAME.metadata.tsv beside them: a line a row, none of them blank, below the
/// columns' names where there are several. Both are read again; throws std::runtime_error where they are not what was to be written.
std::filesystem::path tsvLabelFile(const std::filesystem::path &path);
ExportReport writeTsv(const std::filesystem::path &path, const Matrix &matrix, const TsvMetadata &metadata);

} // namespace pretext
