// Operations that move values without changing them.
#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <vector>

namespace pretext {

Variable reshape(const Variable &x, const Shape &shape)
{
    requireMap("reshape", {&x});
    return record(
        "reshape", {}, {x}, x.value().reshaped(shape), [](Node &node) { accumulateGrad(node.inputs[0], node.grad.reshaped(node.inputs[0].shape())); },
        kNoInput);
}

Variable flatten(const Variable &x)
{
    requireMap("flatten", {&x});
    if (x.shape().rank() < 2)
        reject("flatten", "x has fewer than 2 axes", x.shape());
    const int64_t rows = x.shape()[0];
    return record(
        "flatten", {}, {x}, x.value().reshaped({rows, rows ? x.value().size() / rows : 0}),
        [](Node &node) { accumulateGrad(node.inputs[0], node.grad.reshaped(node.inputs[0].shape())); }, kNoInput);
}

Variable slice(const Variable &x, int axis, int64_t first, int64_t count)
{
    requireFloats("slice", {&x});
    const SliceOptions options{requireAxis("slice", x.shape(), axis), first};
    if (first < 0 || count < 0 || first + count > x.shape()[options.axis])
        reject("slice", "there are no " + std::to_string(count) + " from " + std::to_string(first) + " on along axis " + std::to_string(options.axis),
               x.shape());
    Tensor y = like(x, x.shape().withAxis(options.axis, count));
    backendOf(y).slice(x.value(), options, y);
    return record(
        "slice", options, {x}, y,
        [options](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).fill(dx, 0.f);
            backendOf(dx).place(node.grad, options, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

namespace {

/// The shape of the parts one behind the other along `axis`.
Shape concatenated(const std::vector<Variable> &parts, int axis)
{
    constexpr size_t kMostParts = 32; // of which the tape can say what it reads
    if (parts.empty() || parts.size() > kMostParts)
        throw std::invalid_argument("[concat] takes 1 .. 32 parts, not " + std::to_string(parts.size()));
    Shape shape = parts.front().shape();
    for (size_t i = 1; i < parts.size(); ++i) {
        requireFloats("concat", {&parts[0], &parts[i]});
        const Shape &part = parts[i].shape();
        if (part.rank() != shape.rank() || part.withAxis(axis, shape[axis]) != shape)
            reject("concat", "parts differ in more than axis " + std::to_string(axis), parts[0].shape(), part);
        shape = shape.withAxis(axis, shape[axis] + part[axis]);
    }
    return shape;
}

} // namespace

Variable concat(const std::vector<Variable> &parts, int along)
{
    if (!parts.empty())
        requireFloats("concat", {&parts.front()});
    const int axis = parts.empty() ? 0 : requireAxis("concat", parts.front().shape(), along);
    const Shape shape = concatenated(parts, axis);
    Tensor y = like(parts.front(), shape);
    SliceOptions options{axis, 0};
    for (const Variable &part : parts) {
        backendOf(y).place(part.value(), options, y);
        options.first += part.shape()[axis];
    }
    return record(
        "concat", SliceOptions{axis, 0}, parts, y,
        [axis](Node &node) {
            SliceOptions options{axis, 0};
            for (const Variable &part : node.inputs) {
                if (part.requiresGrad()) {
                    Tensor gradient = like(part);
                    backendOf(gradient).slice(node.grad, options, gradient);
                    accumulateGrad(part, gradient);
                }
                options.first += part.shape()[axis];
            }
        },
        kNoInput);
}

namespace {

Tensor swapped(const Tensor &x, SwapOptions options)
{
    const Shape &shape = x.shape();
    Tensor y(shape.withAxis(options.axis, shape[options.axis + 1]).withAxis(options.axis + 1, shape[options.axis]), x.type(), x.device());
    backendOf(y).swapAxes(x, options, y);
    return y;
}

} // namespace

Variable swapAxes(const Variable &x, int axis)
{
    requireFloats("swapAxes", {&x});
    const SwapOptions options{requireAxis("swapAxes", x.shape(), axis)};
    if (options.axis + 1 >= x.shape().rank())
        reject("swapAxes", "there is no axis behind axis " + std::to_string(options.axis), x.shape());
    return record(
        "swapAxes", options, {x}, swapped(x.value(), options), [options](Node &node) { accumulateGrad(node.inputs[0], swapped(node.grad, options)); },
        kNoInput);
}

Variable detach(const Variable &x)
{
    return Variable(x.made());
}

} // namespace pretext
