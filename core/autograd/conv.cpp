#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <algorithm>

namespace pretext {

namespace {

void requireConvolution(const char *operation, const Shape &x, const Shape &w, int64_t channels, const Conv2dOptions &options)
{
    requireRank(operation, "x", x, 4);
    requireRank(operation, "the weight", w, 4);
    if (x[3] != channels)
        reject(operation, "x and the weight differ in channels", x, w);
    if (std::min(options.stride.y, options.stride.x) < 1 || std::min(options.padding.y, options.padding.x) < 0)
        reject(operation, "stride " + str(options.stride) + " and padding " + str(options.padding) + " do not fit", x, w);
}

Shape convolvedShape(const Shape &x, const Shape &w, const Conv2dOptions &options)
{
    requireConvolution("conv2d", x, w, w.rank() == 4 ? w[3] : 0, options);
    const int64_t height = x[1] + 2 * options.padding.y - w[1], width = x[2] + 2 * options.padding.x - w[2];
    if (height < 0 || width < 0)
        reject("conv2d", "the weight is larger than the padded image", x, w);
    return {x[0], height / options.stride.y + 1, width / options.stride.x + 1, w[0]};
}

void requireBias(const char *operation, const Variable &x, const Variable &bias, const Shape &w, int64_t filters)
{
    requireMap(operation, {&x, &bias});
    if (bias.shape() != Shape{filters})
        reject(operation, "the bias does not fit the weight", bias.shape(), w);
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
        requireBias("conv2d", x, bias, weight.shape(), weight.shape().rank() ? weight.shape()[0] : 0);
        inputs.push_back(bias);
    }
    options.precision = Autocast::precision();
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

/// As images of one row.
Variable conv1d(const Variable &x, const Variable &weight, const Variable &bias, int stride, int padding)
{
    requireMap("conv1d", {&x, &weight});
    requireRank("conv1d", "x", x.shape(), 3);
    requireRank("conv1d", "the weight", weight.shape(), 3);
    const Shape &s = x.shape(), &w = weight.shape();
    const Variable y = conv2d(reshape(x, {s[0], 1, s[1], s[2]}), reshape(weight, {w[0], 1, w[1], w[2]}), bias, {{1, stride}, {0, padding}});
    return reshape(y, {y.shape()[0], y.shape()[2], y.shape()[3]});
}

/// What a convolution does to a gradient, so that its own gradients are that convolution.
Variable transposedConv2d(const Variable &x, const Variable &weight, const Variable &bias, Conv2dOptions options)
{
    requireFloats("transposedConv2d", {&x, &weight});
    const Shape &s = x.shape(), &w = weight.shape();
    requireConvolution("transposedConv2d", s, w, w.rank() == 4 ? w[0] : 0, options);
    const Shape shape{s[0], (s[1] - 1) * options.stride.y + w[1] - 2 * options.padding.y, (s[2] - 1) * options.stride.x + w[2] - 2 * options.padding.x, w[3]};
    if (shape[1] < 1 || shape[2] < 1)
        reject("transposedConv2d", "padding " + str(options.padding) + " leaves nothing", s, w);
    Tensor y = like(x, shape);
    backendOf(y).conv2dBackwardData(x.value(), weight.value(), options, y);
    const Variable result = record("transposedConv2d", options, {x, weight}, y, [options](Node &node) {
        const Variable &x = node.inputs[0], &weight = node.inputs[1];
        if (weight.requiresGrad()) {
            Tensor dw = like(weight), none;
            backendOf(dw).conv2dBackwardWeight(node.grad, x.value(), options, dw, none);
            accumulateGrad(weight, dw);
        }
        if (x.requiresGrad()) {
            Tensor dx = like(x);
            backendOf(dx).conv2d(node.grad, weight.value(), {}, options, dx);
            accumulateGrad(x, dx);
        }
    });
    if (!bias.defined())
        return result;
    requireBias("transposedConv2d", x, bias, w, w[3]);
    return add(result, bias);
}

} // namespace pretext
