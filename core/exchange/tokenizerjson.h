// A vocabulary in the tokenizer.json that Hugging Face's libraries read: what the tokenizer does to a text, said with their parts.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace pretext {

class Tokenizer;

/// `closed`: [SEP] is put behind a text, as models that fill in want it; [CLS] is put before it either way.
nlohmann::json tokenizerJson(const Tokenizer &tokenizer, bool closed);
nlohmann::json tokenizerConfigJson(int context, bool closed);

} // namespace pretext
