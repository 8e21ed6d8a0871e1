// Cutting one normalised word into pieces of a vocabulary. No piece reaches over a space, so words are cut one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pretext {

/// Pieces by their text, without the special tokens; views into the vocabulary's own strings.
struct PieceIndex
{
    std::unordered_map<std::string_view, int32_t> ids;
    size_t longest = 0; // bytes
};

struct Segment
{
    int32_t id = 0;
    size_t bytes = 0;
};

/// Appends the most probable cut: the sum of the pieces' log probabilities is largest (Kudo 2018), of equal ones the one whose last piece
/// begins first. A code point that no piece covers costs 10 more than the rarest piece; unknown ones side by side are one.
void cutMostProbable(std::string_view word, const PieceIndex &index, const std::vector<float> &scores, float rarest, std::vector<Segment> &out);
/// Appends what merging leaves: of all neighbours that together are a piece the best-scored merge first, of one piece
/// the way whose left side is shorter, of equal ones the leftmost.
void cutByMerges(std::string_view word, const PieceIndex &index, const std::vector<float> &scores, std::vector<Segment> &out);
/// Appends a piece a code point; unknown ones stay apart.
void cutCharacters(std::string_view word, const PieceIndex &index, std::vector<Segment> &out);
/// Appends the words within `word`, as tokenizer.h's wordPattern() has them.
void cutWords(std::string_view word, const PieceIndex &index, std::vector<Segment> &out);

/// The bytes of the first match of wordPattern() in `text`, which is not empty.
size_t firstWord(std::string_view text);

} // namespace pretext
