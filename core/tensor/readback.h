// Values on their way from the device to the host, for which nobody waits before they are wanted.
#pragma once

#include "core/tensor/tensor.h"

#include <memory>
#include <vector>

namespace pretext {

/// Of a backend whose operations return before they are done: copies of tensors as they are when it is made, whatever becomes of them then.
class HostCopy
{
public:
    virtual ~HostCopy() = default;
    virtual bool there() = 0;                             // does not wait
    virtual std::vector<std::vector<float>> values() = 0; // waits; throws what went wrong on the device meanwhile
};

/// Of each tensor its values as they are when this is made, row-major; other types widen to float. On a device whose operations are done when they return
/// they are there at once.
class Readback
{
public:
    Readback() = default; // of nothing
    explicit Readback(const std::vector<Tensor> &tensors);

    bool there() const { return !m_copy || m_copy->there(); }
    /// Waits for what is not there yet; to be called once.
    std::vector<std::vector<float>> take();

private:
    std::vector<std::vector<float>> m_values;
    std::unique_ptr<HostCopy> m_copy;
};

/// Whether reading a tensor's values waits for what the device has to do, so that a step had better read once.
bool readingWaits(const Tensor &x);

} // namespace pretext
