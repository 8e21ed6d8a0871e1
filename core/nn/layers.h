// The layers encoders and heads are built of. Weights are drawn from the Random given, in the order of construction, so that a
// seed fixes them: He normal (fan out) for convolutions, uniform +-1/sqrt(fan in) for linear layers, ones and zeros for norms.
#pragma once

#include "core/autograd/operations.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

namespace pretext {

class Conv2d : public Module
{
public:
    Conv2d(int channels, int filters, int kernel, Conv2dOptions options, bool bias, Random &random);
    /// Weights that keep the deviation of what comes in (He et al. 2015, fan in, without a ReLU), and a bias: of a network that ends with an image.
    Conv2d(int channels, int filters, int kernel, Conv2dOptions options, Random &random);

protected:
    Variable forward(const Variable &x) override;

private:
    Variable m_weight, m_bias;
    Conv2dOptions m_options;
};

class Linear : public Module
{
public:
    Linear(int inputs, int outputs, bool bias, Random &random);
    /// As transformers begin: normal weights of this deviation, and a bias of zero.
    Linear(int inputs, int outputs, float deviation, Random &random);
    /// Elements [begin, end) of the bias get a gradient of exactly zero.
    void fixBias(int begin, int end);
    /// The activation of what it gives, in the same pass.
    Variable activated(const Variable &x, Activation kind, Reader reader = Reader::anything);
    /// For products and attention to read.
    Variable factors(const Variable &x) { return activated(x, Activation::none, Reader::product); }

protected:
    Variable forward(const Variable &x) override { return run(x, Activation::none, Reader::anything); }

private:
    Variable run(const Variable &x, Activation kind, Reader reader);
    Variable m_weight, m_bias;
    Tensor m_biasMask; // of its gradient; undefined: all is trained
};

/// Batch norm with the activation, and where called with one, the residual, in the same pass.
class BatchNorm : public Module
{
public:
    BatchNorm(int channels, Activation activation);
    Variable withResidual(const Variable &x, const Variable &residual);

protected:
    Variable forward(const Variable &x) override { return normalised(x, {}); }

private:
    Variable normalised(const Variable &x, const Variable &residual);
    Variable m_gamma, m_beta;
    BatchNormState m_state;
    Activation m_activation;
};

class LayerNorm : public Module
{
public:
    /// Without a bias where a layer that follows has one, or takes it away.
    explicit LayerNorm(int features, float epsilon = LayerNormOptions().epsilon, bool bias = true);

protected:
    Variable forward(const Variable &x) override;

private:
    Variable m_gamma, m_beta;
    LayerNormOptions m_options;
};

/// Values drawn from a normal distribution of mean 0.
Tensor normalWeights(const Shape &shape, float deviation, Random &random);

} // namespace pretext
