#include "core/backend/cuda/fence.h"

#include "core/backend/cuda/machine.h"

#include <mutex>
#include <vector>

namespace pretext::cuda {

namespace {

struct Events
{
    std::mutex mutex;
    std::vector<cudaEvent_t> spare;
};

Events &events()
{
    static auto *const all = new Events; // never destroyed, as tensors with static storage may be the last to give one back
    return *all;
}

cudaEvent_t takeEvent()
{
    {
        const std::lock_guard lock(events().mutex);
        if (!events().spare.empty()) {
            const cudaEvent_t event = events().spare.back();
            events().spare.pop_back();
            return event;
        }
    }
    cudaEvent_t event{};
    require(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    return event;
}

/// Whoever was told to wait for it keeps to what it stood for then.
void giveEvent(cudaEvent_t event)
{
    const std::lock_guard lock(events().mutex);
    events().spare.push_back(event);
}

} // namespace

Fence Fence::behind(cudaStream_t stream)
{
    Fence fence;
    fence.m_event = {takeEvent(), giveEvent};
    require(cudaEventRecord(fence.m_event.get(), stream));
    return fence;
}

bool Fence::passed() const
{
    if (!m_event)
        return true;
    const cudaError_t result = cudaEventQuery(m_event.get());
    if (result == cudaErrorNotReady) {
        cudaGetLastError(); // it is no error
        return false;
    }
    require(result);
    return true;
}

bool Fence::over() const noexcept
{
    if (!m_event)
        return true;
    const bool over = cudaEventQuery(m_event.get()) != cudaErrorNotReady;
    cudaGetLastError(); // whoever waits for the device next hears of what failed
    return over;
}

void Fence::wait() const
{
    if (m_event)
        require(cudaEventSynchronize(m_event.get()));
}

void Fence::hold(cudaStream_t stream) const
{
    if (m_event)
        require(cudaStreamWaitEvent(stream, m_event.get(), 0));
}

} // namespace pretext::cuda
