// How each operation of a fixture is run: its name in the file, the call, and what it may differ by.
#pragma once

#include "core/backend/backend.h"
#include "core/ssl/contrast.h"
#include "core/tensor/arithmetic.h"
#include "tests/golden/goldencase.h"

#include <functional>

namespace golden {

struct Runner
{
    std::function<void(GoldenCase &)> run;
    double tolerance = 1e-5;
};

inline Activation activationKind(GoldenCase &c, const std::string &name, const std::string &fallback)
{
    const std::string kind = c.option<std::string>(name, fallback);
    std::string names;
    for (int i = 0; i <= int(Unary::abs); ++i) {
        if (kind == nameOf(Unary(i)))
            return Unary(i);
        names += std::string(i ? ", " : "") + nameOf(Unary(i));
    }
    c.fail("there is no function \"" + kind + "\"; there are " + names);
}

/// One number for both directions, or [rows, columns].
inline Extent2 extentOption(GoldenCase &c, const std::string &name, Extent2 fallback)
{
    const auto given = c.option<nlohmann::json>(name, nlohmann::json{fallback.y, fallback.x});
    if (given.is_number_integer())
        return given.get<int>();
    if (!given.is_array() || given.size() != 2 || !given[0].is_number_integer() || !given[1].is_number_integer())
        c.fail("option \"" + name + "\" is neither a whole number nor two of them: " + given.dump());
    return {given[0].get<int>(), given[1].get<int>()};
}

inline PoolOptions poolOptions(GoldenCase &c)
{
    const PoolOptions defaults;
    return {extentOption(c, "kernel", defaults.kernel), extentOption(c, "stride", defaults.stride), extentOption(c, "padding", defaults.padding)};
}

inline Conv2dOptions convolutionOptions(GoldenCase &c)
{
    return {extentOption(c, "stride", 1), extentOption(c, "padding", 0)};
}

inline void runBatchNorm(GoldenCase &c)
{
    BatchNormOptions options;
    options.training = c.option<bool>("training", options.training);
    options.epsilon = c.option<float>("epsilon", options.epsilon);
    options.momentum = c.option<float>("momentum", options.momentum);
    options.activation = activationKind(c, "activation", "none");
    BatchNormState state{c.constant("running_mean"), c.constant("running_var")};
    c.differentiate(batchNorm(c.input("x"), c.input("gamma"), c.input("beta"), state, options, c.optionalInput("residual")));
    c.give("output.running_mean", state.runningMean);
    c.give("output.running_var", state.runningVar);
}

inline DropoutOptions dropoutOptions(GoldenCase &c)
{
    return {c.option<float>("dropout", 0.f), {c.option<uint64_t>("seed", 0), c.option<uint32_t>("step", 0), c.option<uint32_t>("site", 0)}};
}

/// The three operands apart, or packed in "qkv", or "q" and "kv".
inline void runAttention(GoldenCase &c)
{
    const AttentionOptions options{c.option<int>("heads"), c.option<bool>("causal", false), dropoutOptions(c)};
    const auto optional = [&](const std::string &name) { return c.has("constant." + name) ? c.constant(name) : Tensor(); };
    const AttentionMask mask{optional("query_lengths"), optional("key_lengths"), optional("prefix_lengths"), optional("allowed")};
    if (c.has("input.qkv")) {
        c.differentiate(selfAttention(c.input("qkv"), options, mask));
        c.give("output.weights", attentionWeights(c.input("qkv"), {}, options, mask));
    } else if (c.has("input.kv")) {
        c.differentiate(crossAttention(c.input("q"), c.input("kv"), options, mask));
        c.give("output.weights", attentionWeights(c.input("q"), c.input("kv"), options, mask));
    } else {
        c.differentiate(attention(c.input("q"), c.input("k"), c.input("v"), options, mask));
        c.give("output.weights", attentionWeights(c.input("q"), c.input("k"), options, mask));
    }
}

inline Shape wishedShape(GoldenCase &c)
{
    return shapeOf(c.option<std::vector<int64_t>>("shape"));
}

/// Operations of autograd, which have a gradient.
inline std::map<std::string, Runner> differentiableRunners()
{
    return {
        {"add", {[](GoldenCase &c) { c.differentiate(add(c.input("a"), c.input("b"))); }}},
        {"addItself", {[](GoldenCase &c) { c.differentiate(add(c.input("a"), c.input("a"))); }}},
        {"multiply", {[](GoldenCase &c) { c.differentiate(multiply(c.input("a"), c.input("b"))); }}},
        {"subtract", {[](GoldenCase &c) { c.differentiate(subtract(c.input("a"), c.input("b"))); }}},
        {"divide", {[](GoldenCase &c) { c.differentiate(divide(c.input("a"), c.input("b"))); }}},
        {"sum", {[](GoldenCase &c) { c.differentiate(sum(c.input("x"), c.option<int>("axis"))); }}},
        {"mean", {[](GoldenCase &c) { c.differentiate(mean(c.input("x"), c.option<int>("axis"))); }}},
        {"max", {[](GoldenCase &c) { c.differentiate(max(c.input("x"), c.option<int>("axis"))); }}},
        {"logSoftmax", {[](GoldenCase &c) { c.differentiate(logSoftmax(c.input("x"))); }}},
        {"scale", {[](GoldenCase &c) { c.differentiate(scale(c.input("x"), c.option<float>("factor"))); }}},
        {"activation", {[](GoldenCase &c) { c.differentiate(unary(c.input("x"), activationKind(c, "kind", "relu"))); }}},
        {"matmul", {[](GoldenCase &c) {
             c.differentiate(matmul(c.input("a"), c.input("b"), c.option<bool>("transposeA", false), c.option<bool>("transposeB", false)));
         }}},
        {"linear",
         {[](GoldenCase &c) { c.differentiate(linear(c.input("x"), c.input("weight"), c.optionalInput("bias"), activationKind(c, "activation", "none"))); }}},
        {"reshape", {[](GoldenCase &c) { c.differentiate(reshape(c.input("x"), wishedShape(c))); }}},
        {"flatten", {[](GoldenCase &c) { c.differentiate(flatten(c.input("x"))); }}},
        {"concat", {[](GoldenCase &c) {
             std::vector<Variable> parts;
             for (const std::string &name : c.inputNames())
                 parts.push_back(c.input(name));
             c.differentiate(concat(parts, c.option<int>("axis")));
         }}},
        {"slice", {[](GoldenCase &c) { c.differentiate(slice(c.input("x"), c.option<int>("axis"), c.option<int64_t>("first"), c.option<int64_t>("count"))); }}},
        {"swapAxes", {[](GoldenCase &c) { c.differentiate(swapAxes(c.input("x"), c.option<int>("axis"))); }}},
        {"conv2d", {[](GoldenCase &c) { c.differentiate(conv2d(c.input("x"), c.input("weight"), c.optionalInput("bias"), convolutionOptions(c))); }}},
        {"conv1d", {[](GoldenCase &c) {
             c.differentiate(conv1d(c.input("x"), c.input("weight"), c.optionalInput("bias"), c.option<int>("stride", 1), c.option<int>("padding", 0)));
         }}},
        {"transposedConv2d",
         {[](GoldenCase &c) { c.differentiate(transposedConv2d(c.input("x"), c.input("weight"), c.optionalInput("bias"), convolutionOptions(c))); }}},
        {"upsample", {[](GoldenCase &c) { c.differentiate(upsample(c.input("x"), extentOption(c, "factor", 2))); }}},
        {"repeat", {[](GoldenCase &c) { c.differentiate(repeat(c.input("x"), c.option<int>("axis"), c.option<int64_t>("count"))); }}},
        {"batchNorm", {runBatchNorm}},
        {"layerNorm", {[](GoldenCase &c) {
             c.differentiate(layerNorm(c.input("x"), c.input("gamma"), c.input("beta"), {c.option<float>("epsilon", LayerNormOptions().epsilon)}));
         }}},
        {"normalize", {[](GoldenCase &c) { c.differentiate(normalize(c.input("x"), {c.option<float>("epsilon", NormalizeOptions().epsilon)})); }}},
        {"maxPool", {[](GoldenCase &c) { c.differentiate(maxPool(c.input("x"), poolOptions(c))); }}},
        {"avgPool", {[](GoldenCase &c) { c.differentiate(avgPool(c.input("x"), poolOptions(c))); }}},
        {"meanRows", {[](GoldenCase &c) { c.differentiate(meanRows(c.input("x"), c.constant("lengths"))); }}},
        {"softmax", {[](GoldenCase &c) { c.differentiate(softmax(c.input("x"))); }}},
        {"crossEntropy", {[](GoldenCase &c) {
             Tensor rows;
             c.differentiate(crossEntropy(c.input("logits"), c.constant("targets"), &rows));
             c.give("output.rows", rows);
         }}},
        {"embedding", {[](GoldenCase &c) { c.differentiate(embedding(c.input("table"), Variable(c.constant("ids")))); }}},
        {"gatherRows", {[](GoldenCase &c) { c.differentiate(gatherRows(c.input("x"), c.constant("indices"))); }}},
        {"addPositions", {[](GoldenCase &c) { c.differentiate(addPositions(c.input("x"), c.input("table"))); }}},
        {"dropout", {[](GoldenCase &c) { c.differentiate(dropout(c.input("x"), dropoutOptions(c))); }}},
        {"attention", {runAttention}},
        {"meanSquaredError", {[](GoldenCase &c) { c.differentiate(meanSquaredError(c.input("x"), c.input("target"))); }}},
        {"simcse", {[](GoldenCase &c) { c.differentiate(simcseLoss(c.input("z"), c.option<float>("temperature"))); }}},
        {"ntXent", {[](GoldenCase &c) { c.differentiate(ntXent(c.input("z"), c.option<float>("temperature"))); }}},
    };
}

/// Runs one kernel of the backend on x and a y of this shape, and gives y.
template<class Call>
void runKernel(GoldenCase &c, const Shape &shape, Call call)
{
    Tensor y(shape);
    call(backendOf(y), y);
    c.give("output.y", y);
}

/// Entries of the backend's table that have no gradient of their own.
inline std::map<std::string, Runner> kernelRunners()
{
    return {
        {"fill", {[](GoldenCase &c) {
             Tensor y = c.input("y").value();
             backendOf(y).fill(y, c.option<float>("value"));
             c.give("output.y", y);
         }}},
        {"lerp", {[](GoldenCase &c) {
             Tensor y = c.input("y").value();
             lerp(c.input("x").value(), c.option<float>("factor"), y);
             c.give("output.y", y);
         }}},
        {"copy", {[](GoldenCase &c) {
             const Tensor x = c.input("x").value();
             runKernel(c, x.shape(), [&](const Backend &backend, Tensor &y) { backend.copy(x, y); });
         }}},
        {"sumSquares", {[](GoldenCase &c) {
             std::vector<Tensor> tensors;
             for (const std::string &name : c.inputNames())
                 tensors.push_back(c.input(name).value());
             c.give("output.y", sumSquares(tensors));
         }}},
    };
}

} // namespace golden
