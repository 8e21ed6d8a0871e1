#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <utility>

namespace pretext {

namespace {

Tensor product(const Tensor &a, const Tensor &b, bool transposeA, bool transposeB)
{
    Tensor y({a.shape()[transposeA ? 1 : 0], b.shape()[transposeB ? 0 : 1]}, DType::f32, a.device());
    backendOf(a).matmul(a, b, {.transposeA = transposeA, .transposeB = transposeB}, y);
    return y;
}

} // namespace

Variable matmul(const Variable &a, const Variable &b, bool transposeA, bool transposeB)
{
    requireFloats("matmul", {&a, &b});
    requireRank("matmul", "the left matrix", a.shape(), 2);
    requireRank("matmul", "the right matrix", b.shape(), 2);
    if (a.shape()[transposeA ? 0 : 1] != b.shape()[transposeB ? 1 : 0])
        reject("matmul", "inner extents differ", a.shape(), b.shape());
    const MatmulOptions options{.transposeA = transposeA, .transposeB = transposeB};
    return record("matmul", options, {a, b}, product(a.value(), b.value(), transposeA, transposeB), [options](Node &node) {
        const Variable &a = node.inputs[0], &b = node.inputs[1];
        const bool ta = options.transposeA, tb = options.transposeB;
        // With y = A B: dA = dy B^T and dB = A^T dy; a transposed operand gets the transpose of that.
        if (a.requiresGrad())
            accumulateGrad(a, ta ? product(b.value(), node.grad, tb, true) : product(node.grad, b.value(), false, !tb));
        if (b.requiresGrad())
            accumulateGrad(b, tb ? product(node.grad, a.value(), true, ta) : product(a.value(), node.grad, !ta, false));
    });
}

namespace {

/// [..., C] as [M, C].
Tensor asMatrix(const Tensor &x)
{
    return x.shape().rank() == 2 ? x : x.reshaped({x.size() / x.shape()[-1], x.shape()[-1]});
}

/// `z` is what the activation was applied to; undefined without one.
void linearGradient(Node &node, Tensor z, LinearOptions options)
{
    const Variable &x = node.inputs[0], &weight = node.inputs[1];
    Tensor dz = asMatrix(node.takeGrad());
    if (z.defined()) {
        const Tensor dy = std::exchange(dz, {});
        dz = over(dy);
        backendOf(dz).unaryBackward(z, dy, {options.activation}, dz);
        z = {};
    }
    const bool biased = node.inputs.size() > 2 && node.inputs[2].requiresGrad();
    if (weight.requiresGrad() || biased) {
        Tensor dweight = like(weight), dbias = biased ? like(node.inputs[2]) : Tensor();
        backendOf(dz).linearBackwardWeight(asMatrix(node.lastValue(0)), dz, {.precision = options.precision}, dweight, dbias);
        accumulateGrad(weight, dweight);
        if (biased)
            accumulateGrad(node.inputs[2], dbias);
    }
    if (!x.requiresGrad())
        return;
    Tensor dx = like(x), rows = asMatrix(dx);
    backendOf(dz).matmul(dz, weight.value(), {.precision = options.precision}, rows);
    accumulateGrad(x, dx);
}

void requireLinear(const Variable &x, const Variable &weight, const Variable &bias)
{
    requireMap("linear", {&x, &weight});
    requireRank("linear", "the weight", weight.shape(), 2);
    if (x.shape().rank() < 2)
        reject("linear", "x has no rows", x.shape());
    if (x.shape()[-1] != weight.shape()[1] || x.shape()[-1] == 0)
        reject("linear", "x and the weight differ in features", x.shape(), weight.shape());
    if (!bias.defined())
        return;
    requireMap("linear", {&x, &bias});
    if (bias.shape() != Shape{weight.shape()[0]})
        reject("linear", "the bias does not fit the weight", bias.shape(), weight.shape());
}

} // namespace

Variable linear(const Variable &given, const Variable &weight, const Variable &bias, Activation kind, Reader reader)
{
    requireLinear(given, weight, bias);
    const LinearOptions options{kind, Autocast::precision()};
    const bool rounds = options.precision == Precision::bf16; // z too, with a gradient and without
    const bool narrow = rounds && reader == Reader::product && backend(given.device()).narrowMaps;
    const Variable x = rounds ? given : floats(given);
    std::vector<Variable> inputs{x, weight};
    if (bias.defined())
        inputs.push_back(bias);
    const Tensor rows = asMatrix(x.value());
    Tensor y({rows.shape()[0], weight.shape()[0]}, narrow ? DType::bf16 : DType::f32, x.device()), z;
    if (kind != Activation::none && (rounds || takesGradient(inputs)))
        z = Tensor(y.shape(), rounds ? DType::bf16 : DType::f32, x.device());
    backendOf(y).linear(rows, weight.value(), bias.defined() ? bias.value() : Tensor(), options, y, z);
    std::function<Tensor(const Node &)> activatedAgain;
    if (z.defined() && !narrow) // else it is small enough to keep
        activatedAgain = [z, kind](const Node &node) {
            Tensor y(node.shape, DType::f32, z.device());
            backendOf(z).unary(z, {kind}, y);
            return y;
        };
    return record(
        "linear", UnaryOptions{kind}, std::move(inputs), y.reshaped(x.shape().withAxis(-1, weight.shape()[0])),
        [z, options](Node &node) mutable { linearGradient(node, std::move(z), options); }, kEveryInput, activatedAgain);
}

} // namespace pretext
