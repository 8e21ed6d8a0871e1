// Verses by book, chapter and number: the King James Bible's own, and how another translation's are found.
#pragma once

#include <string>
#include <vector>

namespace pretext {

struct Verse
{
    int book = 0;               // of bibleBooks()
    int chapter = 1, verse = 1; // as printed
    std::string text;
};

const std::vector<std::string> &bibleBooks(); // 66 names
/// Throws std::invalid_argument that names the packages where they are absent.
std::vector<Verse> kjvVerses();

} // namespace pretext
