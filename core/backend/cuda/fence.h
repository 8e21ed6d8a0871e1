// Points in the work of a stream, by which the two streams are put in order and the host knows what is done.
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <type_traits>

namespace pretext::cuda {

class Fence
{
public:
    Fence() = default; // behind nothing
    /// Behind all that the stream was asked for so far. Its event is used again, so that a step makes none.
    static Fence behind(cudaStream_t stream);

    /// Whether all before it is done; does not wait. Throws where the device failed, as the others do.
    bool passed() const;
    /// The same, or the device failed, which uses nothing any more.
    bool over() const noexcept;
    /// The host waits.
    void wait() const;
    /// What the stream is asked for from now on waits.
    void hold(cudaStream_t stream) const;

private:
    std::shared_ptr<std::remove_pointer_t<cudaEvent_t>> m_event;
};

} // namespace pretext::cuda
