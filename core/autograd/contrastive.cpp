#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <cmath>

namespace pretext {

Variable ntXent(const Variable &z, float temperature, Tensor *nearest)
{
    requireFloats("ntXent", {&z});
    requireRank("ntXent", "z", z.shape(), 2);
    if (z.shape()[0] < 2 || z.shape()[0] % 2 != 0 || z.shape()[1] < 1)
        reject("ntXent", "z has not two rows for each sample", z.shape());
    if (!(temperature > 0.f) || !std::isfinite(temperature))
        throw std::invalid_argument("[ntXent] temperature " + std::to_string(temperature) + " is not above zero");
    const NtXentOptions options{temperature};
    Tensor anchorLoss = like(z, {z.shape()[0]}), nearer = like(z, {z.shape()[0]}), loss = like(z, {1});
    backendOf(loss).ntXent(z.value(), options, anchorLoss, nearer, loss);
    if (nearest)
        *nearest = nearer;
    return record("ntXent", options, {z}, loss, [options, anchorLoss](Node &node) {
        Tensor dz = like(node.inputs[0]);
        backendOf(dz).ntXentBackward(node.inputs[0].value(), anchorLoss, node.grad, options, dz);
        accumulateGrad(node.inputs[0], dz);
    });
}

} // namespace pretext
