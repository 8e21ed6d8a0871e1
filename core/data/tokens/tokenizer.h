// Tokenizers: text to ids and back. A vocabulary is learned once from the training split, saved with the run, and never changes after.
//
// All kinds normalise alike, and by nothing else: white space of any sort becomes one space, none at either end; one space is put in
// front (not of characters), and every space is written as U+2581 (▁), so that a piece that begins with ▁ begins a word and decoding is
// joining. There is no case folding and no Unicode normalisation (SentencePiece's "identity" rule). Bytes that are not UTF-8 count as
// U+FFFD.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pretext {

enum class TokenizerKind : uint8_t {
    unigram,   // SentencePiece unigram (Kudo 2018): the most probable split
    bpe,       // SentencePiece byte pair encoding (Sennrich et al. 2016): merges, best first
    character, // a piece a code point
    word,      // whole words; every punctuation mark and every Chinese character is a word
};
const char *toText(TokenizerKind kind); // "unigram", "bpe", "character", "word"
/// Throws std::invalid_argument that names the text and the four kinds.
TokenizerKind tokenizerKind(const std::string &text);

/// The ids below kSpecialTokens, the same in every vocabulary and named as BERT's; [PAD] is 0.
enum SpecialToken : int32_t { kUnknown = 1, kClassify = 2, kSeparate = 3, kMaskToken = 4, kSpecialTokens = 5 };

const std::vector<std::string> &specialTokens(); // their names
/// Whether a text is continued by it: [SEP] ends one, and no other special token is ever drawn.
constexpr bool mayFollow(int32_t id)
{
    return id >= kSpecialTokens || id == kSeparate;
}
constexpr int kLargestVocabulary = 1 << 17;

/// A token and the bytes [begin, end) of the text that it stands for, the space before a word not included.
struct TokenPlace
{
    int32_t id = 0;
    size_t begin = 0, end = 0;
};

class Tokenizer
{
public:
    /// `pieces` begin with the five special ones; `scores` (log probabilities of unigram, minus the order of merging of bpe) are as many,
    /// or none for the other kinds. Throws std::invalid_argument where they are not.
    Tokenizer(TokenizerKind kind, std::vector<std::string> pieces, std::vector<float> scores = {});
    ~Tokenizer();
    Tokenizer(Tokenizer &&) noexcept;

    TokenizerKind kind() const { return m_kind; }
    int32_t vocabularySize() const { return static_cast<int32_t>(m_pieces.size()); }
    const std::string &piece(int32_t id) const { return m_pieces.at(static_cast<size_t>(id)); }
    const std::vector<std::string> &pieces() const { return m_pieces; }
    const std::vector<float> &scores() const { return m_scores; }
    /// The id of exactly this piece, or kUnknown.
    int32_t idOf(std::string_view piece) const;

    /// Without [CLS] and [SEP]; "[MASK]" in the text is five letters and two brackets.
    std::vector<int32_t> encode(std::string_view text) const;
    /// The same, with the special tokens' names in the text read as these tokens: a cloze prompt.
    std::vector<int32_t> encodePrompt(std::string_view text) const;
    std::vector<TokenPlace> encodePlaces(std::string_view text) const;
    /// [PAD], [CLS] and [SEP] are left out, [MASK] and [UNK] written by their names.
    std::string decode(std::span<const int32_t> ids) const;

    /// Of each id the number of its word, counted from 0, and -1 of a special token but [UNK] and [MASK]: for whole-word masking. A Chinese
    /// character is a word.
    std::vector<int32_t> words(std::span<const int32_t> ids) const;
    /// Of each id the number of its sentence, counted from 0, and -1 as above; a sentence ends after . ! ? and their Chinese forms.
    std::vector<int32_t> sentences(std::span<const int32_t> ids) const;

    nlohmann::json toJson() const;
    /// Throws std::invalid_argument that says what is wrong.
    static Tokenizer fromJson(const nlohmann::json &json);

private:
    struct Index;

    std::vector<TokenPlace> places(std::string_view text, bool spaceInFront) const;

    TokenizerKind m_kind;
    std::vector<std::string> m_pieces;
    std::vector<float> m_scores;
    std::vector<uint8_t> m_traits; // of each piece: begins a word, ends a sentence, is Chinese
    std::unique_ptr<const Index> m_index;
};

/// The regular expression whose matches are a normalised text's words, for tokenizer files of other programs.
std::string wordPattern();

} // namespace pretext
