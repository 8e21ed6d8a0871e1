#include "core/nn/follow.h"

#include "core/autograd/operations.h"
#include "core/tensor/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace pretext {

namespace {

template<class Named>
void requireSame(const std::vector<Named> &target, const std::vector<Named> &online)
{
    for (size_t i = 0; i < std::max(target.size(), online.size()); ++i)
        if (i >= target.size() || i >= online.size() || target[i].name != online[i].name)
            throw std::invalid_argument("[follow] \"" + (i < target.size() ? target : online)[i].name + "\" is in one of the two modules only");
}

} // namespace

void follow(Module &target, const Module &online, float momentum)
{
    const std::vector<NamedParameter> followers = target.parameters(), leaders = online.parameters();
    requireSame(followers, leaders);
    for (size_t i = 0; i < followers.size(); ++i) {
        Tensor weight = followers[i].variable.value();
        lerp(leaders[i].variable.value(), 1 - momentum, weight);
    }
    if (momentum > 0)
        return;
    const std::vector<NamedTensor> statistics = target.buffers(), leading = online.buffers();
    requireSame(statistics, leading);
    for (size_t i = 0; i < statistics.size(); ++i)
        Tensor(statistics[i].tensor).copyFrom(leading[i].tensor);
}

Tensor squaresBehind(const Module &target, const Module &online)
{
    const NoGrad noGrad;
    const std::vector<NamedParameter> followers = target.parameters(), leaders = online.parameters();
    requireSame(followers, leaders);
    std::vector<Tensor> parts; // the differences, then the online weights
    for (size_t i = 0; i < followers.size(); ++i)
        parts.push_back(subtract(followers[i].variable, leaders[i].variable).value());
    for (const NamedParameter &leader : leaders)
        parts.push_back(leader.variable.value());
    return sumSquares(parts);
}

double distanceBehind(std::span<const float> squares)
{
    const auto middle = squares.begin() + std::ptrdiff_t(squares.size() / 2);
    return std::sqrt(std::accumulate(squares.begin(), middle, 0.) / std::max(std::accumulate(middle, squares.end(), 0.), 1e-300));
}

} // namespace pretext
