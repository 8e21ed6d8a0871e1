#include "core/ssl/contrast.h"

#include "core/autograd/operations.h"

#include <numeric>
#include <stdexcept>

namespace pretext {

Variable simcseLoss(const Variable &z, float temperature)
{
    const int64_t pairs = z.shape()[0] / 2;
    if (z.shape().rank() != 2 || pairs < 1 || z.shape()[0] != 2 * pairs)
        throw std::invalid_argument("[SimCSE] z is not [2N, D] but " + z.shape().str());
    std::vector<int32_t> own(pairs);
    std::iota(own.begin(), own.end(), 0);
    const Variable cosines = matmul(sliceRows(z, 0, pairs), sliceRows(z, pairs, pairs), false, true);
    return crossEntropy(scale(cosines, 1 / temperature), Tensor::fromHost(own, Shape{pairs}));
}

} // namespace pretext
