#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

#include <algorithm>

namespace pretext {

namespace {

/// The shapes of a call, whichever way its operands are packed.
struct Extents
{
    int64_t samples, queries, keys, features;
};

void requireMask(const AttentionMask &mask, const Extents &e, bool causal)
{
    const auto requireInts = [](const Tensor &x, const char *what, std::initializer_list<Shape> shapes) {
        if (!x.defined())
            return;
        if (x.type() != DType::i32)
            throw std::invalid_argument("[attention] " + std::string(what) + " are not integers");
        if (std::ranges::find(shapes, x.shape()) == shapes.end())
            reject("attention", std::string(what) + " do not fit", x.shape(), *shapes.begin());
    };
    requireInts(mask.queryLengths, "the queries' lengths", {{e.samples}});
    requireInts(mask.keyLengths, "the keys' lengths", {{e.samples}});
    requireInts(mask.prefixLengths, "the prefixes' lengths", {{e.samples}});
    requireInts(mask.allowed, "the mask's entries", {{e.samples, e.queries, e.keys}, {1, e.queries, e.keys}});
    if (mask.prefixLengths.defined() && !causal)
        throw std::invalid_argument("[attention] prefixes mean something in causal attention only");
    if (causal && e.queries != e.keys)
        throw std::invalid_argument("[attention] causal attention needs as many keys as queries, not " + std::to_string(e.keys) + " and "
                                    + std::to_string(e.queries));
}

Extents requireOperands(const std::vector<Variable> &operands, const AttentionOptions &options)
{
    const int parts = operands.size() == 1 ? 3 : 1, keyParts = operands.size() == 2 ? 2 : parts; // of the first, of the last
    const Shape &q = operands.front().shape(), &k = operands.back().shape();
    for (const Variable &operand : operands) {
        requireMap("attention", {&operand});
        if (operand.type() != operands.front().type() || operand.device() != operands.front().device())
            reject("attention", "operands are of different types or on different devices", q, operand.shape());
        requireRank("attention", "an operand", operand.shape(), 3);
        if (operand.value().size() == 0)
            reject("attention", "an operand is empty", operand.shape());
    }
    const Extents e{q[0], q[1], k[1], q[2] / parts};
    if (q[2] % parts != 0 || k[2] != keyParts * e.features || k[0] != q[0])
        reject("attention", "queries and keys do not fit", q, k);
    if (operands.size() == 3)
        requireSameShape("attention", operands[1].shape(), k);
    if (options.heads < 1 || e.features % options.heads != 0)
        reject("attention", std::to_string(e.features) + " features do not share out among " + std::to_string(options.heads) + " heads", q);
    requireDropoutRate("attention", options.dropout.rate);
    return e;
}

Tensor at(const std::vector<Variable> &operands, size_t index)
{
    return index < operands.size() ? operands[index].value() : Tensor();
}

void attentionGradient(Node &node, const AttentionOptions &options, const AttentionMask &mask, const Tensor &logSumExp, const Tensor &y)
{
    std::vector<Tensor> gradients;
    for (const Variable &operand : node.inputs)
        gradients.push_back(like(operand));
    Tensor absent[2];
    Tensor &dk = node.inputs.size() > 1 ? gradients[1] : absent[0], &dv = node.inputs.size() > 2 ? gradients[2] : absent[1];
    backendOf(node.grad).attentionBackward(at(node.inputs, 0), at(node.inputs, 1), at(node.inputs, 2), mask, logSumExp, y, node.grad, options, gradients[0], dk,
                                           dv);
    for (size_t i = 0; i < gradients.size(); ++i)
        accumulateGrad(node.inputs[i], gradients[i]);
}

Variable attend(std::vector<Variable> operands, const AttentionOptions &options, const AttentionMask &mask)
{
    const Extents e = requireOperands(operands, options);
    requireMask(mask, e, options.causal);
    const Variable &q = operands.front();
    Tensor y({e.samples, e.queries, e.features}, q.type(), q.device()), logSumExp = like(q, {e.samples, options.heads, e.queries});
    backendOf(y).attention(at(operands, 0), at(operands, 1), at(operands, 2), mask, options, logSumExp, y);
    return record("attention", options, std::move(operands), y, [=](Node &node) { attentionGradient(node, options, mask, logSumExp, y); });
}

} // namespace

Variable attention(const Variable &q, const Variable &k, const Variable &v, AttentionOptions options, const AttentionMask &mask)
{
    return attend({q, k, v}, options, mask);
}

Variable selfAttention(const Variable &qkv, AttentionOptions options, const AttentionMask &mask)
{
    return attend({qkv}, options, mask);
}

Variable crossAttention(const Variable &q, const Variable &kv, AttentionOptions options, const AttentionMask &mask)
{
    return attend({q, kv}, options, mask);
}

Tensor attentionWeights(const Variable &queries, const Variable &keys, AttentionOptions options, const AttentionMask &mask)
{
    const Variable q = floats(queries), k = keys.defined() ? floats(keys) : keys;
    std::vector<Variable> operands{q};
    if (k.defined())
        operands.push_back(k);
    if (k.defined() && k.shape().rank() == 3 && q.shape().rank() == 3 && k.shape()[2] == q.shape()[2])
        operands.push_back(k); // the values' shape
    const Extents e = requireOperands(operands, options);
    requireMask(mask, e, options.causal);
    Tensor weights = like(q, {e.samples, options.heads, e.queries, e.keys});
    backendOf(weights).attentionWeights(q.value(), k.defined() ? k.value() : Tensor(), mask, options, weights);
    return weights;
}

} // namespace pretext
