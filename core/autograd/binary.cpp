// What takes two numbers, element by element. An axis of one operand that is 1, or that it lacks in front, is repeated, and its gradient is
// the sum over that axis.
#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <algorithm>

namespace pretext {

namespace {

int64_t extentFromEnd(const Shape &shape, int axis)
{
    return axis <= shape.rank() ? shape[-axis] : 1;
}

/// The shape of what both make together.
Shape commonShape(const char *operation, const Shape &a, const Shape &b)
{
    Shape common = a.rank() < b.rank() ? b : a;
    for (int axis = 1; axis <= common.rank(); ++axis) {
        const int64_t left = extentFromEnd(a, axis), right = extentFromEnd(b, axis);
        if (left != right && left != 1 && right != 1)
            reject(operation, "shapes do not fit each other", a, b);
        common = common.withAxis(-axis, left == 1 ? right : left);
    }
    return common;
}

Tensor combined(Binary kind, const Tensor &a, const Tensor &b, const Shape &shape)
{
    Tensor y(shape, a.type(), a.device());
    backendOf(y).binary(a, b, {kind}, y);
    return y;
}

Tensor negative(const Tensor &x)
{
    Tensor y(x.shape(), x.type(), x.device());
    backendOf(y).scale(x, -1.f, y);
    return y;
}

/// The gradient of an operand of this shape, which was repeated to dy's: summed over each run of axes along which it was.
Tensor summedTo(Tensor dy, const Shape &shape)
{
    if (dy.shape() == shape)
        return dy;
    const Shape whole = dy.shape();
    const int rank = whole.rank();
    const auto repeats = [&](int axis) { return extentFromEnd(shape, rank - axis) == 1 && whole[axis] != 1; };
    int64_t outer = 1; // of the axes in front, as far as they are still there
    for (int axis = 0; axis < rank;) {
        int end = axis + 1;
        while (repeats(axis) && end < rank && repeats(end))
            ++end;
        if (repeats(axis)) {
            const Shape seen{outer, whole.size(axis, end), whole.size(end, rank)};
            Tensor sum(seen.withAxis(1, 1), dy.type(), dy.device()), none;
            backendOf(dy).reduce(dy.reshaped(seen), {Reduction::sum, 1}, sum, none);
            dy = std::move(sum);
        } else {
            outer *= whole[axis];
        }
        axis = end;
    }
    return dy.reshaped(shape);
}

Variable recordBinary(const char *operation, Binary kind, const Variable &a, const Variable &b, std::function<void(Node &)> gradient, unsigned read)
{
    requireFloats(operation, {&a, &b});
    const Shape shape = commonShape(operation, a.shape(), b.shape());
    return record(operation, BinaryOptions{kind}, {a, b}, combined(kind, a.value(), b.value(), shape), std::move(gradient), read);
}

} // namespace

Variable add(const Variable &a, const Variable &b)
{
    return recordBinary(
        "add", Binary::add, a, b,
        [](Node &node) {
            for (const Variable &operand : node.inputs)
                if (operand.requiresGrad())
                    accumulateGrad(operand, summedTo(node.grad, operand.shape()));
        },
        kNoInput);
}

Variable add(const Variable &x, float number)
{
    requireFloats("add", {&x});
    return add(x, Variable(Tensor::full({1}, number, x.device())));
}

Variable subtract(const Variable &a, const Variable &b)
{
    return recordBinary(
        "subtract", Binary::subtract, a, b,
        [](Node &node) {
            const Variable &a = node.inputs[0], &b = node.inputs[1];
            if (a.requiresGrad())
                accumulateGrad(a, summedTo(node.grad, a.shape()));
            if (b.requiresGrad())
                accumulateGrad(b, negative(summedTo(node.grad, b.shape())));
        },
        kNoInput);
}

Variable multiply(const Variable &a, const Variable &b)
{
    return recordBinary(
        "multiply", Binary::multiply, a, b,
        [](Node &node) {
            for (size_t side = 0; side < 2; ++side) {
                const Variable &one = node.inputs[side], &other = node.inputs[1 - side];
                if (one.requiresGrad())
                    accumulateGrad(one, summedTo(combined(Binary::multiply, node.grad, other.value(), node.grad.shape()), one.shape()));
            }
        },
        kEveryInput);
}

/// With q = dy / b: da = q, and db = -q a / b.
Variable divide(const Variable &a, const Variable &b)
{
    return recordBinary(
        "divide", Binary::divide, a, b,
        [](Node &node) {
            const Variable &a = node.inputs[0], &b = node.inputs[1];
            const Shape shape = node.grad.shape();
            const Tensor quotient = combined(Binary::divide, node.grad, b.value(), shape);
            if (a.requiresGrad())
                accumulateGrad(a, summedTo(quotient, a.shape()));
            if (!b.requiresGrad())
                return;
            const Tensor product = combined(Binary::multiply, quotient, combined(Binary::divide, a.value(), b.value(), shape), shape);
            accumulateGrad(b, negative(summedTo(product, b.shape())));
        },
        kEveryInput);
}

} // namespace pretext
