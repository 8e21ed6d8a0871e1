#include "core/ssl/contrast.h"

#include "core/autograd/operations.h"

#include <numeric>
#include <stdexcept>

namespace pretext {

namespace {

/// Rows [first, first + count).
Variable contrastRows(const Variable &x, int64_t first, int64_t count)
{
    std::vector<int32_t> indices(count);
    std::iota(indices.begin(), indices.end(), static_cast<int32_t>(first));
    return gatherRows(x, Tensor::fromHost(indices, Shape{count}));
}

} // namespace

Variable simcseLoss(const Variable &z, float temperature)
{
    const int64_t pairs = z.shape()[0] / 2;
    if (z.shape().rank() != 2 || pairs < 1 || z.shape()[0] != 2 * pairs)
        throw std::invalid_argument("[SimCSE] z is not [2N, D] but " + z.shape().str());
    std::vector<int32_t> own(pairs);
    std::iota(own.begin(), own.end(), 0);
    const Variable cosines = matmul(contrastRows(z, 0, pairs), contrastRows(z, pairs, pairs), false, true);
    return crossEntropy(scale(cosines, 1 / temperature), Tensor::fromHost(own, Shape{pairs}));
}

} // namespace pretext
