// Functions of each element by itself.
#include "core/autograd/check.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"

namespace pretext {

Variable unary(const Variable &x, Unary kind)
{
    requireFloats(nameOf(kind), {&x});
    const UnaryOptions options{kind};
    Tensor y = like(x);
    backendOf(y).unary(x.value(), options, y);
    const auto gradient = [options](Node &node) {
        const Tensor dy = node.takeGrad();
        Tensor dx = over(dy);
        backendOf(dx).unaryBackward(node.inputs[0].value(), dy, options, dx);
        accumulateGrad(node.inputs[0], dx);
    };
    return record(nameOf(kind), options, {x}, y, gradient, kEveryInput, [options](const Node &node) {
        Tensor y = like(node.inputs[0]);
        backendOf(y).unary(node.inputs[0].made(), options, y);
        return y;
    });
}

} // namespace pretext
