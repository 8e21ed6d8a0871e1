// Graphs, as strict as the device's: arguments are taken when a node is made or set, what was launched before stays as it was, and nodes that are not behind each other are done in
// the order that hurts, the one that was added last first.
#include "tests/cudahost/streams.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

/// Made ready: what each node does now.
struct CudaHostGraphExec
{
    std::vector<CudaHostNode *> nodes; // of the graph, which must live as long
    std::vector<std::shared_ptr<const cudahost::Work>> works;
};

CudaHostGraph::~CudaHostGraph()
{
    for (const CudaHostNode *node : nodes)
        delete node;
}

namespace cudahost {

namespace {

Refused refused = Refused::nothing;

std::map<void *, Bind> &known()
{
    static auto *const kernels = new std::map<void *, Bind>;
    return *kernels;
}

std::vector<Capture *> &captures()
{
    static auto *const all = new std::vector<Capture *>;
    return *all;
}

/// Indices of nodes, each after those that it is behind.
std::vector<size_t> orderOf(const std::vector<CudaHostNode *> &nodes)
{
    std::vector<size_t> order;
    std::set<const CudaHostNode *> done;
    while (order.size() < nodes.size()) {
        size_t next = nodes.size();
        do
            --next;
        while (done.contains(nodes[next]) || !std::ranges::all_of(nodes[next]->behind, [&done](CudaHostNode *node) { return done.contains(node); }));
        order.push_back(next);
        done.insert(nodes[next]);
    }
    return order;
}

Work allOf(std::vector<std::shared_ptr<const Work>> works)
{
    return [works = std::move(works)] {
        for (const auto &work : works)
            if (lost == cudaSuccess)
                (*work)();
    };
}

std::vector<std::shared_ptr<const Work>> inOrder(const std::vector<CudaHostNode *> &nodes, const std::vector<std::shared_ptr<const Work>> &works)
{
    std::vector<std::shared_ptr<const Work>> ordered;
    for (const size_t index : orderOf(nodes))
        ordered.push_back(works[index]);
    return ordered;
}

std::vector<std::shared_ptr<const Work>> worksOf(const std::vector<CudaHostNode *> &nodes)
{
    std::vector<std::shared_ptr<const Work>> works;
    for (const CudaHostNode *node : nodes)
        works.push_back(std::make_shared<const Work>(node->work));
    return works;
}

cudaError_t add(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count, CudaHostNode made)
{
    const std::lock_guard lock(mutex);
    made.behind.assign(behind, behind + count);
    for (CudaHostNode *other : made.behind)
        if (std::ranges::find(graph->nodes, other) == graph->nodes.end())
            return cudaErrorInvalidValue;
    graph->nodes.push_back(*node = new CudaHostNode(std::move(made)));
    return cudaSuccess;
}

/// In place of what the node did.
cudaError_t set(cudaGraphExec_t ready, cudaGraphNode_t node, Work work)
{
    const auto found = std::ranges::find(ready->nodes, node);
    if (found == ready->nodes.end() || refused == Refused::updates)
        return cudaErrorInvalidValue;
    ++made.updates;
    ready->works[size_t(found - ready->nodes.begin())] = std::make_shared<const Work>(std::move(work));
    return cudaSuccess;
}

/// Null where a kernel cannot be launched so.
Work workOf(const cudaKernelNodeParams &parameters)
{
    const Grid grid{parameters.gridDim, parameters.blockDim, parameters.sharedMemBytes};
    const auto found = known().find(parameters.func);
    return found == known().end() || !mayBeLaunched(grid) ? Work() : workOf(grid, found->second(parameters.func, parameters.kernelParams));
}

Work copyOf(void *to, const void *from, size_t bytes)
{
    return [=] { std::memmove(to, from, bytes); };
}

} // namespace

void refuse(Refused what)
{
    refused = what;
}

void know(void *kernel, Bind bind)
{
    known()[kernel] = bind;
}

cudaError_t refusedInCapture()
{
    for (Capture *capture : captures())
        if (capture->mode == cudaStreamCaptureModeGlobal
            || (capture->mode == cudaStreamCaptureModeThreadLocal && capture->thread == std::this_thread::get_id()))
            return capture->spoil(cudaErrorStreamCaptureUnsupported);
    return cudaSuccess;
}

void Capture::append(Work work)
{
    CudaHostNode node{std::move(work), {}};
    if (!graph->nodes.empty())
        node.behind.push_back(graph->nodes.back());
    graph->nodes.push_back(new CudaHostNode(std::move(node)));
}

cudaError_t Capture::spoil(cudaError_t with)
{
    spoilt = true;
    return with;
}

} // namespace cudahost

using namespace cudahost;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode)
{
    const std::lock_guard lock(mutex);
    if (stream->capture)
        return cudaErrorIllegalState;
    stream->capture = captures().emplace_back(new Capture{new CudaHostGraph, mode, std::this_thread::get_id()});
    return lost;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const std::lock_guard lock(mutex);
    const std::unique_ptr<Capture> capture(std::exchange(stream->capture, nullptr));
    *graph = nullptr;
    if (!capture)
        return cudaErrorIllegalState;
    std::erase(captures(), capture.get());
    if (capture->spoilt) {
        delete capture->graph;
        return cudaErrorStreamCaptureInvalidated;
    }
    *graph = capture->graph;
    return lost;
}

cudaError_t cudaGraphCreate(cudaGraph_t *graph, unsigned)
{
    *graph = new CudaHostGraph;
    return lost;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return cudaSuccess;
}

cudaError_t cudaGraphAddKernelNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count,
                                   const cudaKernelNodeParams *parameters)
{
    const std::lock_guard lock(mutex);
    Work work = workOf(*parameters);
    return work ? add(node, graph, behind, count, {std::move(work), {}, parameters->func}) : cudaErrorInvalidDeviceFunction;
}

cudaError_t cudaGraphAddMemcpyNode1D(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count, void *to, const void *from,
                                     size_t bytes, cudaMemcpyKind)
{
    return add(node, graph, behind, count, {copyOf(to, from, bytes), {}, nullptr, bytes});
}

cudaError_t cudaGraphAddChildGraphNode(cudaGraphNode_t *node, cudaGraph_t graph, const cudaGraphNode_t *behind, size_t count, cudaGraph_t child)
{
    return child->allocates ? cudaErrorNotSupported : add(node, graph, behind, count, {allOf(inOrder(child->nodes, worksOf(child->nodes))), {}});
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *ready, cudaGraph_t graph, unsigned long long)
{
    const std::lock_guard lock(mutex);
    if (refused == Refused::graphs)
        return cudaErrorNotSupported;
    ++made.graphs;
    *ready = new CudaHostGraphExec{graph->nodes, worksOf(graph->nodes)};
    return lost;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready)
{
    delete ready;
    return cudaSuccess;
}

cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t ready, cudaGraphNode_t node, const cudaKernelNodeParams *parameters)
{
    const std::lock_guard lock(mutex);
    Work work = workOf(*parameters);
    return !work || node->kernel != parameters->func ? cudaErrorInvalidDeviceFunction : set(ready, node, std::move(work));
}

cudaError_t cudaGraphExecMemcpyNodeSetParams1D(cudaGraphExec_t ready, cudaGraphNode_t node, void *to, const void *from, size_t bytes, cudaMemcpyKind)
{
    const std::lock_guard lock(mutex);
    return node->bytes != bytes ? cudaErrorInvalidValue : set(ready, node, copyOf(to, from, bytes));
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream)
{
    const std::lock_guard lock(mutex);
    if (lost != cudaSuccess)
        return lost;
    ++made.graphLaunches;
    enqueueWork(stream, failingWhereAsked(allOf(inOrder(ready->nodes, ready->works))));
    return cudaSuccess;
}
