// Sentences for a reader, in the reader's language. Core speaks English; the window hands it a translation, which `lupdate` finds the texts of:
// those of tables by PRETEXT_SAID, translated where they are shown, and composed ones by said(), translated as they are made.
#pragma once

#include <initializer_list>
#include <string>

/// Marks a text of a table (a help, a title) that the window translates when it shows it. The text stays English here.
#define PRETEXT_SAID(text) text

namespace pretext {

using Translation = std::string (*)(const char *text);
/// What said() asks, on any thread; null (as at first): the texts as they are written.
void setTranslation(Translation translation);

/// `text` in the reader's language, with %1, %2 ... replaced by `values`.
std::string said(const char *text, std::initializer_list<std::string> values = {});

} // namespace pretext
