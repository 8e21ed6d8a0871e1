#include "core/data/tokens/preparedtext.h"

#include "core/data/tokens/tokenizer.h"
#include "core/files/said.h"

#include <stdexcept>
#include <string>

namespace pretext {

InputShape PreparedText::input() const
{
    return inputShapeOf(*tokenizer);
}

InputShape inputShapeOf(const Tokenizer &tokenizer)
{
    return InputShape::text(tokenizer.vocabularySize());
}

std::shared_ptr<const Prepared> preparedText(std::shared_ptr<const Tokenizer> tokenizer)
{
    return std::make_shared<const PreparedText>(std::move(tokenizer));
}

const std::shared_ptr<const Tokenizer> &tokenizerOf(const Prepared &prepared)
{
    if (const auto *text = dynamic_cast<const PreparedText *>(&prepared))
        return text->tokenizer;
    throw std::invalid_argument("[tokenizer] " + pretext::said("the encoder was made for %1, not for text", {pretext::said(toText(prepared.modality()))}));
}

} // namespace pretext
