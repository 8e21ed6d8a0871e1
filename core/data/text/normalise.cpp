#include "core/data/text/normalise.h"

#include "core/data/text/utf8.h"

namespace pretext {

NormalisedText normalised(std::string_view text, std::string_view space, bool front)
{
    NormalisedText result;
    result.text.reserve(text.size() + text.size() / 2);
    result.origin.reserve(text.size() + text.size() / 2 + 1);
    bool spaceDue = front;
    size_t end = 0;
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        if (isSpace(c.value)) {
            spaceDue = spaceDue || !result.text.empty();
        } else {
            if (spaceDue)
                result.text += space;
            appendUtf8(result.text, c.value);
            result.origin.resize(result.text.size(), at); // the space before a character is put where the character is
            spaceDue = false;
            end = at + c.bytes;
        }
        at += c.bytes;
    }
    result.origin.push_back(end);
    return result;
}

} // namespace pretext
