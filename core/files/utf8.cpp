#include "core/files/utf8.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

struct CodeRange
{
    char32_t first, last;
};

constexpr CodeRange kSpaces[] = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                                 {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x2581, 0x2581}, {0x3000, 0x3000}};
constexpr CodeRange kPunctuation[] = {{0x21, 0x2F},     {0x3A, 0x40},     {0x5B, 0x60},     {0x7B, 0x7E},     {0xA1, 0xA9},     {0xAB, 0xB4},
                                      {0xB6, 0xB9},     {0xBB, 0xBF},     {0xD7, 0xD7},     {0xF7, 0xF7},     {0x2010, 0x2027}, {0x2030, 0x205E},
                                      {0x20A0, 0x20CF}, {0x2190, 0x2580}, {0x2582, 0x2BFF}, {0x3001, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030},
                                      {0x30FB, 0x30FB}, {0xFE30, 0xFE6F}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}};
constexpr CodeRange kIdeographs[] = {{0x3005, 0x3007}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x323AF}};

template<size_t N>
bool inRanges(const CodeRange (&ranges)[N], char32_t c)
{
    const CodeRange *after = std::upper_bound(std::begin(ranges), std::end(ranges), c, [](char32_t value, const CodeRange &r) { return value < r.first; });
    return after != std::begin(ranges) && c <= std::prev(after)->last;
}

template<size_t N>
std::string classOf(const CodeRange (&ranges)[N])
{
    const auto append = [](std::string &text, char32_t c) {
        if (c < 0x80 && std::string_view("[]\\^-&~").find(static_cast<char>(c)) != std::string_view::npos)
            text += '\\';
        appendUtf8(text, c);
    };
    std::string text;
    for (const CodeRange &range : ranges) {
        append(text, range.first);
        if (range.last == range.first)
            continue;
        text += '-';
        append(text, range.last);
    }
    return text;
}

bool isContinuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

} // namespace

CodePoint codePointAt(std::string_view text, size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80)
        return {lead, 1};
    const size_t bytes = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
    if (bytes == 0 || at + bytes > text.size())
        return {kReplacement, 1};
    char32_t value = lead & (0x7F >> bytes);
    for (size_t i = 1; i < bytes; ++i) {
        if (!isContinuation(text[at + i]))
            return {kReplacement, 1};
        value = value << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < kSmallest[bytes] || (value >= 0xD800 && value < 0xE000) || value > 0x10FFFF)
        return {kReplacement, 1};
    return {value, bytes};
}

void appendUtf8(std::string &text, char32_t c)
{
    if (c < 0x80) {
        text += static_cast<char>(c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
    text += static_cast<char>(kLead[more] | c >> (6 * more));
    for (int i = more - 1; i >= 0; --i)
        text += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
}

std::optional<size_t> invalidUtf8(std::string_view text)
{
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        if (c.value == kReplacement && c.bytes == 1)
            return at;
        at += c.bytes;
    }
    return {};
}

size_t codePointBoundary(std::string_view text, size_t at)
{
    if (at >= text.size())
        return text.size();
    size_t boundary = at;
    while (boundary > 0 && at - boundary < 3 && isContinuation(text[boundary]))
        --boundary;
    return boundary + codePointAt(text, boundary).bytes > at ? boundary : at; // of stray continuation bytes each stands alone
}

bool isSpace(char32_t c)
{
    return inRanges(kSpaces, c);
}
bool isPunctuation(char32_t c)
{
    return inRanges(kPunctuation, c);
}
bool isIdeograph(char32_t c)
{
    return inRanges(kIdeographs, c);
}
std::string spaceClass()
{
    return classOf(kSpaces);
}
std::string punctuationClass()
{
    return classOf(kPunctuation);
}
std::string ideographClass()
{
    return classOf(kIdeographs);
}

} // namespace pretext
