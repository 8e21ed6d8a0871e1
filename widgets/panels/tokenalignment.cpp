#include "widgets/panels/tokenalignment.h"

#include "core/data/tokens/tokenizer.h"

#include <algorithm>

namespace pretext {

AlignedPairs aligned(std::span<const std::string> from, std::span<const std::string> to)
{
    const int n = int(from.size()), m = int(to.size()), stride = m + 1;
    std::vector<int> cost(size_t(n + 1) * stride); // of turning the tails from i and from j on into each other
    for (int i = n; i >= 0; --i)
        for (int j = m; j >= 0; --j) {
            if (i == n || j == m) {
                cost[i * stride + j] = (n - i) + (m - j);
                continue;
            }
            const int together = cost[(i + 1) * stride + j + 1] + (from[i] == to[j] ? 0 : 1);
            cost[i * stride + j] = std::min(together, 1 + std::min(cost[(i + 1) * stride + j], cost[i * stride + j + 1]));
        }
    AlignedPairs pairs;
    for (int i = 0, j = 0; i < n || j < m;) {
        const int here = cost[i * stride + j];
        if (i < n && j < m && here == cost[(i + 1) * stride + j + 1] + (from[i] == to[j] ? 0 : 1))
            pairs.emplace_back(i++, j++);
        else if (i < n && here == 1 + cost[(i + 1) * stride + j])
            pairs.emplace_back(i++, -1);
        else
            pairs.emplace_back(-1, j++);
    }
    return pairs;
}

AlignedPairs givenAgainstOriginal(const TokenRowView &row)
{
    std::vector<std::string> pieces;
    int before = -1;
    bool inOrder = true;
    const int originals = int(row.original.size());
    for (const TokenBox &token : row.given) {
        pieces.push_back(token.piece);
        inOrder &= token.source < 0 || (token.source > before && token.source < originals);
        before = std::max(before, token.source);
    }
    if (!inOrder)
        return aligned(pieces, row.original);
    AlignedPairs pairs;
    int original = 0;
    for (int t = 0; t < int(row.given.size()); ++t) {
        for (; row.given[t].source >= 0 && original < row.given[t].source; ++original)
            pairs.emplace_back(-1, original);
        pairs.emplace_back(t, row.given[t].source >= 0 ? original++ : -1);
    }
    for (; original < originals; ++original)
        pairs.emplace_back(-1, original);
    return pairs;
}

AlignedPairs writtenAgainstOriginal(const std::vector<std::string> &written, const std::vector<std::string> &original)
{
    std::vector<std::string> pieces;
    std::vector<int> places;
    for (int p = 0; p < int(written.size()); ++p)
        if (written[p] != specialTokens()[kMaskToken]) {
            pieces.push_back(written[p]);
            places.push_back(p);
        }
    AlignedPairs pairs;
    int next = 0; // of what is written
    for (const auto &[piece, at] : aligned(pieces, original)) {
        for (; piece >= 0 && next < places[piece]; ++next)
            pairs.emplace_back(next, -1);
        pairs.emplace_back(piece < 0 ? -1 : next++, at);
    }
    for (; next < int(written.size()); ++next)
        pairs.emplace_back(next, -1);
    return pairs;
}

std::vector<AlignedColumn> mergedColumns(const AlignedPairs &given, const AlignedPairs &rebuilt)
{
    std::vector<AlignedColumn> columns;
    for (size_t i = 0, j = 0; i < given.size() || j < rebuilt.size();) {
        if (i < given.size() && given[i].second < 0) {
            columns.push_back({given[i++].first, -1, -1});
        } else if (j < rebuilt.size() && rebuilt[j].second < 0) {
            columns.push_back({-1, rebuilt[j++].first, -1});
        } else {
            AlignedColumn column{-1, -1, -1};
            if (i < given.size())
                column = {given[i].first, -1, given[i].second};
            if (j < rebuilt.size())
                column = {column.given, rebuilt[j].first, rebuilt[j].second};
            ++i;
            ++j;
            columns.push_back(column);
        }
    }
    return columns;
}

} // namespace pretext
