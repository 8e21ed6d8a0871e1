#include "core/exchange/modalityexport.h"

#include "core/data/modalitytype.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace pretext {

const ModalityExport &exportOf(Modality modality)
{
    if (const ModalityExport *exchange = modalityType(modality).exchange)
        return *exchange;
    throw std::invalid_argument(std::string("[export] there is no export of encoders of ") + toText(modality) + "; pretext embed writes their embeddings");
}

std::string preprocessingText(const CheckpointState &state)
{
    return exportOf(state).preprocessing(state).dump();
}

} // namespace pretext
