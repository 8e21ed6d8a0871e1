#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

Variable floats(const Variable &x)
{
    if (x.type() != DType::bf16)
        return x;
    Tensor y = like(x, x.shape());
    backendOf(y).copy(x.value(), y);
    return record(
        "floats", {}, {x}, y,
        [](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).copy(node.grad, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable scale(const Variable &x, float factor)
{
    requireFloats("scale", {&x});
    Tensor y = like(x);
    backendOf(y).scale(x.value(), factor, y);
    return record(
        "scale", ScaleOptions{factor}, {x}, y,
        [factor](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).scale(node.grad, factor, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable maskGradient(const Variable &x, const Tensor &mask)
{
    requireFloats("maskGradient", {&x});
    requireSameShape("maskGradient", x.shape(), mask.shape());
    return record(
        "maskGradient", {}, {x}, x.value(),
        [mask](Node &node) {
            Tensor gradient = like(node.inputs[0]);
            backendOf(gradient).binary(node.grad, mask, {Binary::multiply}, gradient);
            accumulateGrad(node.inputs[0], gradient);
        },
        kNoInput);
}

} // namespace pretext
