// A saved vocabulary, and text that is cut by it: two parts.
#include "tests/fuzz/target.h"

#include "core/data/tokens/tokenizer.h"
#include "core/exchange/tokenizerjson.h"
#include "core/files/json.h"

#include <nlohmann/json.hpp>

namespace pretext::fuzz {

namespace {

void useTokens(const Tokenizer &tokenizer, const std::vector<int32_t> &ids)
{
    for (int32_t id : ids)
        require(id >= 0 && id < tokenizer.vocabularySize(), "a token beyond the vocabulary");
    require(tokenizer.words(ids).size() == ids.size() && tokenizer.sentences(ids).size() == ids.size(), "tokens without a word or a sentence");
    tokenizer.decode(ids);
}

} // namespace

void read_tokenizer(std::string_view input)
{
    const std::vector<std::string> parts = partsOf(input);
    const Tokenizer tokenizer = Tokenizer::fromJson(parseJson(parts[0]));
    require(Tokenizer::fromJson(tokenizer.toJson()).pieces() == tokenizer.pieces(), "a vocabulary that does not come back as it was written");
    const std::string text = parts.size() > 1 ? parts[1] : "In the beginning [MASK] was, 太初有道.";
    useTokens(tokenizer, tokenizer.encode(text));
    useTokens(tokenizer, tokenizer.encodePrompt(text));
    size_t end = 0;
    for (const TokenPlace &place : tokenizer.encodePlaces(text)) {
        require(place.begin <= place.end && place.end <= text.size() && end <= place.end, "a token's place beyond the text or before its neighbour's");
        end = place.end;
    }
    tokenizerJson(tokenizer, true).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace pretext::fuzz
