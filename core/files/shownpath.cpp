#include "core/files/shownpath.h"

#include "core/files/utf8.h"

#include <cctype>

namespace pretext {

namespace {

int hexDigit(char c)
{
    return std::isxdigit(static_cast<unsigned char>(c)) ? (c <= '9' ? c - '0' : (c | 32) - 'a' + 10) : -1;
}

bool isEscape(std::string_view text)
{
    return text.size() >= 4 && text[0] == '\\' && text[1] == 'x' && hexDigit(text[2]) >= 0 && hexDigit(text[3]) >= 0;
}

template<class Escaped>
std::string escapedText(std::string_view text, const Escaped &escaped)
{
    std::string shown;
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        if ((c.value == kReplacement && c.bytes == 1) || escaped(c.value, at)) {
            const auto byte = static_cast<unsigned char>(text[at++]);
            shown += {'\\', 'x', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
            continue;
        }
        shown += text.substr(at, c.bytes);
        at += c.bytes;
    }
    return shown;
}

bool isControlCharacter(char32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
} // terminals obey those beyond ASCII, too

} // namespace

std::string shownPath(const std::filesystem::path &path)
{
    const std::string &text = path.native();
    return escapedText(text, [&](char32_t c, size_t at) { return isControlCharacter(c) || (c == '\\' && isEscape(std::string_view(text).substr(at))); });
}

std::filesystem::path pathAsShown(std::string_view shown)
{
    std::string path;
    while (!shown.empty()) {
        const bool escape = isEscape(shown);
        path += escape ? static_cast<char>(hexDigit(shown[2]) * 16 + hexDigit(shown[3])) : shown[0];
        shown.remove_prefix(escape ? 4 : 1);
    }
    return path;
}

std::string shownText(std::string_view text)
{
    return escapedText(text, [](char32_t c, size_t) { return isControlCharacter(c) && c != '\n' && c != '\t'; });
}

} // namespace pretext
