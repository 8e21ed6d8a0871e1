// The way between the host and the device: through pinned memory, which the device reads and writes by itself, in pieces, so that the host's copy
// of one runs beside the device's of another.
#pragma once

#include <cuda_runtime.h>

#include <array>
#include <cstddef>
#include <mutex>

namespace pretext::cuda {

class Staging
{
public:
    /// Returns when `from` may be changed again; the device has it in the order of its stream.
    void upload(const void *from, void *to, size_t bytes);
    /// Returns when `to` is there.
    void download(const void *from, void *to, size_t bytes);

private:
    struct Half
    {
        char *memory = nullptr;
        cudaEvent_t done{};
    };
    Half &half(size_t which);

    std::mutex m_mutex;
    std::array<Half, 2> m_halves;
};

} // namespace pretext::cuda
