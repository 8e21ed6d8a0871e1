// The way between the host and the device: through pinned memory, in pieces, so that the host's copy of one runs beside the device's of another.
#pragma once

#include "core/backend/cuda/fence.h"
#include "core/backend/cuda/pinned.h"

#include <cstddef>
#include <deque>
#include <mutex>

namespace pretext::cuda {

class Staging
{
public:
    /// Returns when `from` may be changed again; the device has it in the order of `stream`. The host waits only where very much is on its way.
    void upload(const void *from, void *to, size_t bytes, cudaStream_t stream);
    /// Returns when `to` is there, after all that stream() was asked for.
    void download(const void *from, void *to, size_t bytes);

private:
    struct Piece
    {
        Pinned memory;
        Fence done;
    };
    Pinned room(size_t bytes);

    std::mutex m_mutex; // of uploads
    std::deque<Piece> m_onTheirWay;
    size_t m_bytes = 0; // of those
};

} // namespace pretext::cuda
