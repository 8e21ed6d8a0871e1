#include "core/ssl/contrast.h"

#include "core/autograd/operations.h"

#include <numeric>
#include <stdexcept>
#include <vector>

namespace pretext {

namespace {

/// [N, D], [M, D] -> [N, M]. By |a|^2 + |b|^2 - 2 a b, which rounding may take below zero.
Variable squaredDistances(const Variable &a, const Variable &b)
{
    const Variable lengths = add(sum(square(a), 1), transpose(sum(square(b), 1)));
    return relu(subtract(lengths, scale(matmul(a, b, false, true), 2)));
}

} // namespace

Variable likeness(const Variable &a, const Variable &b, Likeness kind, float width)
{
    switch (kind) {
    case Likeness::cosine: return matmul(normalize(a), normalize(b), false, true);
    case Likeness::product: return matmul(a, b, false, true);
    case Likeness::euclidean: return scale(sqrt(add(squaredDistances(a, b), 1e-12f)), -1); // whose slope at 0 is none
    case Likeness::rbf: return exp(scale(squaredDistances(a, b), -1 / (2 * width * width)));
    }
    throw std::logic_error("[likeness] of no kind");
}

Variable infoNce(const Variable &similarities, float temperature)
{
    const int64_t queries = similarities.shape()[0];
    std::vector<int32_t> own(static_cast<size_t>(queries));
    std::iota(own.begin(), own.end(), 0);
    return crossEntropy(scale(similarities, 1 / temperature), Tensor::fromHost(own, Shape{queries}));
}

Variable simcseLoss(const Variable &z, float temperature)
{
    const int64_t pairs = z.shape()[0] / 2;
    if (z.shape().rank() != 2 || pairs < 1 || z.shape()[0] != 2 * pairs)
        throw std::invalid_argument("[SimCSE] z is not [2N, D] but " + z.shape().str());
    return infoNce(matmul(sliceRows(z, 0, pairs), sliceRows(z, pairs, pairs), false, true), temperature);
}

} // namespace pretext
