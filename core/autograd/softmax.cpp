#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

Variable softmax(const Variable &x)
{
    requireFloats("softmax", {&x});
    if (x.shape().rank() < 1 || x.value().size() == 0)
        reject("softmax", "x has no rows", x.shape());
    Tensor y = like(x);
    backendOf(y).softmax(x.value(), y);
    return record(
        "softmax", {}, {x}, y,
        [y](Node &node) {
            Tensor dx = like(node.inputs[0]);
            backendOf(dx).softmaxBackward(y, node.grad, dx);
            accumulateGrad(node.inputs[0], dx);
        },
        kNoInput);
}

Variable crossEntropy(const Variable &logits, const Tensor &targets, Tensor *rowLoss)
{
    requireFloats("crossEntropy", {&logits});
    requireRank("crossEntropy", "the matrix of logits", logits.shape(), 2);
    if (!targets.defined() || targets.type() != DType::i32)
        throw std::invalid_argument("[crossEntropy] targets are not integers");
    if (targets.shape() != Shape{logits.shape()[0]} || logits.value().size() == 0)
        reject("crossEntropy", "there is not one target per row of logits", logits.shape(), targets.shape());
    Tensor rows = like(logits, targets.shape()), loss = like(logits, {1});
    backendOf(loss).crossEntropy(logits.value(), targets, rows, loss);
    if (rowLoss)
        *rowLoss = rows;
    return record("crossEntropy", {}, {logits}, loss, [targets](Node &node) {
        Tensor dlogits = like(node.inputs[0]);
        backendOf(dlogits).crossEntropyBackward(node.inputs[0].value(), targets, node.grad, dlogits);
        accumulateGrad(node.inputs[0], dlogits);
    });
}

Variable meanSquaredError(const Variable &x, const Variable &target)
{
    requireFloats("meanSquaredError", {&x, &target});
    requireSameShape("meanSquaredError", x.shape(), target.shape());
    if (x.value().size() == 0)
        reject("meanSquaredError", "there is nothing to average", x.shape());
    Tensor loss = like(x, {1});
    backendOf(loss).meanSquaredError(x.value(), target.value(), loss);
    return record("meanSquaredError", {}, {x, target}, loss, [](Node &node) {
        for (int side = 0; side < 2; ++side) { // the loss is symmetric
            const Variable &one = node.inputs[size_t(side)], &other = node.inputs[size_t(1 - side)];
            if (!one.requiresGrad())
                continue;
            Tensor gradient = like(one);
            backendOf(gradient).meanSquaredErrorBackward(one.value(), other.value(), node.grad, gradient);
            accumulateGrad(one, gradient);
        }
    });
}

} // namespace pretext
