#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <utility>

namespace pretext {

namespace {

void requirePerChannel(const char *operation, const Shape &x, const Shape &parameter)
{
    if (x.rank() < 2 || x.size() == 0)
        reject(operation, "x has no rows to normalise", x);
    if (parameter != Shape{x[-1]})
        reject(operation, "a parameter does not have one value per channel of x", x, parameter);
}

constexpr unsigned kReadX = 1, kReadGamma = 2, kReadBeta = 4, kReadResidual = 32;

/// `y` is its value, relu's signs, or nothing: what the activation's derivative is had from.
void batchNormGradient(Node &node, const BatchNormOptions &options, const Tensor &y, const Tensor &mean, const Tensor &invStd)
{
    const Tensor dy = node.takeGrad();
    const Variable &x = node.inputs[0], &gamma = node.inputs[1], &beta = node.inputs[2];
    const bool residual = node.inputs.size() > 5 && node.inputs[5].requiresGrad();
    const bool masked = options.activation != Activation::none; // without an activation the residual's gradient is dy itself
    Tensor dgamma = like(gamma), dbeta = like(beta), dresidual = residual && masked ? over(dy) : Tensor(), dx = residual ? like(x) : over(dy);
    backendOf(dx).batchNormBackward(x.value(), y, dy, gamma.value(), mean, invStd, options, dx, dgamma, dbeta, dresidual);
    if (residual)
        accumulateGrad(node.inputs[5], masked ? dresidual : dy);
    accumulateGrad(x, dx);
    accumulateGrad(gamma, dgamma);
    accumulateGrad(beta, dbeta);
}

Tensor batchNormAgain(const Node &node, const BatchNormOptions &options, const Tensor &mean, const Tensor &invStd)
{
    const Tensor residual = node.inputs.size() > 5 ? node.inputs[5].made() : Tensor();
    Tensor y = residual.defined() ? over(residual) : like(node.inputs[0]);
    backendOf(y).batchNormAgain(node.inputs[0].made(), node.inputs[1].value(), node.inputs[2].value(), residual, options, mean, invStd, y);
    return y;
}

/// Whether its derivative can be had from its value; what else there is follows the norm as an operation of its own.
bool servesItsGradient(Activation kind)
{
    return kind == Activation::relu || kind == Activation::tanh || kind == Activation::sigmoid;
}

/// A bit for each element of x [M, C], of 32 rows in a word.
Tensor signsOf(const Shape &x, Device device)
{
    return Tensor({(x.size() / x[-1] + 31) / 32, x[-1]}, DType::i32, device);
}

} // namespace

Variable batchNorm(const Variable &x, const Variable &gamma, const Variable &beta, BatchNormState &state, BatchNormOptions options, const Variable &residual)
{
    if (options.activation != Activation::none && !servesItsGradient(options.activation)) {
        const Activation kind = std::exchange(options.activation, Activation::none);
        return activation(floats(batchNorm(x, gamma, beta, state, options, residual)), kind);
    }
    const Variable runningMean(state.runningMean), runningVar(state.runningVar);
    requireMap("batchNorm", {&x, &gamma, &beta, &runningMean, &runningVar});
    for (const Variable *parameter : {&gamma, &beta, &runningMean, &runningVar})
        requirePerChannel("batchNorm", x.shape(), parameter->shape());
    std::vector<Variable> inputs{x, gamma, beta, runningMean, runningVar};
    if (residual.defined()) {
        requireMap("batchNorm", {&residual, &gamma});
        requireSameShape("batchNorm", x.shape(), residual.shape());
        if (residual.type() != x.type())
            reject("batchNorm", "x and the residual differ in type", x.shape(), residual.shape());
        inputs.push_back(residual);
    }
    const bool rectified = options.activation == Activation::relu, affine = options.activation == Activation::none;
    Tensor y = like(x), mean = like(gamma), invStd = like(gamma);
    Tensor signs = rectified && takesGradient(inputs) ? signsOf(x.shape(), x.device()) : Tensor();
    backendOf(y).batchNorm(x.value(), gamma.value(), beta.value(), residual.defined() ? residual.value() : Tensor(), options, state.runningMean,
                           state.runningVar, mean, invStd, y, signs);
    const Tensor kept = rectified ? signs : affine ? Tensor() : y;
    const auto gradient = [=](Node &node) { batchNormGradient(node, options, kept, mean, invStd); };
    if ((!rectified && !affine) || x.type() == DType::bf16)
        return record("batchNorm", options, std::move(inputs), y, gradient, kReadX | kReadGamma);
    return record("batchNorm", options, std::move(inputs), y, gradient, kReadX | kReadGamma | kReadBeta | kReadResidual,
                  [=](const Node &node) { return batchNormAgain(node, options, mean, invStd); });
}

Variable layerNorm(const Variable &x, const Variable &gamma, const Variable &beta, LayerNormOptions options)
{
    requireFloats("layerNorm", {&x, &gamma, &beta});
    requirePerChannel("layerNorm", x.shape(), gamma.shape());
    requirePerChannel("layerNorm", x.shape(), beta.shape());
    const int64_t rows = x.value().size() / x.shape()[-1];
    Tensor y = like(x), mean = like(x, {rows}), invStd = like(x, {rows});
    backendOf(y).layerNorm(x.value(), gamma.value(), beta.value(), options, mean, invStd, y);
    const auto gradient = [mean, invStd](Node &node) {
        const Variable &x = node.inputs[0], &gamma = node.inputs[1], &beta = node.inputs[2];
        const Tensor dy = node.takeGrad();
        Tensor dx = over(dy), dgamma = like(gamma), dbeta = like(beta);
        backendOf(dx).layerNormBackward(x.value(), dy, gamma.value(), mean, invStd, dx, dgamma, dbeta);
        accumulateGrad(x, dx);
        accumulateGrad(gamma, dgamma);
        accumulateGrad(beta, dbeta);
    };
    const auto again = [options, mean, invStd](const Node &node) {
        Tensor y = like(node.inputs[0]), sameMean = mean, sameInvStd = invStd;
        backendOf(y).layerNorm(node.inputs[0].made(), node.inputs[1].value(), node.inputs[2].value(), options, sameMean, sameInvStd, y);
        return y;
    };
    return record("layerNorm", options, {x, gamma, beta}, y, gradient, kReadX | kReadGamma | kReadBeta, again);
}

Variable normalize(const Variable &x, NormalizeOptions options)
{
    requireFloats("normalize", {&x});
    if (x.shape().rank() < 1 || x.value().size() == 0)
        reject("normalize", "x has no rows", x.shape());
    Tensor y = like(x);
    backendOf(y).normalize(x.value(), options, y);
    return record("normalize", options, {x}, y, [options](Node &node) {
        Tensor dx = like(node.inputs[0]);
        backendOf(dx).normalizeBackward(node.inputs[0].value(), node.grad, options, dx);
        accumulateGrad(node.inputs[0], dx);
    });
}

} // namespace pretext
