#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

namespace {

void requireIds(const char *operation, const Tensor &ids)
{
    if (!ids.defined() || ids.type() != DType::i32)
        throw std::invalid_argument("[" + std::string(operation) + "] ids are not integers");
}

Tensor rowsOf(const Tensor &table, const Tensor &ids)
{
    Tensor y({ids.size(), table.shape()[1]}, DType::f32, table.device());
    backendOf(y).gatherRows(table, ids, y);
    return y;
}

Tensor scattered(const Tensor &dy, const Tensor &ids, const Shape &table)
{
    Tensor dtable(table, DType::f32, dy.device());
    backendOf(dy).scatterRows(dy, ids, dtable);
    return dtable;
}

/// The shape of the ids with one more axis.
Shape withFeatures(const Shape &ids, int64_t features)
{
    switch (ids.rank()) {
    case 1: return {ids[0], features};
    case 2: return {ids[0], ids[1], features};
    default: reject("embedding", "ids have neither one nor two axes", ids);
    }
}

} // namespace

Variable embedding(const Variable &table, const Variable &ids)
{
    requireFloats("embedding", {&table});
    requireRank("embedding", "the table", table.shape(), 2);
    requireIds("embedding", ids.value());
    const Tensor y = rowsOf(table.value(), ids.value()).reshaped(withFeatures(ids.shape(), table.shape()[1]));
    return record("embedding", {}, {table, ids}, y, [](Node &node) {
        const Variable &table = node.inputs[0];
        accumulateGrad(table, scattered(node.grad, node.inputs[1].value(), table.shape()));
    });
}

Variable gatherRows(const Variable &x, const Tensor &indices)
{
    requireFloats("gatherRows", {&x});
    requireIds("gatherRows", indices);
    requireRank("gatherRows", "the list of indices", indices.shape(), 1);
    if (x.shape().rank() < 2)
        reject("gatherRows", "x has no rows", x.shape());
    const Shape matrix{x.shape()[-1] ? x.value().size() / x.shape()[-1] : 0, x.shape()[-1]};
    return record(
        "gatherRows", {}, {x}, rowsOf(x.value().reshaped(matrix), indices),
        [indices, matrix](Node &node) { accumulateGrad(node.inputs[0], scattered(node.grad, indices, matrix).reshaped(node.inputs[0].shape())); }, kNoInput);
}

Variable addPositions(const Variable &x, const Variable &table)
{
    requireFloats("addPositions", {&x, &table});
    requireRank("addPositions", "x", x.shape(), 3);
    requireRank("addPositions", "the table", table.shape(), 2);
    if (x.shape()[2] != table.shape()[1] || x.shape()[1] > table.shape()[0])
        reject("addPositions", "the table has not one row for each position of x", x.shape(), table.shape());
    Tensor y = like(x);
    backendOf(y).addPositions(x.value(), table.value(), y);
    return record(
        "addPositions", {}, {x, table}, y,
        [](Node &node) {
            accumulateGrad(node.inputs[0], node.grad);
            if (!node.inputs[1].requiresGrad())
                return;
            Tensor dtable = like(node.inputs[1]);
            backendOf(dtable).addPositionsBackward(node.grad, dtable);
            accumulateGrad(node.inputs[1], dtable);
        },
        kNoInput);
}

} // namespace pretext
