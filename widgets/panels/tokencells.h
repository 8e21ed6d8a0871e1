// A row of tokens as the panels show it: cells of a strip, marked by what was done to each, and the same in words.
#pragma once

#include "core/channels/tokens.h"
#include "widgets/plots/tokenstrip.h"

#include <QString>

namespace pretext {

constexpr size_t kEveryLane = -1;

/// A piece without the sign that begins a word.
QString bareWord(const std::string &piece);
bool isSpecialPiece(const std::string &piece);
/// What of a piece can be drawn.
QString shownPiece(const std::string &piece);
StripCell cellOf(const TokenBox &box);
StripCell cellOf(const std::string &piece);

/// The row as the model was given it; tokens that were deleted stand in their place, struck through.
std::vector<std::vector<StripCell>> givenCells(const TokenRowView &row);
/// "2 tokens deleted (the, lord), 1 replaced (king by sea)"; "no token changed".
QString deedOf(const TokenRowView &row);
/// What a mark means, or nothing of one that needs no words.
QString nameOf(TokenMark mark);
/// The marks that occur in the first lanes of these columns, with their names, for a legend.
std::vector<std::pair<TokenMark, QString>> marksIn(const std::vector<std::vector<StripCell>> &columns, size_t lanes = kEveryLane);

} // namespace pretext
