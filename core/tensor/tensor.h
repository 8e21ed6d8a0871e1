// A tensor: a shape, a type and shared storage on one device. Its bytes are the backend's business (backend/access.h); everything
// above the backend copies to and from the host, always as plain contiguous NHWC.
#pragma once

#include "core/tensor/device.h"
#include "core/tensor/shape.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pretext {

enum class DType : uint8_t { f32, bf16, i32 };

size_t bytesOf(DType type);

struct Storage; // backend/access.h: bytes, device, and a layout that only the backend reads

class Tensor
{
public:
    Tensor() = default; // undefined
    /// Uninitialised memory from the device's caching allocator.
    explicit Tensor(const Shape &shape, DType type = DType::f32, Device device = DeviceScope::current());

    static Tensor full(const Shape &shape, float value, Device device = DeviceScope::current());
    static Tensor zeros(const Shape &shape, Device device = DeviceScope::current()) { return full(shape, 0.f, device); }
    /// Throws std::invalid_argument when the count differs from the shape's size.
    static Tensor fromHost(std::span<const float> values, const Shape &shape, Device device = DeviceScope::current());
    static Tensor fromHost(std::span<const int32_t> values, const Shape &shape, Device device = DeviceScope::current());

    bool defined() const { return m_storage != nullptr; }
    const Shape &shape() const { return m_shape; }
    int64_t size() const { return m_shape.size(); }
    DType type() const { return m_type; }
    Device device() const { return m_device; }
    /// Whether nobody else has its storage, so that it may be written over.
    bool unique() const { return m_storage.use_count() == 1; }

    /// The same storage under another shape of equal size.
    Tensor reshaped(const Shape &shape) const;
    /// Its shape, type and device without its elements; undefined.
    Tensor outline() const;
    /// A deep copy.
    Tensor clone() const;
    void copyFrom(const Tensor &other); // same shape

    /// Plain row-major copies; bf16 widens to float. `item` is the single value of a one-element tensor.
    std::vector<float> toHost() const;
    std::vector<int32_t> toHostInt() const;
    void setFromHost(std::span<const float> values);
    float item() const;

private:
    friend struct BackendAccess;
    static Tensor uploaded(const void *values, const Shape &shape, DType type, Device device);
    std::shared_ptr<Storage> m_storage;
    Shape m_shape;
    DType m_type = DType::f32;
    Device m_device = Device::cpu;
};

} // namespace pretext
