// For backends only: the bytes behind a tensor.
#pragma once

#include "core/tensor/tensor.h"

namespace pretext {

struct Storage
{
    Storage(size_t bytes, Device device, bool forUpload = false);
    ~Storage();
    Storage(const Storage &) = delete;
    Storage &operator=(const Storage &) = delete;

    void *data;
    size_t bytes;
    Device device;
    std::shared_ptr<void> layout; // opaque: read and written by the backend alone; null means plain row-major
};

struct BackendAccess
{
    static Storage &storage(const Tensor &x) { return *x.m_storage; }
};

inline float *f32(const Tensor &x)
{
    return static_cast<float *>(BackendAccess::storage(x).data);
}
inline uint16_t *bf16(const Tensor &x)
{
    return static_cast<uint16_t *>(BackendAccess::storage(x).data);
}
inline int32_t *i32(const Tensor &x)
{
    return static_cast<int32_t *>(BackendAccess::storage(x).data);
}

} // namespace pretext
