#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

namespace {

Shape convolvedShape(const Shape &x, const Shape &w, const Conv2dOptions &options)
{
    requireRank("conv2d", "x", x, 4);
    requireRank("conv2d", "the weight", w, 4);
    if (w[1] != w[2])
        reject("conv2d", "the weight is not square", x, w);
    if (x[3] != w[3])
        reject("conv2d", "x and the weight differ in channels", x, w);
    if (options.stride < 1 || options.padding < 0)
        reject("conv2d", "stride " + std::to_string(options.stride) + " and padding " + std::to_string(options.padding) + " do not fit", x, w);
    const int64_t height = x[1] + 2 * options.padding - w[1], width = x[2] + 2 * options.padding - w[2];
    if (height < 0 || width < 0)
        reject("conv2d", "the weight is larger than the padded image", x, w);
    return {x[0], height / options.stride + 1, width / options.stride + 1, w[0]};
}

} // namespace

Variable conv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options)
{
    requireFloats("conv2d", {&x, &weight});
    Tensor y = like(x, convolvedShape(x.shape(), weight.shape(), options));
    std::vector<Variable> inputs{x, weight};
    if (bias.defined()) {
        requireFloats("conv2d", {&x, &bias});
        if (bias.shape() != Shape{weight.shape()[0]})
            reject("conv2d", "the bias does not fit the weight", bias.shape(), weight.shape());
        inputs.push_back(bias);
    }
    backendOf(y).conv2d(x.value(), weight.value(), bias.defined() ? bias.value() : Tensor(), options, y);
    return record("conv2d", options, std::move(inputs), y, [options](Node &node) {
        const Variable &x = node.inputs[0], &weight = node.inputs[1];
        const Backend &device = backendOf(node.grad);
        const bool biased = node.inputs.size() > 2 && node.inputs[2].requiresGrad();
        if (weight.requiresGrad() || biased) {
            Tensor dw = like(weight), dbias = biased ? like(node.inputs[2]) : Tensor();
            device.conv2dBackwardWeight(node.lastValue(0), node.grad, options, dw, dbias);
            accumulateGrad(weight, dw);
            if (biased)
                accumulateGrad(node.inputs[2], dbias);
        }
        if (x.requiresGrad()) {
            Tensor dx = like(x);
            device.conv2dBackwardData(node.grad, weight.value(), options, dx);
            accumulateGrad(x, dx);
        }
    });
}

} // namespace pretext
