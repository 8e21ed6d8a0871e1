#include "core/backend/cuda/pinned.h"

#include "core/backend/cuda/cache.h"
#include "core/backend/cuda/machine.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace pretext::cuda {

namespace {

void *takePinned(size_t bytes)
{
    void *memory = nullptr;
    if (cudaHostAlloc(&memory, bytes, cudaHostAllocDefault) == cudaSuccess)
        return memory;
    cudaGetLastError();
    return nullptr;
}

void givePinned(void *memory)
{
    cudaFreeHost(memory);
}

Cache &pinnedCache()
{
    static Cache *const cache = new Cache({takePinned, givePinned}); // never destroyed, as the device's
    return *cache;
}

} // namespace

Pinned::Pinned(size_t bytes) : m_data(static_cast<char *>(pinnedCache().take(bytes))), m_bytes(bytes)
{
    if (!m_data)
        throw std::runtime_error("[copy] the system gives no " + std::to_string((bytes >> 20) + 1)
                                 + " MB of memory that the device can read and write by itself; choose a smaller batch, or raise the limit (ulimit -l)");
}

Pinned::~Pinned()
{
    if (m_data)
        pinnedCache().give(m_data, m_bytes);
}

Pinned::Pinned(Pinned &&other) noexcept : m_data(std::exchange(other.m_data, nullptr)), m_bytes(other.m_bytes)
{
}

Pinned &Pinned::operator=(Pinned &&other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_bytes, other.m_bytes);
    return *this;
}

void giveBackPinned()
{
    pinnedCache().giveBack();
}

} // namespace pretext::cuda
