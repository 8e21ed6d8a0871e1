// Dropout. Floor: 8 bytes an element; its random numbers, 60 integer operations an element, are as much again on most cards.
#include "core/backend/cuda/dropout.h"

#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

void dropout(const Tensor &x, DropoutOptions options, Tensor &y)
{
    forEach(y.size(), [from = f32(x), to = f32(y), keeper = Keeper(options)] __device__(int64_t i) { to[i] = from[i] * keeper.factor(i); });
}

} // namespace pretext::cuda
