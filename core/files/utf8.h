// UTF-8, code point by code point, and the few classes of characters that tokenizers tell apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pretext {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kSpaceMark = "\u2581"; // ▁, a space within a piece

struct CodePoint
{
    char32_t value = 0;
    size_t bytes = 0;
};

/// The code point at `text[at]`, at < text.size(). A byte that begins none (overlong forms and surrogates neither) is kReplacement, one byte.
CodePoint codePointAt(std::string_view text, size_t at);
void appendUtf8(std::string &text, char32_t codePoint);
/// The offset of the first byte that is not UTF-8, if there is one.
std::optional<size_t> invalidUtf8(std::string_view text);
/// The largest offset <= `at` that does not cut a code point of `text` in two.
size_t codePointBoundary(std::string_view text, size_t at);

bool isSpace(char32_t c);
/// Marks and symbols that are words of their own.
bool isPunctuation(char32_t c);
/// Characters that are words of their own (Chinese, also as written in Japanese and Korean).
bool isIdeograph(char32_t c);
/// These as the inside of a regular expression's character class.
std::string spaceClass();
std::string punctuationClass();
std::string ideographClass();

} // namespace pretext
