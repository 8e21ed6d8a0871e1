#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

Variable dropout(const Variable &x, DropoutOptions options)
{
    requireFloats("dropout", {&x});
    requireDropoutRate("dropout", options.rate);
    if (options.rate == 0)
        return x;
    Tensor y = like(x);
    backendOf(y).dropout(x.value(), options, y);
    return record("dropout", options, {x}, y, [options](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).dropout(node.grad, options, dx); // the same mask again
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
}

} // namespace pretext
