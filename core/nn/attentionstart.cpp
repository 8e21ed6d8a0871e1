#include "core/nn/attentionstart.h"

#include "core/files/said.h"

#include <cmath>
#include <numbers>
#include <span>
#include <stdexcept>

namespace pretext {

namespace {

constexpr double kPeakScore = 6; // of the place a head looks at, before softmax; elsewhere about zero: most of the attention, and not all

Tensor parameterNamed(const Transformer &transformer, const std::string &name)
{
    for (const NamedParameter &parameter : transformer.parameters())
        if (parameter.name == name)
            return parameter.variable.value();
    throw std::invalid_argument("[transformer] it has no parameter " + name);
}

/// `turns`: of each pair of features, radians a place; taken again and again where the pairs are more.
void beginTurning(Transformer &transformer, const std::vector<double> &turns)
{
    const TransformerOptions &options = transformer.options();
    std::vector<float> values;
    values.reserve(size_t(options.context) * options.width);
    for (int place = 0; place < options.context; ++place)
        for (int i = 0; i < options.width; ++i) {
            const double angle = place * turns[i / 2 % turns.size()];
            values.push_back(float(std::numbers::sqrt2 * options.deviation * (i % 2 ? std::cos(angle) : std::sin(angle))));
        }
    parameterNamed(transformer, "position_embedding").setFromHost(values);
}

/// Spread over half a turn, so that the sum of their cosines is large at no distance but zero; a little unevenly, so that they do not meet
/// again within a context.
std::vector<double> tellingTurns(int count)
{
    std::vector<double> turns;
    for (int j = 0; j < count; ++j)
        turns.push_back(std::numbers::pi * (j + std::fmod(0.5 + 0.74 * j, 1.)) / count);
    return turns;
}

/// Adds to a head's rows of the query and the key weights, [features, width] each.
void lookFurther(std::span<float> query, std::span<float> key, int width, const std::vector<double> &turns, int offset, double share)
{
    const int features = 2 * int(turns.size());
    for (int row = 0; row < features; row += 2) {
        const float along = float(share * std::cos(turns[row / 2] * offset)), across = float(share * std::sin(turns[row / 2] * offset));
        for (int column = row; column + 1 < width; column += features) { // all pairs that turn as this one
            float *sine = &query[size_t(row) * width + column], *cosine = sine + width;
            sine[0] += along; // sin(x + d) = sin x cos d + cos x sin d
            sine[1] += across;
            cosine[0] -= across; // cos(x + d) = cos x cos d - sin x sin d
            cosine[1] += along;
            key[size_t(row) * width + column] += float(share);
            key[size_t(row + 1) * width + column + 1] += float(share);
        }
    }
}

} // namespace

void beginAsSinusoids(Transformer &transformer)
{
    const int width = transformer.options().width;
    std::vector<double> turns;
    for (int i = 0; i < width; i += 2)
        turns.push_back(std::pow(10000., -double(i) / width));
    beginTurning(transformer, turns);
}

void beginAtNeighbours(Transformer &transformer, const std::vector<int> &offsets)
{
    const TransformerOptions &options = transformer.options();
    const int width = options.width, features = width / options.heads, pairs = features / 2;
    if (pairs == 0)
        throw std::invalid_argument("[transformer] "
                                    + said("%1 heads of a width of %2 have one feature each, too few to look at neighbours; choose fewer encoder.heads or "
                                           "encoder.look=anywhere",
                                           {options.heads, width}));
    const std::vector<double> turns = tellingTurns(pairs);
    beginTurning(transformer, turns);
    // Behind the norm, half of a feature's variance is its place's. A head adds up the width / features pairs that turn alike, so that the
    // place it looks at scores share^2 (width / features)^2 features / 2, divided by sqrt(features).
    const double share = std::sqrt(2 * kPeakScore / std::sqrt(double(features))) * features / width;
    Tensor weight = parameterNamed(transformer, "layer0.attention.query_key_value.weight");
    std::vector<float> values = weight.toHost();
    const std::span<float> queries(values.data(), size_t(width) * width), keys(values.data() + size_t(width) * width, size_t(width) * width);
    for (int head = 0; head < options.heads; ++head) {
        const size_t begin = size_t(head) * features * width, size = size_t(features) * width;
        lookFurther(queries.subspan(begin, size), keys.subspan(begin, size), width, turns, offsets[head % offsets.size()], share);
    }
    weight.setFromHost(values);
}

} // namespace pretext
