#include "core/exchange/export.h"

#include "core/data/tokens/tokenizer.h"

#include <nlohmann/json.hpp>

namespace pretext {

std::string preprocessingText(const CheckpointState &state)
{
    if (state.tokenizer)
        return nlohmann::json{{"tokenizer", toText(state.tokenizer->kind())},
                              {"vocabulary", state.tokenizer->vocabularySize()},
                              {"context", state.config.knobs.integer("encoder.context")},
                              {"row", {"[CLS]", "tokens", "[SEP]"}},
                              {"embedding", "mean of the hidden states of all that is not [PAD]"}}
            .dump();
    return nlohmann::json{{"range", {0, 1}},
                          {"mean", state.mean},
                          {"deviation", state.deviation},
                          {"size", {state.shape.height, state.shape.width}},
                          {"channels", state.shape.channels == 1 ? "grey" : "RGB"}}
        .dump();
}

} // namespace pretext
