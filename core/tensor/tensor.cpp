#include "core/tensor/tensor.h"

#include "core/backend/access.h"
#include "core/backend/backend.h"

#include <stdexcept>

namespace pretext {

size_t bytesOf(DType type)
{
    return type == DType::bf16 ? 2 : 4;
}

Storage::Storage(size_t bytes, Device device, bool forUpload)
    : data(forUpload ? backend(device).allocateForUpload(bytes) : backend(device).allocate(bytes))
    , bytes(bytes)
    , device(device)
{
}

Storage::~Storage()
{
    backend(device).release(data, bytes);
}

namespace {

void requireCount(size_t count, const Shape &shape)
{
    if (int64_t(count) != shape.size())
        throw std::invalid_argument("[tensor] " + std::to_string(count) + " values do not fill the shape " + shape.str());
}

const Tensor &requireDefined(const Tensor &x)
{
    if (!x.defined())
        throw std::invalid_argument("[tensor] is undefined");
    return x;
}

} // namespace

Tensor::Tensor(const Shape &shape, DType type, Device device) : m_shape(shape), m_type(type), m_device(device)
{
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (shape[axis] < 0)
            throw std::invalid_argument("[tensor] negative extent in shape " + shape.str());
    m_storage = std::make_shared<Storage>(size_t(shape.size()) * bytesOf(type), device);
}

Tensor Tensor::full(const Shape &shape, float value, Device device)
{
    Tensor tensor(shape, DType::f32, device);
    backend(device).fill(tensor, value);
    return tensor;
}

Tensor Tensor::uploaded(const void *values, const Shape &shape, DType type, Device device)
{
    const Backend &to = backend(device);
    if (!to.upload) {
        Tensor tensor(shape, type, device);
        to.fromHost(values, tensor);
        return tensor;
    }
    Tensor tensor;
    tensor.m_shape = shape;
    tensor.m_type = type;
    tensor.m_device = device;
    tensor.m_storage = std::make_shared<Storage>(size_t(shape.size()) * bytesOf(type), device, true);
    to.upload(values, tensor);
    return tensor;
}

Tensor Tensor::fromHost(std::span<const float> values, const Shape &shape, Device device)
{
    requireCount(values.size(), shape);
    return uploaded(values.data(), shape, DType::f32, device);
}

Tensor Tensor::fromHost(std::span<const int32_t> values, const Shape &shape, Device device)
{
    requireCount(values.size(), shape);
    return uploaded(values.data(), shape, DType::i32, device);
}

Tensor Tensor::reshaped(const Shape &shape) const
{
    if (shape.size() != size())
        throw std::invalid_argument("[reshape] " + m_shape.str() + " and " + shape.str() + " differ in size");
    Tensor tensor = requireDefined(*this);
    tensor.m_shape = shape;
    return tensor;
}

Tensor Tensor::outline() const
{
    Tensor tensor = *this;
    tensor.m_storage.reset();
    return tensor;
}

Tensor Tensor::clone() const
{
    Tensor tensor(m_shape, m_type, requireDefined(*this).device());
    backendOf(*this).copy(*this, tensor);
    return tensor;
}

void Tensor::copyFrom(const Tensor &other)
{
    if (requireDefined(*this).m_shape != requireDefined(other).m_shape)
        throw std::invalid_argument("[copy] shapes " + other.m_shape.str() + " and " + m_shape.str() + " differ");
    if (device() == other.device())
        backendOf(*this).copy(other, *this);
    else
        setFromHost(other.toHost());
}

std::vector<float> Tensor::toHost() const
{
    if (requireDefined(*this).m_type == DType::f32) {
        std::vector<float> values(static_cast<size_t>(size()));
        backendOf(*this).toHost(*this, values.data());
        return values;
    }
    Tensor wide(m_shape, DType::f32, device());
    backendOf(*this).copy(*this, wide);
    return wide.toHost();
}

std::vector<int32_t> Tensor::toHostInt() const
{
    if (requireDefined(*this).m_type != DType::i32)
        throw std::invalid_argument("[tensor] toHostInt needs a tensor of integers");
    std::vector<int32_t> values(static_cast<size_t>(size()));
    backendOf(*this).toHost(*this, values.data());
    return values;
}

void Tensor::setFromHost(std::span<const float> values)
{
    requireCount(values.size(), requireDefined(*this).m_shape);
    if (m_type == DType::f32)
        backendOf(*this).fromHost(values.data(), *this);
    else
        backendOf(*this).copy(fromHost(values, m_shape, device()), *this);
}

float Tensor::item() const
{
    if (size() != 1)
        throw std::invalid_argument("[tensor] item needs one element, not the shape " + m_shape.str());
    return toHost().front();
}

} // namespace pretext
