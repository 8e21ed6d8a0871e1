// Tensors as another type, for kernels that take one alone.
#pragma once

#include "core/backend/cpu/cpu.h"

namespace pretext::cpu {

/// x as this type; undefined where x is.
inline Tensor as(DType type, const Tensor &x)
{
    if (!x.defined() || x.type() == type)
        return x;
    Tensor y(x.shape(), type);
    copy(x, y);
    return y;
}

/// Runs body(tensor) with memory of this type that becomes y: its own, or some that is copied there afterwards.
template<class Body>
void writeAs(DType type, Tensor &y, Body &&body)
{
    Tensor written = !y.defined() || y.type() == type ? y : Tensor(y.shape(), type);
    body(written);
    if (y.defined() && y.type() != type)
        copy(written, y);
}

} // namespace pretext::cpu
