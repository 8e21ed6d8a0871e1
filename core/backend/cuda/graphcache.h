// The graphs of chains that come again and again, as the steps of a training do. A chain is given call by call the first time, and as a graph when one that is shaped like it
// comes again; what is not seen for long is forgotten, so that work that never repeats (texts of every length) costs what it did and holds no more than the bound.
#pragma once

#include "core/backend/cuda/chain.h"
#include "core/backend/cuda/graph.h"

#include <list>
#include <memory>

namespace pretext::cuda {

class GraphCache
{
public:
    /// Gives the device the chain. Throws std::runtime_error where it refuses.
    void give(const Chain &chain, cudaStream_t stream);
    void clear() { m_kept.clear(); }

private:
    struct Kept
    {
        Chain chain; // as it was last
        std::unique_ptr<Graph> graph;
        bool refused = false; // nobody could make a graph of it
    };
    static bool bring(Kept &kept, const Chain &chain);

    std::list<Kept> m_kept; // the one that was seen last first
};

} // namespace pretext::cuda
