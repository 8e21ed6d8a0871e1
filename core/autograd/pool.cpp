#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

namespace {

Shape pooledShape(const char *operation, const Shape &x, const PoolOptions &options)
{
    requireRank(operation, "x", x, 4);
    const std::string settings = "kernel " + std::to_string(options.kernel) + ", stride " + std::to_string(options.stride) + ", padding "
                                 + std::to_string(options.padding);
    if (options.kernel < 1 || options.stride < 1 || options.padding < 0 || 2 * options.padding > options.kernel)
        reject(operation, settings + " do not make a window", x);
    const int64_t height = x[1] + 2 * options.padding - options.kernel, width = x[2] + 2 * options.padding - options.kernel;
    if (height < 0 || width < 0)
        reject(operation, settings + ": the window is larger than the padded image", x);
    return {x[0], height / options.stride + 1, width / options.stride + 1, x[3]};
}

} // namespace

Variable maxPool(const Variable &x, PoolOptions options)
{
    requireFloats("maxPool", {&x});
    const Shape shape = pooledShape("maxPool", x.shape(), options);
    Tensor y = like(x, shape), argmax(shape, DType::i32, x.value().device());
    backendOf(y).maxPool(x.value(), options, y, argmax);
    return record("maxPool", options, {x}, y, [options, argmax](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).maxPoolBackward(node.grad, argmax, options, dx);
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
}

Variable avgPool(const Variable &x, PoolOptions options)
{
    requireMap("avgPool", {&x});
    requireRank("avgPool", "x", x.shape(), 4);
    if (options.kernel == 0 && x.shape()[1] * x.shape()[2] == 0)
        reject("avgPool", "x has no pixels", x.shape());
    Tensor y = like(x, options.kernel == 0 ? Shape{x.shape()[0], x.shape()[3]} : pooledShape("avgPool", x.shape(), options));
    backendOf(y).avgPool(x.value(), options, y);
    return record("avgPool", options, {x}, y, [options](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).avgPoolBackward(node.grad, options, dx);
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
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
    return record("meanRows", {}, {x}, y, [lengths](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).meanRowsBackward(node.grad, lengths, dx);
        accumulateGrad(node.inputs[0], dx);
    }, kNoInput);
}

} // namespace pretext
