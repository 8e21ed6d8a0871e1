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
    return record("floats", {}, {x}, y, [](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).copy(node.grad, dx);
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
}

Variable add(const Variable &a, const Variable &b)
{
    requireFloats("add", {&a, &b});
    requireSameShape("add", a.shape(), b.shape());
    Tensor y = like(a);
    backendOf(y).add(a.value(), b.value(), y);
    return record("add", {}, {a, b}, y, [](Node &node) {
        accumulateGrad(node.inputs[0], node.grad);
        accumulateGrad(node.inputs[1], node.grad);
    }, kNoInput);
}

Variable multiply(const Variable &a, const Variable &b)
{
    requireFloats("multiply", {&a, &b});
    requireSameShape("multiply", a.shape(), b.shape());
    Tensor y = like(a);
    backendOf(y).multiply(a.value(), b.value(), y);
    return record("multiply", {}, {a, b}, y, [](Node &node) {
        for (int side = 0; side < 2; ++side) {
            if (!node.inputs[size_t(side)].requiresGrad())
                continue;
            Tensor gradient = like(node.inputs[0]);
            backendOf(gradient).multiply(node.grad, node.inputs[size_t(1 - side)].value(), gradient);
            accumulateGrad(node.inputs[size_t(side)], gradient);
        }
    });
}

Variable scale(const Variable &x, float factor)
{
    requireFloats("scale", {&x});
    Tensor y = like(x);
    backendOf(y).scale(x.value(), factor, y);
    return record("scale", ScaleOptions{factor}, {x}, y, [factor](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).scale(node.grad, factor, dx);
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
}

Variable maskGradient(const Variable &x, const Tensor &mask)
{
    requireFloats("maskGradient", {&x});
    requireSameShape("maskGradient", x.shape(), mask.shape());
    return record("maskGradient", {}, {x}, x.value(), [mask](Node &node) {
        Tensor gradient = like(node.inputs[0]);
        backendOf(gradient).multiply(node.grad, mask, gradient);
        accumulateGrad(node.inputs[0], gradient);
    }, kNoInput);
}

} // namespace pretext
