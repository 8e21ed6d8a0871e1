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
    const auto gradient = [options](Node &node) {
        const Tensor dy = node.takeGrad();
        Tensor dx = over(dy);
        backendOf(dx).dropout(dy, options, dx); // the same mask again
        accumulateGrad(node.inputs[0], dx);
    };
    if (!x.node()->remake) // what it was made of would have to be kept for that alone
        return record("dropout", options, {x}, y, gradient, kNoInput);
    return record("dropout", options, {x}, y, gradient, kEveryInput, [options](const Node &node) {
        const Tensor x = node.inputs[0].made();
        Tensor y = over(x);
        backendOf(y).dropout(x, options, y);
        return y;
    });
}

} // namespace pretext
