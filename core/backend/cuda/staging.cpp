#include "core/backend/cuda/staging.h"

#include "core/backend/cuda/machine.h"

#include <algorithm>
#include <cstring>

namespace pretext::cuda {

namespace {

constexpr size_t kHalf = size_t(4) << 20;

}

Staging::Half &Staging::half(size_t which)
{
    Half &half = m_halves[which % m_halves.size()];
    if (!half.memory) {
        void *memory = nullptr;
        require(cudaHostAlloc(&memory, kHalf, cudaHostAllocDefault));
        half.memory = static_cast<char *>(memory);
        require(cudaEventCreateWithFlags(&half.done, cudaEventDisableTiming));
    }
    return half;
}

void Staging::upload(const void *from, void *to, size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    for (size_t at = 0; at < bytes; at += kHalf) {
        Half &next = half(at / kHalf);
        const size_t count = std::min(kHalf, bytes - at);
        require(cudaEventSynchronize(next.done)); // what it held before has left
        std::memcpy(next.memory, static_cast<const char *>(from) + at, count);
        require(cudaMemcpyAsync(static_cast<char *>(to) + at, next.memory, count, cudaMemcpyHostToDevice, stream()));
        require(cudaEventRecord(next.done, stream()));
    }
}

void Staging::download(const void *from, void *to, size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    const auto ask = [&](size_t at) {
        Half &next = half(at / kHalf);
        require(cudaMemcpyAsync(next.memory, static_cast<const char *>(from) + at, std::min(kHalf, bytes - at), cudaMemcpyDeviceToHost, stream()));
        require(cudaEventRecord(next.done, stream()));
    };
    if (bytes > 0)
        ask(0);
    for (size_t at = 0; at < bytes; at += kHalf) {
        if (at + kHalf < bytes)
            ask(at + kHalf);
        Half &ready = half(at / kHalf);
        require(cudaEventSynchronize(ready.done));
        std::memcpy(static_cast<char *>(to) + at, ready.memory, std::min(kHalf, bytes - at));
    }
}

} // namespace pretext::cuda
