#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

namespace {

Shape pooledShape(const char *operation, const Shape &x, const PoolOptions &options)
{
    requireRank(operation, "x", x, 4);
    const Extent2 kernel = options.kernel, stride = options.stride, padding = options.padding;
    const std::string settings = "kernel " + str(kernel) + ", stride " + str(stride) + ", padding " + str(padding);
    const auto windows = [](int kernel, int stride, int padding) { return kernel >= 1 && stride >= 1 && padding >= 0 && 2 * padding <= kernel; };
    if (!windows(kernel.y, stride.y, padding.y) || !windows(kernel.x, stride.x, padding.x))
        reject(operation, settings + " do not make a window", x);
    const int64_t height = x[1] + 2 * padding.y - kernel.y, width = x[2] + 2 * padding.x - kernel.x;
    if (height < 0 || width < 0)
        reject(operation, settings + ": the window is larger than the padded image", x);
    return {x[0], height / stride.y + 1, width / stride.x + 1, x[3]};
}

} // namespace

Variable maxPool(const Variable &x, PoolOptions options)
{
    requireFloats("maxPool", {&x});
    const Shape shape = pooledShape("maxPool", x.shape(), options);
    Tensor y = like(x, shape), argmax(shape, DType::i32, x.value().device());
    backendOf(y).maxPool(x.value(), options, y, argmax);
    return record(
        "maxPool", options, {x}, y,
        [options, argmax](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).maxPoolBackward(node.grad, argmax, options, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable avgPool(const Variable &x, PoolOptions options)
{
    requireMap("avgPool", {&x});
    requireRank("avgPool", "x", x.shape(), 4);
    if (options.kernel == 0 && x.shape()[1] * x.shape()[2] == 0)
        reject("avgPool", "x has no pixels", x.shape());
    Tensor y = like(x, options.kernel == 0 ? Shape{x.shape()[0], x.shape()[3]} : pooledShape("avgPool", x.shape(), options));
    backendOf(y).avgPool(x.value(), options, y);
    return record(
        "avgPool", options, {x}, y,
        [options](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).avgPoolBackward(node.grad, options, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable upsample(const Variable &x, Extent2 factor)
{
    requireFloats("upsample", {&x});
    requireRank("upsample", "x", x.shape(), 4);
    if (factor.y < 1 || factor.x < 1)
        reject("upsample", "the factor " + str(factor) + " is not at least 1", x.shape());
    const Shape &s = x.shape();
    const Variable wide = repeat(reshape(x, {s[0] * s[1] * s[2], 1, s[3]}), 1, factor.x);
    const Variable rows = repeat(reshape(wide, {s[0] * s[1], 1, s[2] * factor.x * s[3]}), 1, factor.y);
    return reshape(rows, {s[0], s[1] * factor.y, s[2] * factor.x, s[3]});
}

Variable meanRows(const Variable &x, const Tensor &lengths)
{
    requireFloats("meanRows", {&x});
    requireRank("meanRows", "x", x.shape(), 3);
    if (!lengths.defined() || lengths.type() != DType::i32)
        throw std::invalid_argument("[meanRows] lengths are not integers");
    if (lengths.shape() != Shape{x.shape()[0]})
        reject("meanRows", "there is not one length for each of x's first axis", x.shape(), lengths.shape());
    Tensor y = like(x, {x.shape()[0], x.shape()[2]});
    backendOf(y).meanRows(x.value(), lengths, y);
    return record(
        "meanRows", {}, {x}, y,
        [lengths](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).meanRowsBackward(node.grad, lengths, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

} // namespace pretext
