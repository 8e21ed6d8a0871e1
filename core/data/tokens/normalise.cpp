#include "core/data/tokens/normalise.h"

#include "core/files/utf8.h"

namespace pretext {

namespace {

/// Tells of each character that stays where it begins and ends in `text`, behind the space that is due before it.
template<typename Take>
void squeeze(std::string_view text, bool front, const Take &take)
{
    bool spaceDue = front, first = true;
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        if (isSpace(c.value)) {
            spaceDue = spaceDue || !first;
        } else {
            take(c, at, spaceDue);
            spaceDue = first = false;
        }
        at += c.bytes;
    }
}

} // namespace

NormalisedText normalised(std::string_view text, std::string_view space, bool front)
{
    NormalisedText result;
    result.text.reserve(text.size() + text.size() / 2);
    result.origin.reserve(text.size() + text.size() / 2 + 1);
    size_t end = 0;
    squeeze(text, front, [&](const CodePoint &c, size_t at, bool spaceDue) {
        if (spaceDue)
            result.text += space;
        appendUtf8(result.text, c.value);
        result.origin.resize(result.text.size(), at); // the space before a character is put where the character is
        end = at + c.bytes;
    });
    result.origin.push_back(end);
    return result;
}

std::string squeezed(std::string_view text, std::string_view space, bool front)
{
    std::string result;
    result.reserve(text.size() + space.size());
    squeeze(text, front, [&](const CodePoint &c, size_t, bool spaceDue) {
        if (spaceDue)
            result += space;
        appendUtf8(result, c.value);
    });
    return result;
}

} // namespace pretext
