#include "core/tensor/readback.h"

#include "core/backend/backend.h"

#include <algorithm>
#include <utility>

namespace pretext {

bool readingWaits(const Tensor &x)
{
    return backendOf(x).copyToHost != nullptr;
}

Readback::Readback(const std::vector<Tensor> &tensors)
{
    const bool together = !tensors.empty() && std::ranges::all_of(tensors, readingWaits);
    if (together)
        m_copy = backendOf(tensors.front()).copyToHost(tensors);
    else
        for (const Tensor &tensor : tensors)
            m_values.push_back(tensor.toHost());
}

std::vector<std::vector<float>> Readback::take()
{
    return m_copy ? std::exchange(m_copy, nullptr)->values() : std::move(m_values);
}

} // namespace pretext
