// What the operations say about arguments that do not fit: "[conv2d] what is wrong: [2, 8, 8, 3] and [4, 3, 3, 1]".
#pragma once

#include "core/autograd/variable.h"

#include <initializer_list>
#include <stdexcept>

namespace pretext {

template<class... Shapes>
[[noreturn]] void reject(const char *operation, const std::string &what, const Shape &first, const Shapes &...rest)
{
    std::string shapes = first.str();
    ((shapes += " and " + rest.str()), ...);
    throw std::invalid_argument("[" + std::string(operation) + "] " + what + ": " + shapes);
}

/// Every variable is there, of f32, and on the same device.
void requireFloats(const char *operation, std::initializer_list<const Variable *> variables);
/// The same, but the first may be of bf16.
void requireMap(const char *operation, std::initializer_list<const Variable *> variables);

void requireSameShape(const char *operation, const Shape &a, const Shape &b);

void requireRank(const char *operation, const char *what, const Shape &shape, int rank);

/// The axis counted from the first; a negative one counts from the end.
int requireAxis(const char *operation, const Shape &shape, int axis);

/// "3", or "1 x 3" where they differ.
std::string str(const Extent2 &extent);

/// At least 0 and below 1.
void requireDropoutRate(const char *operation, float rate);

/// A fresh tensor of f32 and this shape on x's device.
inline Tensor like(const Variable &x, const Shape &shape)
{
    return Tensor(shape, DType::f32, x.device());
}
/// One of x's shape and type.
inline Tensor like(const Variable &x)
{
    return Tensor(x.shape(), x.type(), x.device());
}
/// The memory of x where nobody else has it, else a fresh tensor like it.
inline Tensor over(const Tensor &x)
{
    return x.unique() ? x : Tensor(x.shape(), x.type(), x.device());
}

} // namespace pretext
