#include "core/autograd/check.h"

namespace pretext {

namespace {

void requireOperands(const char *operation, std::initializer_list<const Variable *> variables, bool narrowFirst)
{
    const Variable &first = **variables.begin();
    for (const Variable *variable : variables) {
        if (!variable->defined() || !variable->value().defined())
            throw std::invalid_argument("[" + std::string(operation) + "] an operand is undefined");
        const bool narrow = narrowFirst && variable == &first && first.type() == DType::bf16;
        if (variable->type() != DType::f32 && !narrow)
            reject(operation, "an operand is not of 32-bit floats", variable->shape());
        if (variable->value().device() != first.value().device())
            reject(operation, "operands are on different devices", first.shape(), variable->shape());
    }
}

} // namespace

void requireFloats(const char *operation, std::initializer_list<const Variable *> variables)
{
    requireOperands(operation, variables, false);
}

void requireMap(const char *operation, std::initializer_list<const Variable *> variables)
{
    requireOperands(operation, variables, true);
}

void requireSameShape(const char *operation, const Shape &a, const Shape &b)
{
    if (a != b)
        reject(operation, "shapes differ", a, b);
}

std::string str(const Extent2 &extent)
{
    return std::to_string(extent.y) + (extent.square() ? "" : " x " + std::to_string(extent.x));
}

void requireDropoutRate(const char *operation, float rate)
{
    if (!(rate >= 0.f && rate < 1.f))
        throw std::invalid_argument("[" + std::string(operation) + "] the dropout rate " + std::to_string(rate) + " is not in [0, 1)");
}

void requireRank(const char *operation, const char *what, const Shape &shape, int rank)
{
    if (shape.rank() != rank)
        reject(operation, std::string(what) + " has not " + std::to_string(rank) + " axes", shape);
}

int requireAxis(const char *operation, const Shape &shape, int axis)
{
    const int found = axis < 0 ? axis + shape.rank() : axis;
    if (found < 0 || found >= shape.rank())
        reject(operation, "there is no axis " + std::to_string(axis), shape);
    return found;
}

} // namespace pretext
