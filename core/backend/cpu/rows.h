// Rows of a tensor by vectors, whether they are kept as floats or bfloat16.
#pragma once

#include "core/backend/access.h"
#include "core/backend/cpu/bfloat16.h"

namespace pretext::cpu {

/// Calls body(elements) with x's elements as what they are kept in: floats or bfloat16.
template<class Body>
auto withElements(const Tensor &x, Body &&body)
{
    return x.type() == DType::bf16 ? body(bf16(x)) : body(f32(x));
}

/// The elements of a tensor that is kept as T; null where it is undefined.
template<class T>
T *elements(const Tensor &x)
{
    return x.defined() ? static_cast<T *>(BackendAccess::storage(x).data) : nullptr;
}

/// Where a vector of a row begins, and how much of it there is.
struct Whole
{
    int64_t at;
    static constexpr int64_t count = kLanes;
    auto of(const auto *row) const { return load(row + at); }
    void put(auto *row, auto x) const { store(row + at, x); }
};
struct Part
{
    int64_t at, count;
    auto of(const auto *row) const { return loadPart(row + at, count); }
    void put(auto *row, auto x) const { storePart(row + at, x, count); }
};

/// Calls body(where) for each vector of a row of `size` elements.
template<class Body>
inline void eachVector(int64_t size, Body &&body)
{
    int64_t at = 0;
    for (; at + kLanes <= size; at += kLanes)
        body(Whole{at});
    if (at < size)
        body(Part{at, size - at});
}

} // namespace pretext::cpu
