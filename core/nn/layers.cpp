// Initial weights of the layers, and their forwards. The parameters' names are those PyTorch gives them.
#include "core/nn/layers.h"

#include <algorithm>
#include <cmath>

namespace pretext {
namespace {

template<class Draw>
Tensor drawn(const Shape &shape, Draw draw)
{
    std::vector<float> values(shape.size());
    for (float &value : values)
        value = draw();
    return Tensor::fromHost(values, shape);
}

Tensor uniform(const Shape &shape, int fanIn, Random &random)
{
    const float bound = 1.f / std::sqrt(static_cast<float>(fanIn));
    return drawn(shape, [&] { return random.uniform(-bound, bound); });
}

} // namespace

Tensor normalWeights(const Shape &shape, float deviation, Random &random)
{
    return drawn(shape, [&] { return deviation * random.normal(); });
}

Conv2d::Conv2d(int channels, int filters, int kernel, Conv2dOptions options, bool bias, Random &random) : m_options(options)
{
    const float deviation = std::sqrt(2.f / static_cast<float>(filters * kernel * kernel)); // He et al. 2015, fan out
    m_weight = addParameter("weight", drawn({filters, kernel, kernel, channels}, [&] { return deviation * random.normal(); }));
    if (bias)
        m_bias = addParameter("bias", Tensor::zeros({filters}), false);
}

Conv2d::Conv2d(int channels, int filters, int kernel, Conv2dOptions options, Random &random) : m_options(options)
{
    const float deviation = std::sqrt(1.f / static_cast<float>(channels * kernel * kernel));
    m_weight = addParameter("weight", normalWeights({filters, kernel, kernel, channels}, deviation, random));
    m_bias = addParameter("bias", Tensor::zeros({filters}), false);
}

Variable Conv2d::forward(const Variable &x)
{
    return conv2d(x, m_weight, m_bias, m_options);
}

Linear::Linear(int inputs, int outputs, bool bias, Random &random)
{
    m_weight = addParameter("weight", uniform({outputs, inputs}, inputs, random));
    if (bias)
        m_bias = addParameter("bias", uniform({outputs}, inputs, random), false);
}

Linear::Linear(int inputs, int outputs, float deviation, Random &random)
{
    m_weight = addParameter("weight", normalWeights({outputs, inputs}, deviation, random));
    m_bias = addParameter("bias", Tensor::zeros({outputs}), false);
}

Variable Linear::run(const Variable &x, Activation kind, Reader reader)
{
    return linear(x, m_weight, m_biasMask.defined() ? maskGradient(m_bias, m_biasMask) : m_bias, kind, reader);
}

Variable Linear::activated(const Variable &x, Activation kind, Reader reader)
{
    Scope scope(name());
    return run(x, kind, reader);
}

void Linear::fixBias(int begin, int end)
{
    std::vector<float> mask(m_bias.value().size(), 1.f);
    std::fill(mask.begin() + begin, mask.begin() + end, 0.f);
    m_biasMask = Tensor::fromHost(mask, m_bias.shape());
}

BatchNorm::BatchNorm(int channels, Activation activation) : m_activation(activation)
{
    m_gamma = addParameter("weight", Tensor::full({channels}, 1.f), false);
    m_beta = addParameter("bias", Tensor::zeros({channels}), false);
    m_state.runningMean = addBuffer("running_mean", Tensor::zeros({channels}));
    m_state.runningVar = addBuffer("running_var", Tensor::full({channels}, 1.f));
}

Variable BatchNorm::withResidual(const Variable &x, const Variable &residual)
{
    Scope scope(name());
    return normalised(x, residual);
}

Variable BatchNorm::normalised(const Variable &x, const Variable &residual)
{
    return batchNorm(x, m_gamma, m_beta, m_state, {.training = training(), .activation = m_activation}, residual);
}

LayerNorm::LayerNorm(int features, float epsilon, bool bias) : m_options{epsilon}
{
    m_gamma = addParameter("weight", Tensor::full({features}, 1.f), false);
    m_beta = bias ? addParameter("bias", Tensor::zeros({features}), false) : Variable(Tensor::zeros({features}));
}

Variable LayerNorm::forward(const Variable &x)
{
    return layerNorm(x, m_gamma, m_beta, m_options);
}

} // namespace pretext
