// The King James Bible (1611, text of 1769): 31 102 verses from the Debian packages bible-kjv and bible-kjv-text, as the program `bible`
// prints them. Whole chapters are held out, so that no verse is guessed from its neighbours.
#include "core/data/sources/source.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/sources/text/textdataset.h"
#include "core/files/said.h"
#include "core/system/process.h"

#include <sstream>
#include <stdexcept>

namespace pretext {

namespace {

constexpr size_t kOldTestament = 39; // books

const std::vector<std::string> kBooks = {"Genesis",
                                         "Exodus",
                                         "Leviticus",
                                         "Numbers",
                                         "Deuteronomy",
                                         "Joshua",
                                         "Judges",
                                         "Ruth",
                                         "1 Samuel",
                                         "2 Samuel",
                                         "1 Kings",
                                         "2 Kings",
                                         "1 Chronicles",
                                         "2 Chronicles",
                                         "Ezra",
                                         "Nehemiah",
                                         "Esther",
                                         "Job",
                                         "Psalms",
                                         "Proverbs",
                                         "Ecclesiastes",
                                         "Song of Solomon",
                                         "Isaiah",
                                         "Jeremiah",
                                         "Lamentations",
                                         "Ezekiel",
                                         "Daniel",
                                         "Hosea",
                                         "Joel",
                                         "Amos",
                                         "Obadiah",
                                         "Jonah",
                                         "Micah",
                                         "Nahum",
                                         "Habakkuk",
                                         "Zephaniah",
                                         "Haggai",
                                         "Zechariah",
                                         "Malachi",
                                         "Matthew",
                                         "Mark",
                                         "Luke",
                                         "John",
                                         "Acts",
                                         "Romans",
                                         "1 Corinthians",
                                         "2 Corinthians",
                                         "Galatians",
                                         "Ephesians",
                                         "Philippians",
                                         "Colossians",
                                         "1 Thessalonians",
                                         "2 Thessalonians",
                                         "1 Timothy",
                                         "2 Timothy",
                                         "Titus",
                                         "Philemon",
                                         "Hebrews",
                                         "James",
                                         "1 Peter",
                                         "2 Peter",
                                         "1 John",
                                         "2 John",
                                         "3 John",
                                         "Jude",
                                         "Revelation"};

bool kjvAvailable()
{
    return !findProgram("bible").empty() && std::filesystem::exists("/usr/lib/bible.data");
}

[[noreturn]] void failKjv(const std::string &why)
{
    throw std::invalid_argument("[kjv] "
                                + said("%1; install the Debian packages bible-kjv and bible-kjv-text (apt-get install bible-kjv bible-kjv-text)", {why}));
}

/// "Ge1:3 And God said, ..."; `books` collects the books' abbreviations in their order.
Verse verseOf(const std::string &line, std::vector<std::string> &books)
{
    const size_t space = line.find(' '), colon = line.rfind(':', space);
    if (space == std::string::npos || colon == std::string::npos)
        failKjv(said("the program bible printed '%1', not a verse", {line.substr(0, 60)}));
    const size_t digits = line.find_last_not_of("0123456789", colon - 1) + 1;
    const std::string book = line.substr(0, digits);
    if (books.empty() || books.back() != book)
        books.push_back(book);
    return {static_cast<int>(books.size()) - 1, std::stoi(line.substr(digits, colon - digits)), std::stoi(line.substr(colon + 1, space - colon - 1)),
            line.substr(space + 1)};
}

std::shared_ptr<const Dataset> openKjv()
{
    DatasetInfo info;
    info.name = "kjv";
    info.columns = {{"testament", {"Old Testament", "New Testament"}}, {"book", kBooks}};
    info.tokenizer = "word";
    info.note = pretext::said("A verse is a sample; one chapter in ten is held out as a whole.");
    std::vector<TextSample> samples;
    for (Verse &verse : kjvVerses()) {
        const std::string chapter = kBooks[static_cast<size_t>(verse.book)] + " " + std::to_string(verse.chapter);
        samples.push_back({std::move(verse.text),
                           {verse.book < static_cast<int>(kOldTestament) ? 0.f : 1.f, float(verse.book)},
                           stableHash(chapter),
                           chapter + ":" + std::to_string(verse.verse)});
    }
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

const std::vector<std::string> &bibleBooks()
{
    return kBooks;
}

std::vector<Verse> kjvVerses()
{
    if (!kjvAvailable())
        failKjv(pretext::said("the King James Bible is not installed"));
    const ProcessResult dump = runProcess("bible", {"-f", "gen1:1-rev22:21"});
    std::vector<Verse> verses;
    std::vector<std::string> books;
    std::istringstream lines(dump.output);
    for (std::string line; std::getline(lines, line);)
        verses.push_back(verseOf(line, books));
    if (dump.status != 0 || books.size() != kBooks.size())
        failKjv(dump.lastError.empty() ? pretext::said("the program bible printed %1 books, not 66", {books.size()})
                                       : pretext::said("the program bible printed %1 books, not 66 (%2)", {books.size(), dump.lastError}));
    return verses;
}

DatasetType kjvSource()
{
    return {"kjv", PRETEXT_SAID("The King James Bible: 31 102 verses, testament and book; Debian packages bible-kjv, bible-kjv-text"), kjvAvailable, openKjv,
            Modality::text};
}

} // namespace pretext
