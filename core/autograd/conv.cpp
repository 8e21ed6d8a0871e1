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

/// Of a picture's few channels it takes little longer than writing its result.
bool isCheap(const Variable &x, const Shape &w)
{
    constexpr int64_t kFewProducts = 32; // for each element
    return !x.requiresGrad() && w[1] * w[2] * w[3] <= kFewProducts;
}

Tensor convolved(const Variable &x, const Variable &weight, const Variable &bias, const Conv2dOptions &options, DType type)
{
    Tensor y(convolvedShape(x.shape(), weight.shape(), options), type, x.device());
    backendOf(y).conv2d(x.made(), weight.value(), bias.defined() ? bias.value() : Tensor(), options, y);
    return y;
}

/// What a convolution of x gives.
DType mapType(const Variable &x)
{
    const bool narrow = Autocast::precision() == Precision::bf16 && backend(x.device()).narrowMaps;
    return narrow ? DType::bf16 : x.type();
}

} // namespace

Variable conv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options)
{
    requireMap("conv2d", {&x, &weight});
    std::vector<Variable> inputs{x, weight};
    if (bias.defined()) {
        requireMap("conv2d", {&x, &bias});
        if (bias.shape() != Shape{weight.shape()[0]})
            reject("conv2d", "the bias does not fit the weight", bias.shape(), weight.shape());
        inputs.push_back(bias);
    }
    const DType type = mapType(x);
    const Tensor y = convolved(x, weight, bias, options, type);
    std::function<Tensor(const Node &)> again;
    if (isCheap(x, weight.shape()) && type != DType::bf16)
        again = [options, type](const Node &node) {
            return convolved(node.inputs[0], node.inputs[1], node.inputs.size() > 2 ? node.inputs[2] : Variable(), options, type);
        };
    const auto gradient = [options](Node &node) {
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
    };
    return record("conv2d", options, std::move(inputs), y, gradient, kEveryInput, again);
}

} // namespace pretext
