#include "core/exchange/export.h"

#include <nlohmann/json.hpp>

namespace pretext {

std::string preprocessingText(const CheckpointState &state)
{
    return nlohmann::json{{"range", {0, 1}}, {"mean", state.mean}, {"deviation", state.deviation},
                          {"size", {state.shape.height, state.shape.width}}, {"channels", state.shape.channels == 1 ? "grey" : "RGB"}}
        .dump();
}

} // namespace pretext
