// A row of tokens as the panels show it: cells of a strip, marked by what was done to each, and the same in words.
#pragma once

#include "core/engine/tokenchannels.h"
#include "widgets/plots/tokenstrip.h"

#include <QString>

namespace pretext {

/// A piece without the sign that begins a word.
QString bareWord(const std::string &piece);
bool isSpecialPiece(const std::string &piece);
TokenMark markOfBox(const TokenBox &box);

/// The row as the model was given it; tokens that were deleted stand in their place, struck through.
std::vector<std::vector<StripCell>> givenCells(const TokenRowView &row);
/// "2 tokens deleted (the, lord), 1 replaced (king by sea)"; "no token changed".
QString deedOf(const TokenRowView &row);
/// The marks that givenCells() of these rows holds, with their names, for a legend.
std::vector<std::pair<TokenMark, QString>> marksIn(const std::vector<std::vector<StripCell>> &cells);

} // namespace pretext
