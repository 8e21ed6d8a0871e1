// Verses by book, chapter and number: the King James Bible's, and another translation's, of which each is a paraphrase.
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

/// The World English Bible from the Debian package sword-text-web: the 66 books. Its own chapter marks say what a verse's number is, so that
/// no table of versifications is needed. Throws std::invalid_argument that names the package where it is absent.
std::vector<Verse> webVerses();

/// The same verse in both; seven of the King James Bible's are not in the other's text.
struct VersePair
{
    int book = 0, chapter = 1, verse = 1;
    std::string kjv, web;
};
std::vector<VersePair> versePairs();

} // namespace pretext
