// The `huggingface` export: a folder that @huggingface/transformers loads as it is, and where the architecture is exactly BERT's or
// GPT-2's, weights that the reference implementations load.
#pragma once

#include "core/exchange/export.h"
#include "core/nn/transformer.h"

#include <filesystem>
#include <string>

namespace pretext {

class Tokenizer;

/// A trained model of text. With a head it fills in, or if it is causal continues; without one it gives its hidden states alone.
struct TextModel
{
    Transformer &trunk;
    VocabularyHead *head = nullptr;
    bool causal = false;
};

/// Writes config.json, tokenizer.json, tokenizer_config.json, onnx/model.onnx, for causal models generation_config.json, and
/// model.safetensors or, in report.checkedWith, why not. Reads model and weights back and compares both with our own forward. `folder` must not
/// be there, or be empty.
ExportReport exportHuggingFace(const TextModel &model, const Tokenizer &tokenizer, const std::filesystem::path &folder, const Written &written = {});

/// The same of a run: with the head that fills in (mlm) or continues (clm), of other methods the encoder alone, as it is evaluated. Throws
/// std::invalid_argument where the encoder reads images.
ExportReport exportHuggingFace(TrainedEncoder &trained, const std::filesystem::path &folder);

/// Why the weights cannot go out under the reference implementation's names; empty where they can.
std::string notReference(const TextModel &model);

} // namespace pretext
