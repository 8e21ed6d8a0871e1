// Within CUDA on the host: its streams, and what is captured of them.
#pragma once

#include "tests/cudahost/cudahost.h"

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cudahost {

/// What a device does as a whole, before it does what comes next in its stream.
using Work = std::function<void()>;

} // namespace cudahost

/// A node knows what it does, and behind which others of its graph.
struct CudaHostNode
{
    cudahost::Work work;
    std::vector<CudaHostNode *> behind;
    void *kernel = nullptr; // of those that launch one
    size_t bytes = 0;       // of those that copy
};

struct CudaHostGraph
{
    ~CudaHostGraph();
    std::vector<CudaHostNode *> nodes;
    bool allocates = false; // memory, which no graph in a graph may
};

namespace cudahost {

struct Capture
{
    void append(Work work);
    /// What the stream was asked for cannot be captured, and nothing comes of the whole.
    cudaError_t spoil(cudaError_t with);

    CudaHostGraph *graph;
    cudaStreamCaptureMode mode;
    std::thread::id thread;
    bool spoilt = false;
};

} // namespace cudahost

struct CudaHostStream
{
    std::deque<cudahost::Work> tasks;
    long asked = 0, done = 0;
    cudahost::Capture *capture = nullptr;
};

namespace cudahost {

extern std::recursive_mutex mutex;
extern Calls made;
extern cudaError_t lost;

void enqueueWork(CudaHostStream *stream, Work work);
/// Where loseDevice() asked for it, a launch that fails in its place.
Work failingWhereAsked(Work work);
bool mayBeLaunched(const Grid &grid);
Work workOf(const Grid &grid, std::function<void()> thread);
void runLaunch(const Grid &grid, const std::function<void()> &thread);

/// A kernel that was launched once can be a node: how its arguments are read is known then.
void know(void *kernel, Bind bind);
/// For a call that may not be while this thread captures, but in the relaxed mode.
cudaError_t refusedInCapture();

} // namespace cudahost
