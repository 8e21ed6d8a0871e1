// What texts are treated with: a tokenizer.
#pragma once

#include "core/data/prepared.h"

#include <memory>

namespace pretext {

class Tokenizer;

class PreparedText : public Prepared
{
public:
    explicit PreparedText(std::shared_ptr<const Tokenizer> of) : tokenizer(std::move(of)) {}
    InputShape input() const override;
    const std::shared_ptr<const Tokenizer> tokenizer;
};

InputShape inputShapeOf(const Tokenizer &tokenizer);
std::shared_ptr<const Prepared> preparedText(std::shared_ptr<const Tokenizer> tokenizer);
/// Throws std::invalid_argument where it is not of text.
const std::shared_ptr<const Tokenizer> &tokenizerOf(const Prepared &prepared);

} // namespace pretext
