#include "core/exchange/modalityexport.h"

#include "core/data/modalitytype.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace pretext {

const ModalityExport &exportOf(Modality modality)
{
    if (const ModalityExport *exchange = modalityType(modality).exchange)
        return *exchange;
    throw std::invalid_argument("[export] " + said("there is no export of encoders of %1; pretext embed writes their embeddings", {said(toText(modality))}));
}

std::string preprocessingText(const CheckpointState &state)
{
    return exportOf(state).preprocessing(state).dump();
}

} // namespace pretext
