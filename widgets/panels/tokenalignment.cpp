// Two rows of pieces held against each other, as a spelling checker does.
#include "widgets/panels/tokenscene.h"

#include <algorithm>

namespace pretext {

std::vector<std::pair<int, int>> aligned(std::span<const std::string> from, std::span<const std::string> to)
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
    std::vector<std::pair<int, int>> pairs;
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

} // namespace pretext
