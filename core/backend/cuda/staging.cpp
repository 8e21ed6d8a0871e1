#include "core/backend/cuda/staging.h"

#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pretext::cuda {

namespace {

constexpr size_t kPiece = size_t(4) << 20, kMostOnTheirWay = size_t(64) << 20;

}

/// What the device has read is used again.
Pinned Staging::room(size_t bytes)
{
    while (!m_onTheirWay.empty()) {
        Piece &oldest = m_onTheirWay.front();
        if (!oldest.done.passed()) {
            if (m_bytes + bytes <= kMostOnTheirWay)
                break;
            oldest.done.wait();
        }
        m_bytes -= oldest.memory.bytes();
        m_onTheirWay.pop_front();
    }
    return Pinned(bytes);
}

void Staging::upload(const void *from, void *to, size_t bytes, cudaStream_t stream)
{
    const std::lock_guard lock(m_mutex);
    for (size_t at = 0; at < bytes; at += kPiece) {
        const size_t count = std::min(kPiece, bytes - at);
        Pinned memory = room(count);
        std::memcpy(memory.data(), static_cast<const char *>(from) + at, count);
        require(cudaMemcpyAsync(static_cast<char *>(to) + at, memory.data(), count, cudaMemcpyHostToDevice, stream));
        Fence done = Fence::behind(stream);
        m_onTheirWay.push_back({std::move(memory), std::move(done)});
        m_bytes += count;
    }
}

void Staging::download(const void *from, void *to, size_t bytes)
{
    Piece halves[2];
    const auto ask = [&](size_t at) {
        Piece &next = halves[at / kPiece % 2];
        const size_t count = std::min(kPiece, bytes - at);
        if (!next.memory.data())
            next.memory = Pinned(count);
        require(cudaMemcpyAsync(next.memory.data(), static_cast<const char *>(from) + at, count, cudaMemcpyDeviceToHost, stream()));
        next.done = Fence::behind(stream());
    };
    if (bytes > 0)
        ask(0);
    for (size_t at = 0; at < bytes; at += kPiece) {
        if (at + kPiece < bytes)
            ask(at + kPiece);
        const Piece &ready = halves[at / kPiece % 2];
        ready.done.wait();
        std::memcpy(static_cast<char *>(to) + at, ready.memory.data(), std::min(kPiece, bytes - at));
    }
}

} // namespace pretext::cuda
