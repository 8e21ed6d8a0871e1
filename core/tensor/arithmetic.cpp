#include "core/tensor/arithmetic.h"

#include "core/backend/backend.h"

#include <stdexcept>
#include <string>

namespace pretext {

namespace {

void requirePlain(const char *operation, const Tensor &x, const Tensor &first)
{
    const std::string name = "[" + std::string(operation) + "] ";
    if (!x.defined())
        throw std::invalid_argument(name + "a tensor is undefined");
    if (x.type() != DType::f32)
        throw std::invalid_argument(name + "a tensor is not of 32-bit floats: " + x.shape().str());
    if (x.device() != first.device())
        throw std::invalid_argument(name + "tensors are on different devices: " + first.shape().str() + " and " + x.shape().str());
}

} // namespace

Tensor sumSquares(std::span<const Tensor> tensors)
{
    if (tensors.empty())
        throw std::invalid_argument("[sumSquares] there is no tensor");
    for (const Tensor &tensor : tensors)
        requirePlain("sumSquares", tensor, tensors.front());
    Tensor squares({int64_t(tensors.size())}, DType::f32, tensors.front().device());
    backendOf(squares).sumSquares(tensors, squares);
    return squares;
}

void lerp(const Tensor &x, float factor, Tensor &y)
{
    requirePlain("lerp", x, x);
    requirePlain("lerp", y, x);
    if (x.shape() != y.shape())
        throw std::invalid_argument("[lerp] shapes differ: " + x.shape().str() + " and " + y.shape().str());
    backendOf(y).lerp(x, factor, y);
}

} // namespace pretext
