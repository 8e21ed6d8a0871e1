#include "core/backend/cuda/graphcache.h"

#include "core/backend/cuda/machine.h"

#include <algorithm>

namespace pretext::cuda {

namespace {

constexpr size_t kFewestLinks = 4; // below which a graph takes as long as its launches

/// Chains that are remembered, some ten kilobytes of the host's each. Of the card's a graph takes 64 kilobytes a launch before driver 550, as PyTorch's documentation has it, so that
/// the most is 256 MB there; a step has some ten or twenty chains.
constexpr size_t kMostChains = 128;

}

void GraphCache::give(const Chain &chain, cudaStream_t stream)
{
    if (chain.size() < kFewestLinks)
        return chain.issue(stream);
    const auto kept = std::ranges::find_if(m_kept, [&chain](const Kept &one) { return one.chain.isShapedAs(chain); });
    if (kept == m_kept.end()) {
        chain.issue(stream);
        if (m_kept.size() == kMostChains)
            m_kept.pop_back();
        m_kept.push_front({chain, nullptr});
        return;
    }
    m_kept.splice(m_kept.begin(), m_kept, kept);
    if (bring(*kept, chain))
        return require(kept->graph->launch(stream));
    chain.issue(stream);
}

/// Whether its graph is now as the chain.
bool GraphCache::bring(Kept &kept, const Chain &chain)
{
    if (kept.refused)
        return false;
    if (!kept.graph)
        kept.graph = Graph::of(chain);
    else if (!kept.graph->update(kept.chain, chain))
        kept.graph = nullptr;
    kept.chain = chain;
    kept.refused = !kept.graph;
    return !kept.refused;
}

} // namespace pretext::cuda
