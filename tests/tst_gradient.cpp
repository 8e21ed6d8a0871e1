// Every differentiable operation against finite differences, and every entry of the backend's table against the list of those rows.
//
// The loss is sum r_i y_i with fixed random r, summed in double. Inputs are multiples of 2^-8 and the step is a power of two, so the
// perturbed inputs are exact; the five-point stencil leaves an error of order h^4, far below the tolerance. Inputs of operations
// with a kink stay further from it than the stencil reaches.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/system/threads.h"
#include "core/tensor/random.h"
#include "tests/testdevice.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>

using namespace pretext;

namespace {

using Function = std::function<Variable(const std::vector<Variable> &)>;

struct Row
{
    std::string name;
    std::set<std::string> covers; // entries of operations.def
    std::vector<Tensor> inputs;
    Function function;
};

float onGrid(float value)
{
    return std::round(value * 256.f) / 256.f;
}

Tensor smooth(const Shape &shape, uint32_t seed)
{
    Random random(7, seed);
    std::vector<float> values(static_cast<size_t>(shape.size()));
    for (float &value : values)
        value = onGrid(random.uniform(-1.f, 1.f));
    return Tensor::fromHost(values, shape);
}

/// Of either sign and at least 0.25 away from zero.
Tensor awayFromZero(const Shape &shape, uint32_t seed, float offset = 0.25f)
{
    std::vector<float> values = smooth(shape, seed).toHost();
    for (float &value : values)
        value += value < 0 ? -offset : offset;
    return Tensor::fromHost(values, shape);
}

/// Between `least` and `least` + 2.
Tensor above(const Shape &shape, uint32_t seed, float least)
{
    std::vector<float> values = smooth(shape, seed).toHost();
    for (float &value : values)
        value += least + 1;
    return Tensor::fromHost(values, shape);
}

/// A permutation of values 1/8 apart.
Tensor distinct(const Shape &shape, uint32_t seed)
{
    std::vector<float> values(static_cast<size_t>(shape.size()));
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = (float(i) - float(values.size()) / 2) / 8.f;
    Random random(7, seed);
    for (size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[random.below(uint32_t(i))]);
    return Tensor::fromHost(values, shape);
}

Tensor integers(const std::vector<int32_t> &values, const Shape &shape)
{
    return Tensor::fromHost(values, shape);
}

Function batchNormWith(BatchNormOptions options)
{
    return [options](const std::vector<Variable> &in) {
        BatchNormState state{Tensor::full({3}, 0.25f), Tensor::full({3}, 1.5f)};
        return batchNorm(in[0], in[1], in[2], state, options, in.size() > 3 ? in[3] : Variable());
    };
}

std::vector<Row> elementwiseRows()
{
    const Shape shape{3, 5};
    return {
        {"add", {"binary"}, {smooth(shape, 1), smooth(shape, 2)}, [](auto &in) { return add(in[0], in[1]); }},
        {"add of itself", {"binary"}, {smooth(shape, 1)}, [](auto &in) { return add(in[0], in[0]); }},
        {"multiply", {"binary"}, {smooth(shape, 1), smooth(shape, 2)}, [](auto &in) { return multiply(in[0], in[1]); }},
        {"square", {"binary"}, {smooth(shape, 1)}, [](auto &in) { return multiply(in[0], in[0]); }},
        {"scale", {"scale"}, {smooth(shape, 1)}, [](auto &in) { return scale(in[0], -1.75f); }},
        {"relu", {"unary", "unaryBackward"}, {awayFromZero(shape, 1)}, [](auto &in) { return relu(in[0]); }},
        {"gelu", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return activation(in[0], Activation::gelu); }},
        {"geluTanh", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return activation(in[0], Activation::geluTanh); }},
        {"tanh", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return activation(in[0], Activation::tanh); }},
        {"sigmoid", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return activation(in[0], Activation::sigmoid); }},
        {"softplus", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return unary(in[0], Unary::softplus); }},
        {"exp", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return exp(in[0]); }},
        {"log", {"unary", "unaryBackward"}, {above(shape, 1, 1.f)}, [](auto &in) { return log(in[0]); }},
        {"sqrt", {"unary", "unaryBackward"}, {above(shape, 1, 1.f)}, [](auto &in) { return sqrt(in[0]); }},
        {"square by itself", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return square(in[0]); }},
        {"abs", {"unary", "unaryBackward"}, {awayFromZero(shape, 1)}, [](auto &in) { return abs(in[0]); }},
        {"identity", {"unary", "unaryBackward"}, {smooth(shape, 1)}, [](auto &in) { return activation(in[0], Activation::none); }},
    };
}

/// Each of the four on every pair of shapes of which something is repeated, or nothing.
std::vector<Row> binaryRows()
{
    const std::vector<std::pair<Shape, Shape>> shapes{{{3, 4}, {3, 4}},    {{3, 4}, {1, 4}},       {{3, 1}, {3, 4}},
                                                      {{4}, {3, 4}},       {{3, 1}, {1, 4}},       {{1}, {2, 3}},
                                                      {{2, 3, 4}, {3, 1}}, {{2, 1, 4}, {1, 3, 4}}, {{2, 3, 2, 2}, {2, 1, 2, 1}}};
    std::vector<Row> rows;
    for (const auto &[a, b] : shapes) {
        const std::string both = a.str() + " and " + b.str();
        rows.push_back({"add " + both, {"binary", "reduce"}, {smooth(a, 1), smooth(b, 2)}, [](auto &in) { return add(in[0], in[1]); }});
        rows.push_back({"subtract " + both, {"binary", "reduce"}, {smooth(a, 1), smooth(b, 2)}, [](auto &in) { return subtract(in[0], in[1]); }});
        rows.push_back({"multiply " + both, {"binary", "reduce"}, {smooth(a, 1), smooth(b, 2)}, [](auto &in) { return multiply(in[0], in[1]); }});
        rows.push_back({"divide " + both, {"binary", "reduce"}, {smooth(a, 1), awayFromZero(b, 2, 1.f)}, [](auto &in) { return divide(in[0], in[1]); }});
    }
    rows.push_back({"add a number", {"binary"}, {smooth({3, 4}, 1)}, [](auto &in) { return add(in[0], 0.5f); }});
    return rows;
}

std::vector<Row> reductionRows()
{
    const std::set<std::string> covers{"reduce", "reduceBackward"};
    std::vector<Row> rows;
    for (const int axis : {0, 1, 2, -1}) {
        const std::string along = " along axis " + std::to_string(axis);
        rows.push_back({"sum" + along, covers, {smooth({3, 4, 5}, 1)}, [axis](auto &in) { return sum(in[0], axis); }});
        rows.push_back({"mean" + along, covers, {smooth({3, 4, 5}, 1)}, [axis](auto &in) { return mean(in[0], axis); }});
        rows.push_back({"max" + along, covers, {distinct({3, 4, 5}, 1)}, [axis](auto &in) { return max(in[0], axis); }});
    }
    rows.push_back({"sum of all", covers, {smooth({3, 5}, 1)}, [](auto &in) { return sum(in[0]); }});
    rows.push_back({"mean of all", covers, {smooth({3, 5}, 1)}, [](auto &in) { return mean(in[0]); }});
    rows.push_back({"logSoftmax", covers, {smooth({4, 5}, 1)}, [](auto &in) { return logSoftmax(in[0]); }});
    rows.push_back({"deviation of columns", covers, {smooth({5, 3}, 1)}, [](auto &in) { // VICReg's
                        return sqrt(add(mean(square(subtract(in[0], mean(in[0], 0))), 0), 0.25f));
                    }});
    return rows;
}

std::vector<Row> matrixRows()
{
    std::vector<Row> rows{
        {"linear",
         {"linear", "linearBackwardWeight", "matmul"},
         {smooth({4, 3}, 1), smooth({5, 3}, 2), smooth({5}, 3)},
         [](auto &in) { return linear(in[0], in[1], in[2]); }},
        {"linear of tokens",
         {"linear", "linearBackwardWeight", "matmul"},
         {smooth({2, 2, 3}, 1), smooth({5, 3}, 2), smooth({5}, 3)},
         [](auto &in) { return linear(in[0], in[1], in[2]); }},
        {"linear without bias", {"linear", "matmul"}, {smooth({4, 3}, 1), smooth({5, 3}, 2)}, [](auto &in) { return linear(in[0], in[1]); }},
        {"linear with gelu",
         {"linear", "linearBackwardWeight"},
         {smooth({7, 3}, 1), smooth({19, 3}, 2), smooth({19}, 3)},
         [](auto &in) { return linear(in[0], in[1], in[2], Activation::gelu); }},
        {"linear with sigmoid and no bias",
         {"linear"},
         {smooth({4, 3}, 1), smooth({5, 3}, 2)},
         [](auto &in) { return linear(in[0], in[1], {}, Activation::sigmoid); }},
        {"reshape",
         {},
         {smooth({4, 6}, 1)},
         [](auto &in) {
             return reshape(in[0], {2, 3, 4});
         }},
        {"flatten", {}, {smooth({2, 3, 4}, 1)}, [](auto &in) { return flatten(in[0]); }},
        {"concatRows", {"place", "slice"}, {smooth({2, 3, 2}, 1), smooth({4, 3, 2}, 2)}, [](auto &in) { return concatRows(in[0], in[1]); }},
        {"concatColumns", {"place", "slice"}, {smooth({2, 3, 2}, 1), smooth({2, 3, 5}, 2)}, [](auto &in) { return concatColumns(in[0], in[1]); }},
        {"concat of three, one twice",
         {"place", "slice"},
         {smooth({2, 1, 2}, 1), smooth({2, 3, 2}, 2)},
         [](auto &in) {
             return concat({in[0], in[1], in[0]}, 1);
         }},
        {"sliceRows", {"slice", "place"}, {smooth({5, 3}, 1)}, [](auto &in) { return sliceRows(in[0], 1, 3); }},
        {"sliceColumns", {"slice", "place"}, {smooth({4, 5}, 1)}, [](auto &in) { return sliceColumns(in[0], 2, 2); }},
        {"slices that overlap", {"slice", "place"}, {smooth({2, 5, 3}, 1)}, [](auto &in) { return add(slice(in[0], 1, 0, 3), slice(in[0], 1, 2, 3)); }},
        {"transpose", {"swapAxes"}, {smooth({3, 5}, 1)}, [](auto &in) { return transpose(in[0]); }},
        {"swapAxes", {"swapAxes"}, {smooth({2, 3, 4, 3}, 1)}, [](auto &in) { return swapAxes(in[0], 1); }},
    };
    for (bool ta : {false, true})
        for (bool tb : {false, true})
            rows.push_back({"matmul " + std::string(ta ? "T" : "N") + (tb ? "T" : "N"),
                            {"matmul"},
                            {smooth(ta ? Shape{3, 4} : Shape{4, 3}, 1), smooth(tb ? Shape{5, 3} : Shape{3, 5}, 2)},
                            [=](auto &in) { return matmul(in[0], in[1], ta, tb); }});
    return rows;
}

std::vector<Row> convolutionRows()
{
    struct Case
    {
        int size, channels, filters, kernel, stride, padding;
        bool bias;
    };
    const std::vector<Case> cases{{6, 1, 8, 3, 1, 1, false}, {5, 3, 4, 3, 1, 1, true},   {6, 8, 8, 3, 1, 1, false},
                                  {7, 8, 16, 3, 2, 1, true}, {6, 8, 16, 1, 2, 0, false}, {5, 2, 3, 3, 1, 0, true},
                                  {8, 3, 8, 5, 2, 2, false}, {4, 5, 2, 1, 1, 0, true},   {5, 16, 16, 3, 1, 1, true}};
    const std::set<std::string> covers{"conv2d", "conv2dBackwardData", "conv2dBackwardWeight"};
    std::vector<Row> rows;
    for (const Case &c : cases) {
        std::vector<Tensor> inputs{smooth({2, c.size, c.size, c.channels}, 1), smooth({c.filters, c.kernel, c.kernel, c.channels}, 2)};
        if (c.bias)
            inputs.push_back(smooth({c.filters}, 3));
        rows.push_back(
            {"conv2d " + inputs[0].shape().str() + " " + inputs[1].shape().str() + " stride " + std::to_string(c.stride), covers, inputs, [c](auto &in) {
                 return conv2d(in[0], in[1], c.bias ? in[2] : Variable(), {c.stride, c.padding});
             }});
    }
    struct Oblong
    {
        Shape x, w;
        Conv2dOptions options;
    };
    const std::vector<Oblong> oblong{{{2, 5, 6, 3}, {4, 1, 3, 3}, {1, {0, 1}}},
                                     {{2, 7, 4, 2}, {3, 3, 2, 2}, {{2, 1}, {1, 0}}},
                                     {{1, 1, 11, 16}, {16, 1, 3, 16}, {{1, 2}, {0, 1}}},
                                     {{2, 5, 5, 16}, {16, 3, 3, 16}, {1, {1, 0}}},
                                     {{2, 5, 5, 16}, {16, 3, 1, 16}, {1, {1, 0}}}};
    for (const Oblong &c : oblong) {
        rows.push_back({"conv2d " + c.x.str() + " " + c.w.str(), covers, {smooth(c.x, 1), smooth(c.w, 2), smooth({c.w[0]}, 3)}, [c](auto &in) {
                            return conv2d(in[0], in[1], in[2], c.options);
                        }});
        rows.push_back({"transposed conv2d " + c.x.str() + " " + c.w.str(),
                        covers,
                        {smooth(c.x.withAxis(3, c.w[0]), 1), smooth(c.w, 2), smooth({c.w[3]}, 3)},
                        [c](auto &in) { return transposedConv2d(in[0], in[1], in[2], c.options); }});
    }
    rows.push_back(
        {"conv1d", covers, {smooth({2, 9, 3}, 1), smooth({4, 3, 3}, 2), smooth({4}, 3)}, [](auto &in) { return conv1d(in[0], in[1], in[2], 2, 1); }});
    return rows;
}

std::vector<Row> normRows()
{
    const Shape shape{2, 2, 3, 3};
    const std::set<std::string> batch{"batchNorm", "batchNormAgain", "batchNormBackward"}, layer{"layerNorm", "layerNormBackward"},
        unit{"normalize", "normalizeBackward"};
    const std::vector<Tensor> plain{smooth(shape, 1), smooth({3}, 2), smooth({3}, 3)};
    std::vector<Tensor> residual = plain;
    residual.push_back(awayFromZero(shape, 4, 4.f)); // beyond what a normalised value of 12 rows reaches, so no ReLU is near its kink
    const std::vector<Tensor> narrow{smooth({6, 5}, 1), smooth({5}, 2), smooth({5}, 3)};
    return {
        {"batchNorm", batch, plain, batchNormWith({})},
        {"batchNorm in evaluation", batch, plain, batchNormWith({.training = false})},
        {"batchNorm with residual", batch, residual, batchNormWith({})},
        {"batchNorm with residual and relu", batch, residual, batchNormWith({.activation = Activation::relu})},
        {"batchNorm in evaluation with residual and relu", batch, residual, batchNormWith({.training = false, .activation = Activation::relu})},
        {"batchNorm with tanh", batch, plain, batchNormWith({.activation = Activation::tanh})},
        {"batchNorm with sigmoid", batch, plain, batchNormWith({.activation = Activation::sigmoid})},
        {"batchNorm with gelu", batch, plain, batchNormWith({.activation = Activation::gelu})},
        {"layerNorm", layer, narrow, [](auto &in) { return layerNorm(in[0], in[1], in[2]); }},
        {"normalize", unit, {awayFromZero({4, 5}, 1)}, [](auto &in) { return normalize(in[0]); }},
        {"normalize of short rows", unit, {smooth({4, 5}, 1)}, [](auto &in) { return normalize(in[0], {.epsilon = 10.f}); }},
    };
}

std::vector<Row> poolRows()
{
    const std::set<std::string> max{"maxPool", "maxPoolBackward"}, avg{"avgPool", "avgPoolBackward"};
    return {
        {"maxPool", max, {distinct({2, 4, 6, 2}, 1)}, [](auto &in) { return maxPool(in[0], {}); }},
        {"maxPool overlapping", max, {distinct({2, 5, 5, 2}, 1)}, [](auto &in) { return maxPool(in[0], {.kernel = 3, .stride = 2, .padding = 1}); }},
        {"avgPool", avg, {smooth({2, 4, 6, 2}, 1)}, [](auto &in) { return avgPool(in[0], {}); }},
        {"avgPool overlapping", avg, {smooth({2, 5, 5, 2}, 1)}, [](auto &in) { return avgPool(in[0], {.kernel = 3, .stride = 2, .padding = 1}); }},
        {"meanRows",
         {"meanRows", "meanRowsBackward"},
         {smooth({4, 3, 5}, 1)},
         [](auto &in) {
             return meanRows(in[0], integers({3, 1, 0, 2}, {4}));
         }},
        {"maxPool of rows",
         max,
         {distinct({2, 4, 5, 2}, 1)},
         [](auto &in) {
             return maxPool(in[0], {.kernel = {1, 3}, .stride = {2, 1}, .padding = {0, 1}});
         }},
        {"avgPool of columns",
         avg,
         {smooth({2, 5, 4, 2}, 1)},
         [](auto &in) {
             return avgPool(in[0], {.kernel = {3, 1}, .stride = {1, 2}, .padding = {1, 0}});
         }},
        {"upsample",
         {"reduce", "reduceBackward"},
         {smooth({2, 2, 3, 2}, 1)},
         [](auto &in) {
             return upsample(in[0], {2, 3});
         }},
        {"repeat", {"reduce", "reduceBackward"}, {smooth({3, 1, 2}, 1)}, [](auto &in) { return repeat(in[0], 1, 4); }},
        {"avgPool global", avg, {smooth({2, 3, 4, 5}, 1)}, [](auto &in) { return avgPool(in[0], {.kernel = 0}); }},
    };
}

std::vector<Row> lossRows()
{
    const std::set<std::string> entropy{"crossEntropy", "crossEntropyBackward"}, error{"meanSquaredError", "meanSquaredErrorBackward"};
    const std::set<std::string> contrast{"ntXent", "ntXentBackward"};
    const std::vector<int32_t> classes{0, 4, 2, 2};
    const Tensor targets = Tensor::fromHost(classes, {4}), ignoring = integers({3, kIgnored, 0, kIgnored}, {4});
    const auto contrastive = [](float temperature) { return [=](auto &in) { return ntXent(in[0], temperature); }; };
    return {
        {"softmax", {"softmax", "softmaxBackward"}, {smooth({4, 5}, 1)}, [](auto &in) { return softmax(in[0]); }},
        {"crossEntropy", entropy, {smooth({4, 5}, 1)}, [=](auto &in) { return crossEntropy(in[0], targets); }},
        {"crossEntropy with ignored rows", entropy, {smooth({4, 5}, 1)}, [=](auto &in) { return crossEntropy(in[0], ignoring); }},
        {"meanSquaredError", error, {smooth({4, 5}, 1), smooth({4, 5}, 2)}, [](auto &in) { return meanSquaredError(in[0], in[1]); }},
        {"ntXent", contrast, {smooth({8, 5}, 1)}, contrastive(0.5f)},
        {"ntXent of one pair", contrast, {smooth({2, 5}, 1)}, contrastive(0.5f)},
        {"ntXent over several tiles", contrast, {smooth({300, 2}, 1)}, contrastive(1.f)},
        {"ntXent of normalised rows", {"ntXent"}, {awayFromZero({8, 4}, 1)}, [](auto &in) { return ntXent(normalize(in[0]), 0.5f); }},
    };
}

std::vector<Row> tokenRows()
{
    const std::set<std::string> tables{"gatherRows", "scatterRows"}, positions{"addPositions", "addPositionsBackward"};
    const std::set<std::string> covers{"attention", "attentionBackward"};
    const Tensor ids = integers({2, 0, 2, 5, 1, 2}, {2, 3});
    const Tensor allowed = integers({1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1}, {1, 3, 4});
    const DropoutOptions drops{0.3f, {5, 1, 2}};
    const std::vector<Tensor> apart{smooth({2, 4, 6}, 1), smooth({2, 4, 6}, 2), smooth({2, 4, 6}, 3)};
    const std::vector<Tensor> crossing{smooth({2, 3, 6}, 1), smooth({2, 4, 6}, 2), smooth({2, 4, 6}, 3)};
    const auto with = [](AttentionOptions options, AttentionMask mask = {}) { return [=](auto &in) { return attention(in[0], in[1], in[2], options, mask); }; };
    return {
        {"embedding", tables, {smooth({6, 4}, 1)}, [=](auto &in) { return embedding(in[0], Variable(ids)); }},
        {"gatherRows",
         tables,
         {smooth({2, 3, 4}, 1)},
         [=](auto &in) {
             return gatherRows(in[0], integers({5, 0, 5}, {3}));
         }},
        {"addPositions", positions, {smooth({2, 3, 4}, 1), smooth({5, 4}, 2)}, [](auto &in) { return addPositions(in[0], in[1]); }},
        {"dropout", {"dropout"}, {smooth({5, 7}, 1)}, [=](auto &in) { return dropout(in[0], drops); }},
        {"attention", covers, apart, with({.heads = 2})},
        {"attention, causal", covers, apart, with({.heads = 3, .causal = true})},
        {"attention with prefix and padding", covers, apart,
         with({.heads = 2, .causal = true},
              {.queryLengths = integers({4, 3}, {2}), .keyLengths = integers({4, 3}, {2}), .prefixLengths = integers({3, 0}, {2})})},
        {"attention under any mask", covers, crossing, with({.heads = 2}, {.allowed = allowed})},
        {"attention with dropout", covers, apart, with({.heads = 2, .dropout = drops})},
        {"attention over several blocks", covers, {smooth({1, 67, 2}, 1), smooth({1, 67, 2}, 2), smooth({1, 67, 2}, 3)}, with({.heads = 1, .causal = true})},
        {"self-attention", covers, {smooth({2, 4, 18}, 1)}, [](auto &in) { return selfAttention(in[0], {.heads = 2}); }},
        {"cross-attention", covers, {smooth({2, 3, 6}, 1), smooth({2, 4, 12}, 2)}, [](auto &in) { return crossAttention(in[0], in[1], {.heads = 2}); }},
    };
}

const std::vector<Row> &rows()
{
    static const std::vector<Row> all = [] {
        std::vector<Row> joined;
        for (const auto &family :
             {elementwiseRows(), binaryRows(), reductionRows(), matrixRows(), convolutionRows(), normRows(), poolRows(), lossRows(), tokenRows()})
            joined.insert(joined.end(), family.begin(), family.end());
        return joined;
    }();
    return all;
}

/// Entries that have no gradient, and why.
const std::map<std::string, std::string> kWithoutGradient{
    {"fill", "creates values"},
    {"copy", "moves values; tst_tensor"},
    {"lerp", "moves in place, off the tape; tst_tensor"},
    {"attentionWeights", "for looking at; tst_golden"},
    {"sumSquares", "the gradient norm, off the tape; tst_tensor"},
    {"sgd", "updates in place; tst_golden"},
    {"adam", "updates in place; tst_golden"},
    {"lars", "updates in place; tst_golden"},
};

double loss(const Row &row, const std::vector<Variable> &inputs, const std::vector<float> &weights)
{
    const NoGrad noGrad;
    const std::vector<float> values = row.function(inputs).value().toHost();
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i)
        sum += double(values[i]) * double(weights[i]);
    return sum;
}

std::vector<float> projection(int64_t size)
{
    return size == 1 ? std::vector<float>{1.f} : smooth({size}, 99).toHost();
}

std::vector<Variable> leaves(const Row &row)
{
    std::vector<Variable> variables;
    for (const Tensor &input : row.inputs)
        variables.emplace_back(input.clone(), true);
    return variables;
}

/// d loss / d inputs[which][element] by the five-point stencil.
double slope(const Row &row, size_t which, size_t element, const std::vector<float> &weights)
{
    constexpr float kStep = 1.f / 32;
    std::vector<Variable> inputs = leaves(row);
    std::vector<float> values = row.inputs[which].toHost();
    const float centre = values[element];
    const auto at = [&](float offset) {
        values[element] = centre + offset;
        inputs[which].value().setFromHost(values);
        return loss(row, inputs, weights);
    };
    return (8 * (at(kStep) - at(-kStep)) - (at(2 * kStep) - at(-2 * kStep))) / (12 * double(kStep));
}

} // namespace

class TestGradient : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        setThreads(1); // the shapes are tiny; tst_autograd compares teams
        static const DeviceScope scope(testing::device());
        testing::watch(false); // tst_golden's kernels are the same
    }

    void cleanup() { QCOMPARE(testing::findings(), QString()); }

    void agreesWithFiniteDifferences_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < rows().size(); ++i)
            QTest::newRow(rows()[i].name.c_str()) << int(i);
    }

    void agreesWithFiniteDifferences()
    {
        QFETCH(int, index);
        const Row &row = rows()[size_t(index)];
        const std::vector<Variable> inputs = leaves(row);
        const Variable y = row.function(inputs);
        const std::vector<float> weights = projection(y.value().size());
        const Variable r(Tensor::fromHost(weights, {y.value().size(), 1}));
        backward(matmul(reshape(y, {1, y.value().size()}), r));
        for (size_t which = 0; which < inputs.size(); ++which)
            compare(row, which, inputs[which].grad(), weights);
    }

    void everyTableEntryHasARow()
    {
        std::set<std::string> covered;
        for (const Row &row : rows())
            covered.insert(row.covers.begin(), row.covers.end());
        for (const char *name : {
#define OPERATION(name, parameters) #name,
#include "core/backend/operations.def"
#undef OPERATION
             })
            QVERIFY2(covered.contains(name) || kWithoutGradient.contains(name), name);
    }

    void constantsGetNoGradient()
    {
        for (const Row &row : rows()) {
            std::vector<Variable> inputs;
            for (size_t i = 0; i < row.inputs.size(); ++i)
                inputs.emplace_back(row.inputs[i].clone(), i == 0);
            const Variable y = row.function(inputs);
            const Variable ones(Tensor::full({y.value().size(), 1}, 1.f));
            backward(matmul(reshape(y, {1, y.value().size()}), ones));
            QVERIFY2(inputs[0].grad().defined(), row.name.c_str());
            for (size_t i = 1; i < inputs.size(); ++i)
                QVERIFY2(!inputs[i].grad().defined(), row.name.c_str());
        }
    }

private:
    static void compare(const Row &row, size_t which, const Tensor &gradient, const std::vector<float> &weights)
    {
        QVERIFY2(gradient.defined(), qPrintable(QString("no gradient for input %1").arg(which)));
        QCOMPARE(gradient.shape().str(), row.inputs[which].shape().str());
        const std::vector<float> exact = gradient.toHost();
        // A large input is sampled: every seventh element still meets all channels, corners and tiles.
        const size_t stride = exact.size() > 200 ? 7 : 1;
        double largest = 1e-3, worst = 0;
        size_t where = 0;
        for (float value : exact)
            largest = std::max(largest, std::abs(double(value)));
        double there = 0;
        for (size_t i = 0; i < exact.size(); i += stride) {
            const double numeric = slope(row, which, i, weights);
            if (std::abs(numeric - double(exact[i])) > worst) {
                worst = std::abs(numeric - double(exact[i]));
                where = i;
                there = numeric;
            }
        }
        QVERIFY2(worst <= 1e-3 * largest, qPrintable(QString("input %1, element %2: %3 by differences, %4 by the tape, largest %5")
                                                         .arg(which)
                                                         .arg(where)
                                                         .arg(there)
                                                         .arg(double(exact[where]))
                                                         .arg(largest)));
    }
};

QTEST_APPLESS_MAIN(TestGradient)
#include "tst_gradient.moc"
