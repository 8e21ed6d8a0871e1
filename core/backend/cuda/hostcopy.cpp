// Copies to the host that nobody waits for: put together on the device, in the order of its operations, so that what comes after may change the tensors; then
// brought to pinned memory by the other stream, beside what comes after.
#include "core/backend/access.h"
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/fence.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/pinned.h"
#include "core/backend/cuda/stream.h"

#include <cstring>
#include <utility>

namespace pretext::cuda {

namespace {

void *behind(const Tensor &x)
{
    return BackendAccess::storage(x).data;
}

class Leaving : public HostCopy
{
public:
    explicit Leaving(std::span<const Tensor> tensors)
    {
        int64_t count = 0;
        for (const Tensor &tensor : tensors)
            count += m_sizes.emplace_back(tensor.size());
        m_together = Tensor({count}, DType::f32, Device::cuda);
        m_memory = Pinned(size_t(count) * sizeof(float));
        float *to = f32(m_together);
        for (const Tensor &tensor : tensors) {
            append(tensor, to);
            to += tensor.size();
        }
        Fence::behind(stream()).hold(copies());
        require(cudaMemcpyAsync(m_memory.data(), behind(m_together), m_memory.bytes(), cudaMemcpyDeviceToHost, copies()));
        m_done = Fence::behind(copies());
    }

    /// What the copy reads and writes is nobody else's before it is done.
    ~Leaving() override
    {
        try {
            m_done.wait();
        } catch (const std::exception &) {
            return; // the device failed, which whoever waits for it next hears of
        }
    }

    bool there() override { return m_done.passed(); }

    std::vector<std::vector<float>> values() override
    {
        m_done.wait();
        throwTrouble();
        std::vector<std::vector<float>> all;
        const auto *from = reinterpret_cast<const float *>(m_memory.data());
        for (const int64_t size : m_sizes) {
            all.emplace_back(from, from + size);
            from += size;
        }
        return all;
    }

private:
    static void append(const Tensor &x, float *to)
    {
        if (x.size() == 0)
            return;
        if (x.type() == DType::f32)
            return ask(DeviceCopy{to, behind(x), size_t(x.size()) * sizeof(float)});
        Tensor wide(x.shape(), DType::f32, Device::cuda);
        copy(x, wide);
        append(wide, to);
    }

    std::vector<int64_t> m_sizes;
    Tensor m_together;
    Pinned m_memory;
    Fence m_done;
};

} // namespace

std::unique_ptr<HostCopy> copyToHost(std::span<const Tensor> tensors)
{
    return std::make_unique<Leaving>(tensors);
}

} // namespace pretext::cuda
