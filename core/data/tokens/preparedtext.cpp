#include "core/data/tokens/preparedtext.h"

#include "core/data/tokens/tokenizer.h"

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
    throw std::invalid_argument(std::string("[tokenizer] the encoder was made for ") + toText(prepared.modality()) + ", not for text");
}

} // namespace pretext
