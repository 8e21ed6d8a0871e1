// A tensor's numbers for kernels, which compute in floats, whether they are kept as such or as bfloat16. What they are is asked at each access: the same
// branch for all threads, which costs nothing beside the access, and a kernel is compiled once.
#pragma once

#include "core/backend/access.h"
#include "core/backend/cuda/launch.h"

namespace pretext::cuda {

__device__ inline float widened(uint16_t half)
{
    return __uint_as_float(uint32_t(half) << 16);
}

/// To the nearest, of two as near to the even one; a NaN stays one.
__device__ inline uint16_t narrowed(float x)
{
    const uint32_t bits = __float_as_uint(x);
    return uint16_t((x == x ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000) >> 16);
}

__device__ inline float rounded(float x)
{
    return widened(narrowed(x));
}

inline void *bytesBehind(const Tensor &x)
{
    return x.defined() ? BackendAccess::storage(x).data : nullptr;
}

/// A tensor of floats or bfloat16; one that is undefined is false.
struct In
{
    In() = default;
    In(const Tensor &x) : data(bytesBehind(x)), narrow(x.type() == DType::bf16) {}
    __device__ float operator[](int64_t i) const { return narrow ? widened(static_cast<const uint16_t *>(data)[i]) : static_cast<const float *>(data)[i]; }
    __host__ __device__ explicit operator bool() const { return data != nullptr; }
    const void *data = nullptr;
    bool narrow = false;
};

struct Out
{
    Out() = default;
    Out(const Tensor &x) : data(bytesBehind(x)), narrow(x.type() == DType::bf16) {}
    __device__ float operator[](int64_t i) const { return narrow ? widened(static_cast<uint16_t *>(data)[i]) : static_cast<float *>(data)[i]; }
    __device__ void put(int64_t i, float value) const
    {
        if (narrow)
            static_cast<uint16_t *>(data)[i] = narrowed(value);
        else
            static_cast<float *>(data)[i] = value;
    }
    __host__ __device__ explicit operator bool() const { return data != nullptr; }
    void *data = nullptr;
    bool narrow = false;
};

/// Tells of a number that an operation cannot be done with; the first that tells is heard.
__device__ inline void report(Trouble *to, Trouble::Kind kind, long long place, int value, int64_t limit)
{
    if (atomicCAS(&to->kind, int(Trouble::none), int(kind)) != int(Trouble::none))
        return;
    to->place = place;
    to->value = value;
    to->limit = int(limit);
}

/// The integers of a tensor; null where it is undefined.
inline int32_t *ints(const Tensor &x)
{
    return static_cast<int32_t *>(bytesBehind(x));
}

} // namespace pretext::cuda
