#include "core/backend/cuda/graphcache.h"

#include "core/backend/cuda/machine.h"

#include <algorithm>

namespace pretext::cuda {

namespace {

constexpr size_t kFewestLinks = 4;  // links, below which a graph takes as long as its launches
constexpr size_t kMostChains = 256; // chains that are remembered, of some ten kilobytes on the host and, with a graph, as much again on the device

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
