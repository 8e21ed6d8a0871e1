// Operations that move values without changing them.
#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <vector>

namespace pretext {

Variable reshape(const Variable &x, const Shape &shape)
{
    requireMap("reshape", {&x});
    return record("reshape", {}, {x}, x.value().reshaped(shape),
                  [](Node &node) { accumulateGrad(node.inputs[0], node.grad.reshaped(node.inputs[0].shape())); }, kNoInput);
}

Variable flatten(const Variable &x)
{
    requireMap("flatten", {&x});
    if (x.shape().rank() < 2)
        reject("flatten", "x has fewer than 2 axes", x.shape());
    const int64_t rows = x.shape()[0];
    return record("flatten", {}, {x}, x.value().reshaped({rows, rows ? x.value().size() / rows : 0}),
                  [](Node &node) { accumulateGrad(node.inputs[0], node.grad.reshaped(node.inputs[0].shape())); }, kNoInput);
}

Variable concatRows(const Variable &a, const Variable &b)
{
    requireFloats("concatRows", {&a, &b});
    const Shape &left = a.shape(), &right = b.shape();
    bool fits = left.rank() == right.rank() && left.rank() > 0;
    for (int axis = 1; fits && axis < left.rank(); ++axis)
        fits = left[axis] == right[axis];
    if (!fits)
        reject("concatRows", "rows differ in shape", left, right);
    Tensor y = like(a, left.withAxis(0, left[0] + right[0]));
    backendOf(y).concatRows(a.value(), b.value(), y);
    return record("concatRows", {}, {a, b}, y, [](Node &node) {
        int64_t first = 0;
        for (const Variable &input : {node.inputs[0], node.inputs[1]}) {
            if (input.requiresGrad()) {
                Tensor gradient = like(input);
                backendOf(gradient).sliceRows(node.grad, first, gradient);
                accumulateGrad(input, gradient);
            }
            first += input.shape()[0];
        }
    }, kNoInput);
}

} // namespace pretext
