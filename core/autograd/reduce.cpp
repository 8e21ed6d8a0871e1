// Sums, means and largest values along an axis, which stays with extent 1; and what is made of them.
#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

namespace {

Variable reduced(const char *operation, const Variable &x, Reduction kind, int along)
{
    requireFloats(operation, {&x});
    const ReduceOptions options{kind, requireAxis(operation, x.shape(), along)};
    if (kind != Reduction::sum && x.shape()[options.axis] == 0)
        reject(operation, "axis " + std::to_string(options.axis) + " is empty", x.shape());
    Tensor y = like(x, x.shape().withAxis(options.axis, 1)), argmax;
    if (kind == Reduction::max)
        argmax = Tensor(y.shape(), DType::i32, x.device());
    backendOf(y).reduce(x.value(), options, y, argmax);
    return record(
        operation, options, {x}, y,
        [options, argmax](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).reduceBackward(node.grad, argmax, options, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable flat(const char *operation, const Variable &x)
{
    requireFloats(operation, {&x});
    return reshape(x, {x.shape().size()});
}

} // namespace

Variable sum(const Variable &x, int axis)
{
    return reduced("sum", x, Reduction::sum, axis);
}
Variable sum(const Variable &x)
{
    return sum(flat("sum", x), 0);
}
Variable mean(const Variable &x, int axis)
{
    return reduced("mean", x, Reduction::mean, axis);
}
Variable mean(const Variable &x)
{
    return mean(flat("mean", x), 0);
}
Variable max(const Variable &x, int axis)
{
    return reduced("max", x, Reduction::max, axis);
}

/// The gradient of a sum, forwards.
Variable repeat(const Variable &x, int along, int64_t count)
{
    requireFloats("repeat", {&x});
    const ReduceOptions options{Reduction::sum, requireAxis("repeat", x.shape(), along)};
    if (x.shape()[options.axis] != 1 || count < 0)
        reject("repeat", "axis " + std::to_string(options.axis) + " is not 1, to be repeated " + std::to_string(count) + " times", x.shape());
    Tensor y = like(x, x.shape().withAxis(options.axis, count));
    backendOf(y).reduceBackward(x.value(), {}, options, y);
    return record(
        "repeat", options, {x}, y,
        [options](Node &node) {
            Tensor dx = like(node.inputs[0]), none;
            backendOf(dx).reduce(node.grad, options, dx, none);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

/// Less the largest, which changes no difference and keeps the exponentials finite.
Variable logSoftmax(const Variable &x)
{
    const Variable below = subtract(x, detach(max(x, -1)));
    return subtract(below, log(sum(exp(below), -1)));
}

} // namespace pretext
