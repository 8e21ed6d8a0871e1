// Functions of one number. Floor: 8 bytes an element there and 12 back (half with bfloat16), at most some 20 operations; bound by memory.
#include "core/backend/cuda/unary.h"

#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

void unary(const Tensor &x, UnaryOptions options, Tensor &y)
{
    if (options.kind == Unary::none)
        return copy(x, y);
    forEach(y.size(), [from = In(x), to = Out(y), kind = options.kind] __device__(int64_t i) { to.put(i, curveOf(kind, from[i]).value); });
}

void unaryBackward(const Tensor &x, const Tensor &dy, UnaryOptions options, Tensor &dx)
{
    if (options.kind == Unary::none)
        return copy(dy, dx);
    forEach(dx.size(), [from = In(x), d = In(dy), to = Out(dx), kind = options.kind] __device__(int64_t i) { to.put(i, d[i] * curveOf(kind, from[i]).slope); });
}

} // namespace pretext::cuda
