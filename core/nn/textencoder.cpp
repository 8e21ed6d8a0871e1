#include "core/nn/textencoder.h"

#include "core/autograd/operations.h"
#include "core/data/tokens.h"
#include "core/files/said.h"

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

/// A prefix model that is given no prefixes reads whole rows: all of a row is its prefix.
TransformerInput TextEncoder::seen(const TokenInput &input) const
{
    const bool causal = m_visibility == Visibility::causal || (m_visibility == Visibility::prefix && input.prefixes.defined());
    return {.ids = Variable(input.ids),
            .lengths = input.lengths,
            .causal = causal,
            .prefixes = causal ? input.prefixes : Tensor(),
            .dropout = {input.dropout, {input.seed, static_cast<uint32_t>(input.step), 0}}};
}

Variable TextEncoder::sentences(const TokenInput &input)
{
    return meanRows(hidden(input), input.lengths);
}

Variable TextEncoder::forward(const Variable &ids)
{
    return sentences(tokenInput(ids.value().toHostInt(), ids.shape()[1]));
}

TextEncoder &textEncoder(Encoder &encoder)
{
    if (auto *text = dynamic_cast<TextEncoder *>(&encoder))
        return *text;
    throw std::invalid_argument("[encoder] " + said("this encoder reads images; a method of text needs one that reads tokens: choose transformer"));
}

} // namespace pretext
