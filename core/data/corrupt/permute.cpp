#include "core/data/corrupt/permute.h"

#include <algorithm>
#include <numeric>

namespace pretext {

Cuts spanCuts(const NoiseTask &task, Random &random)
{
    const Content content = task.content;
    Cuts cuts{content.begin};
    while (cuts.back() < content.end)
        cuts.push_back(std::min(content.end, cuts.back() + static_cast<size_t>(std::max(1, poisson(task.amounts.meanSpan, random)))));
    if (cuts.size() == 2 && content.size() > 1) // one span has nothing to change places with
        cuts.insert(cuts.begin() + 1, content.begin + 1 + random.below(static_cast<uint32_t>(content.size() - 1)));
    return cuts;
}

void permutePieces(const Cuts &cuts, float strength, Random &random, Rewriter &rewriter)
{
    const size_t pieces = cuts.size() - 1;
    const size_t count = strength > 0 ? std::clamp<size_t>(shareOf(strength, pieces), std::min<size_t>(2, pieces), pieces) : 0;
    const std::vector<size_t> chosen = chooseSome(pieces, count, random), order = properPermutation(count, random);
    std::vector<size_t> from(pieces);
    std::iota(from.begin(), from.end(), size_t(0));
    for (size_t i = 0; i < count; ++i)
        from[chosen[i]] = chosen[order[i]];
    for (size_t p = 0; p < pieces; ++p)
        for (size_t i = cuts[from[p]]; i < cuts[from[p] + 1]; ++i)
            rewriter.keep(i, from[p] == p ? TokenAction::kept : TokenAction::moved);
}

} // namespace pretext
