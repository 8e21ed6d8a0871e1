// The same sentence as each objective that predicts tokens would train on it, side by side: made by the objectives' own makers of rows.
#pragma once

#include "core/channels/tokens.h"
#include "core/data/batch.h"
#include "core/engine/config.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

class TokenizedText;
class Tokenizer;

struct ObjectiveQuestion
{
    std::string sentence;
    std::map<std::string, KnobValue> knobs = {}; // of a job; what a method declares and is not here is as its recipe has it
    uint64_t seed = 1;
    uint32_t draw = 0; // another one is corrupted otherwise, as in another epoch
    friend bool operator==(const ObjectiveQuestion &, const ObjectiveQuestion &) = default;
};

/// The methods that predict a text's tokens, in the order of the table.
const std::vector<std::string> &tokenObjectives();

/// The method's recipe for a text, with what it declares itself, and the context, as `job` has them.
RunConfig objectiveConfig(const std::string &method, const std::map<std::string, KnobValue> &job);

/// The sentence as a batch of the method's, of one row.
struct SentenceBatch
{
    std::shared_ptr<const TokenizedText> text;
    Batch batch;
};
SentenceBatch sentenceBatch(const std::string &method, const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer);

/// Of each of tokenObjectives(); a row is cut to the context ("encoder.context").
std::vector<Objective> objectivesOf(const ObjectiveQuestion &question, const std::shared_ptr<const Tokenizer> &tokenizer);

} // namespace pretext
