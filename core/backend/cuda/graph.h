// A chain as a graph, which the device is given in one call: of nodes in a line, each after the one before. Whatever fails here is no fault of the chain's, which can still
// be given call by call, and so is answered and not thrown. A launch takes 2 to 3 microseconds of the host's time; on paper that of a graph whose nodes stand in a line takes
// as long for all of them, and a node of which an argument is new a part of one more.
#pragma once

#include "core/backend/cuda/chain.h"

#include <memory>
#include <type_traits>

namespace pretext::cuda {

class Graph
{
public:
    /// Null where the driver, or cuBLAS, makes none of it.
    static std::unique_ptr<Graph> of(const Chain &chain);

    /// Tells it of what differs between two chains, of which it is as `before`. False where that cannot be; it is of no use then.
    bool update(const Chain &before, const Chain &now);
    cudaError_t launch(cudaStream_t stream) const { return cudaGraphLaunch(m_ready.get(), stream); }

private:
    bool append(const Chain &chain, size_t index);
    cudaError_t set(const Chain &chain, size_t index);

    struct Destroy
    {
        void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
        void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
    };
    std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy> m_graph;
    std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, Destroy> m_ready;
    std::vector<cudaGraphNode_t> m_nodes; // a link's, in the chain's order
};

} // namespace pretext::cuda
