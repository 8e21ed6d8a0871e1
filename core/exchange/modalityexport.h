// What an export asks of a kind of data: what other tools have to do before the encoder, and how the written file is compared with ours.
#pragma once

#include "core/exchange/export.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>

namespace pretext {

struct ModalityExport
{
    /// What is done before the encoder.
    nlohmann::json (*preprocessing)(const CheckpointState &state) = nullptr;
    /// Adds to the metadata of a file of weights what else is needed to build the encoder again. Null: nothing.
    void (*describe)(const Prepared &prepared, std::map<std::string, std::string> &metadata) = nullptr;
    /// What the encoder was made for, as such a file says it.
    InputShape (*input)(const std::map<std::string, std::string> &metadata, const CheckpointState &state) = nullptr;
    /// Embeddings of a few made-up samples, the same every time; and how it is said that they were compared, %1 of them.
    Matrix (*probe)(Encoder &encoder, Module *projector, const CheckpointState &state) = nullptr;
    const char *probed = "";

    bool projector = false;   // whether the projector may go along
    bool huggingFace = false; // whether a Hugging Face folder can be written
    /// Null: there is no ONNX export.
    ExportReport (*onnx)(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out, Module *projector,
                         const Written &written) = nullptr;
    /// What is done before the encoder, in words for a reader: of a data set that is open.
    std::string (*said)(const DatasetInfo &info) = nullptr;
};

/// Throws std::invalid_argument where encoders of that kind of data do not go out.
const ModalityExport &exportOf(Modality modality);
inline const ModalityExport &exportOf(const CheckpointState &state)
{
    return exportOf(state.prepared->modality());
}

} // namespace pretext
