// Sentences for a reader, in the reader's language. Core speaks English; the window hands it a translation, which `lupdate` finds the texts of:
// those of tables by PRETEXT_SAID, translated where they are shown, and composed ones by said(), translated as they are made.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <utility>

/// Marks a text of a table (a help, a title) that the window translates when it shows it. The text stays English here.
#define PRETEXT_SAID(text) text

namespace pretext {

using Translation = std::string (*)(const char *text);
/// What said() asks, on any thread; null (as at first): the texts as they are written.
void setTranslation(Translation translation);

/// What a place of a sentence is filled with: a text as it is, a whole number by its digits.
struct SaidValue
{
    SaidValue(std::string value) : text(std::move(value)) {}
    SaidValue(const char *value) : text(value) {}
    template<std::integral Number>
    requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) SaidValue(Number value) : text(std::to_string(value)) {}

    std::string text;
};

/// `text` in the reader's language, with %1, %2 ... replaced by `values`.
std::string said(const char *text, std::initializer_list<SaidValue> values = {});

} // namespace pretext
