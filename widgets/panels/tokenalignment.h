// Rows of pieces held against each other, as a spelling checker does.
#pragma once

#include "core/channels/tokens.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

using AlignedPairs = std::vector<std::pair<int, int>>; // indices in order, -1 where one of the two has nothing

/// The cheapest way to turn `from` into `to` (Wagner & Fischer 1974).
AlignedPairs aligned(std::span<const std::string> from, std::span<const std::string> to);

/// Given tokens against the original: by their sources where these are in order, else as they fit best.
AlignedPairs givenAgainstOriginal(const TokenRowView &row);
/// What a decoder writes against the original. A sentinel, the [MASK] in front of what a span hid, stands for nothing of it.
AlignedPairs writtenAgainstOriginal(const std::vector<std::string> &written, const std::vector<std::string> &original);

struct AlignedColumn
{
    int given, rebuilt, original;
};

/// Both alignments name every original once, in order; what stands in one lane only gets a column of its own.
std::vector<AlignedColumn> mergedColumns(const AlignedPairs &given, const AlignedPairs &rebuilt);

} // namespace pretext
