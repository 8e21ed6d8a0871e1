#include "core/exchange/tokenizerjson.h"

#include "core/data/tokens/tokenizer.h"
#include "core/files/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pretext {

namespace {

using Json = nlohmann::json;

/// [MASK] and [UNK] stand within a text and are looked for after it was normalised, so that what is done at a text's ends is not done beside
/// them; the others end one text and begin another.
bool standsWithin(int32_t id)
{
    return id == kMaskToken || id == kUnknown;
}

Json addedTokens(const Tokenizer &tokenizer)
{
    Json all = Json::array();
    for (int32_t id = 0; id < kSpecialTokens; ++id)
        all.push_back({{"id", id},
                       {"content", tokenizer.piece(id)},
                       {"single_word", false},
                       {"lstrip", false},
                       {"rstrip", false},
                       {"normalized", standsWithin(id)},
                       {"special", true}});
    return all;
}

/// White space to single marks, none at the ends, none before a token within the text, and one in front, but not of single characters. The names
/// of these tokens come out as they are, which is how the library finds them in the text. White space is ours, in no library's words: \s and
/// "Strip" are not the same characters in each.
Json normalizer(TokenizerKind kind)
{
    const auto replace = [](const std::string &pattern, const char *content) {
        return Json{{"type", "Replace"}, {"pattern", {{"Regex", pattern}}}, {"content", content}};
    };
    const std::string mark(kSpaceMark);
    Json steps = {replace("[" + spaceClass() + "]+", kSpaceMark.data()), replace("^" + mark + "|" + mark + "$", "")};
    if (kind != TokenizerKind::character)
        steps.push_back({{"type", "Prepend"}, {"prepend", mark}});
    steps.push_back(replace("^" + mark + "$|" + mark + "(?=\\[(?:MASK|UNK)\\])", ""));
    return {{"type", "Sequence"}, {"normalizers", steps}};
}

/// No piece reaches over a space. Words and characters are matched, the others are what lies between two marks.
Json preTokenizer(TokenizerKind kind)
{
    const std::string mark(kSpaceMark), word = kind == TokenizerKind::word        ? wordPattern()
                                               : kind == TokenizerKind::character ? "[\\s\\S]"
                                                                                  : mark + "?[^" + mark + "]+|" + mark;
    return {{"type", "Split"}, {"pattern", {{"Regex", word}}}, {"behavior", "Removed"}, {"invert", true}};
}

Json vocabulary(const Tokenizer &tokenizer)
{
    Json ids = Json::object();
    for (int32_t id = 0; id < tokenizer.vocabularySize(); ++id)
        ids[tokenizer.piece(id)] = id;
    return ids;
}

Json unigram(const Tokenizer &tokenizer)
{
    Json pieces = Json::array();
    for (int32_t id = 0; id < tokenizer.vocabularySize(); ++id)
        pieces.push_back({tokenizer.piece(id), id < kSpecialTokens ? 0.f : tokenizer.scores()[size_t(id)]});
    return {{"type", "Unigram"}, {"unk_id", kUnknown}, {"vocab", pieces}, {"byte_fallback", false}};
}

/// Every way in which a piece is two others, best pieces first: that is what SentencePiece would merge, in that order.
Json mergesOf(const Tokenizer &tokenizer)
{
    struct Merge
    {
        float score;
        int32_t left, right;
    };
    std::vector<Merge> merges;
    for (int32_t id = kSpecialTokens; id < tokenizer.vocabularySize(); ++id) {
        const std::string &piece = tokenizer.piece(id);
        for (size_t cut = 1; cut < piece.size(); ++cut) {
            const int32_t left = tokenizer.idOf(piece.substr(0, cut)), right = tokenizer.idOf(piece.substr(cut));
            if (left >= kSpecialTokens && right >= kSpecialTokens)
                merges.push_back({tokenizer.scores()[size_t(id)], left, right});
        }
    }
    std::ranges::stable_sort(merges, std::ranges::greater(), &Merge::score);
    Json pairs = Json::array();
    for (const Merge &merge : merges)
        pairs.push_back({tokenizer.piece(merge.left), tokenizer.piece(merge.right)});
    return pairs;
}

Json model(const Tokenizer &tokenizer)
{
    const std::string unknown = tokenizer.piece(kUnknown);
    switch (tokenizer.kind()) {
    case TokenizerKind::unigram: return unigram(tokenizer);
    case TokenizerKind::bpe:
        return {{"type", "BPE"},          {"unk_token", unknown},           {"fuse_unk", true},
                {"byte_fallback", false}, {"vocab", vocabulary(tokenizer)}, {"merges", mergesOf(tokenizer)}};
    default: return {{"type", "WordLevel"}, {"unk_token", unknown}, {"vocab", vocabulary(tokenizer)}};
    }
}

Json postProcessor(const Tokenizer &tokenizer, bool closed)
{
    const auto special = [&](int32_t id) { return Json{{"SpecialToken", {{"id", tokenizer.piece(id)}, {"type_id", 0}}}}; };
    const auto described = [&](int32_t id) { return Json{{"id", tokenizer.piece(id)}, {"ids", {id}}, {"tokens", {tokenizer.piece(id)}}}; };
    const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, second = {{"Sequence", {{"id", "B"}, {"type_id", 1}}}};
    Json single = Json::array({special(kClassify), text});
    if (closed)
        single.push_back(special(kSeparate));
    return {{"type", "TemplateProcessing"},
            {"single", single},
            {"pair", {special(kClassify), text, special(kSeparate), second, special(kSeparate)}},
            {"special_tokens", {{tokenizer.piece(kClassify), described(kClassify)}, {tokenizer.piece(kSeparate), described(kSeparate)}}}};
}

} // namespace

nlohmann::json tokenizerJson(const Tokenizer &tokenizer, bool closed)
{
    const bool characters = tokenizer.kind() == TokenizerKind::character;
    return {{"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", addedTokens(tokenizer)},
            {"normalizer", normalizer(tokenizer.kind())},
            {"pre_tokenizer", preTokenizer(tokenizer.kind())},
            {"post_processor", postProcessor(tokenizer, closed)},
            {"decoder",
             {{"type", "Metaspace"}, {"replacement", kSpaceMark}, {"add_prefix_space", !characters}, {"prepend_scheme", characters ? "never" : "always"}}},
            {"model", model(tokenizer)}};
}

nlohmann::json tokenizerConfigJson(int context, bool closed)
{
    return {{"tokenizer_class", "PreTrainedTokenizerFast"},
            {"model_max_length", context},
            {"pad_token", "[PAD]"},
            {"unk_token", "[UNK]"},
            {"cls_token", "[CLS]"},
            {"sep_token", "[SEP]"},
            {"mask_token", "[MASK]"},
            {"bos_token", "[CLS]"},
            {"eos_token", "[SEP]"},
            {"add_bos_token", !closed},
            {"clean_up_tokenization_spaces", false},
            {"padding_side", "right"}};
}

} // namespace pretext
