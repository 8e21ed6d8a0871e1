#include "core/nn/textencoder.h"

#include "core/autograd/operations.h"
#include "core/data/tokens.h"

#include <stdexcept>

namespace pretext {

TokenInput tokenInput(const std::vector<int32_t> &ids, int64_t length)
{
    const int64_t rows = static_cast<int64_t>(ids.size()) / length;
    std::vector<int32_t> lengths(rows);
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t t = 0; t < length; ++t)
            if (ids[row * length + t] != kPadding)
                lengths[row] = static_cast<int32_t>(t + 1);
    return {.ids = Tensor::fromHost(ids, Shape{rows, length}), .lengths = Tensor::fromHost(lengths, Shape{rows})};
}

/// As a product with weights that are zero at padding, then an average over all positions.
Variable TextEncoder::sentences(const TokenInput &input)
{
    const Variable h = hidden(input);
    const int64_t rows = h.shape()[0], length = h.shape()[1], features = h.shape()[2];
    const std::vector<int32_t> lengths = input.lengths.toHostInt();
    std::vector<float> weights(h.value().size(), 0.f);
    for (int64_t row = 0; row < rows; ++row) {
        float *begin = &weights[row * length * features];
        std::fill(begin, begin + lengths[row] * features, float(length) / float(std::max(1, lengths[row])));
    }
    const Variable weighted = multiply(h, Variable(Tensor::fromHost(weights, h.shape())));
    return avgPool(reshape(weighted, {rows, length, 1, features}), {.kernel = 0});
}

Variable TextEncoder::forward(const Variable &ids)
{
    return sentences(tokenInput(ids.value().toHostInt(), ids.shape()[1]));
}

TextEncoder &textEncoder(Encoder &encoder)
{
    if (auto *text = dynamic_cast<TextEncoder *>(&encoder))
        return *text;
    throw std::invalid_argument("[encoder] this encoder reads images; a method of text needs one that reads tokens: choose transformer");
}

} // namespace pretext
