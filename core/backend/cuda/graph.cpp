#include "core/backend/cuda/graph.h"

namespace pretext::cuda {

namespace {

cudaKernelNodeParams parametersOf(const KernelLaunch &launch, Chain::Arguments &arguments)
{
    cudaKernelNodeParams parameters{};
    parameters.func = launch.kernel;
    parameters.gridDim = launch.grid;
    parameters.blockDim = launch.block;
    parameters.sharedMemBytes = unsigned(launch.sharedBytes);
    parameters.kernelParams = arguments.data();
    return parameters;
}

} // namespace

std::unique_ptr<Graph> Graph::of(const Chain &chain)
{
    auto made = std::make_unique<Graph>();
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t ready = nullptr;
    bool whole = cudaGraphCreate(&graph, 0) == cudaSuccess;
    made->m_graph.reset(graph);
    for (size_t i = 0; whole && i < chain.size(); ++i)
        whole = made->append(chain, i);
    whole = whole && cudaGraphInstantiateWithFlags(&ready, graph, 0) == cudaSuccess;
    made->m_ready.reset(ready);
    if (whole)
        return made;
    cudaGetLastError(); // which would else be the next call's
    return nullptr;
}

/// Behind the last node.
bool Graph::append(const Chain &chain, size_t index)
{
    const auto &work = chain[index].work;
    const cudaGraphNode_t *before = m_nodes.empty() ? nullptr : &m_nodes.back();
    const size_t count = m_nodes.empty() ? 0 : 1;
    cudaGraphNode_t node = nullptr;
    cudaError_t result;
    if (const auto *launch = std::get_if<KernelLaunch>(&work)) {
        Chain::Arguments arguments = chain.argumentsOf(index);
        const cudaKernelNodeParams parameters = parametersOf(*launch, arguments);
        result = cudaGraphAddKernelNode(&node, m_graph.get(), before, count, &parameters);
    } else if (const auto *copy = std::get_if<DeviceCopy>(&work)) {
        result = cudaGraphAddMemcpyNode1D(&node, m_graph.get(), before, count, copy->to, copy->from, copy->bytes, cudaMemcpyDeviceToDevice);
    } else {
        const cudaGraph_t product = graphOf(std::get<CublasProduct>(work));
        if (!product)
            return false;
        result = cudaGraphAddChildGraphNode(&node, m_graph.get(), before, count, product); // which copies it
        cudaGraphDestroy(product);
    }
    m_nodes.push_back(node);
    return result == cudaSuccess;
}

bool Graph::update(const Chain &before, const Chain &now)
{
    for (size_t i = 0; i < now.size(); ++i)
        if (now.differs(i, before) && set(now, i) != cudaSuccess) {
            cudaGetLastError();
            return false;
        }
    return true;
}

cudaError_t Graph::set(const Chain &chain, size_t index)
{
    const auto &work = chain[index].work;
    if (const auto *copy = std::get_if<DeviceCopy>(&work))
        return cudaGraphExecMemcpyNodeSetParams1D(m_ready.get(), m_nodes[index], copy->to, copy->from, copy->bytes, cudaMemcpyDeviceToDevice);
    Chain::Arguments arguments = chain.argumentsOf(index);
    const cudaKernelNodeParams parameters = parametersOf(std::get<KernelLaunch>(work), arguments);
    return cudaGraphExecKernelNodeSetParams(m_ready.get(), m_nodes[index], &parameters);
}

} // namespace pretext::cuda
