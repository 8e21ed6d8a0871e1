// The World English Bible out of SWORD's zText format: .bzs blocks (offset, compressed and full size), .bzz the blocks (zlib), .bzv entries
// (block, offset, length). An entry with <chapter osisID="Gen.1"> is a chapter's heading; the entries after it are verses 1, 2, 3 ...
#include "core/data/sources/source.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/tokens/normalise.h"
#include "core/files/said.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>
#include <tuple>

namespace pretext {

namespace fs = std::filesystem;

namespace {

const fs::path kWebFolder = "/usr/share/sword/modules/texts/ztext/engWEB2015eb";
constexpr size_t kLargestBlock = 64 << 20;

// As OSIS abbreviates the books, in their order.
constexpr const char *kOsisBooks[] = {"Gen",  "Exod", "Lev",  "Num",   "Deut", "Josh",  "Judg",  "Ruth",  "1Sam", "2Sam",   "1Kgs",   "2Kgs", "1Chr", "2Chr",
                                      "Ezra", "Neh",  "Esth", "Job",   "Ps",   "Prov",  "Eccl",  "Song",  "Isa",  "Jer",    "Lam",    "Ezek", "Dan",  "Hos",
                                      "Joel", "Amos", "Obad", "Jonah", "Mic",  "Nah",   "Hab",   "Zeph",  "Hag",  "Zech",   "Mal",    "Matt", "Mark", "Luke",
                                      "John", "Acts", "Rom",  "1Cor",  "2Cor", "Gal",   "Eph",   "Phil",  "Col",  "1Thess", "2Thess", "1Tim", "2Tim", "Titus",
                                      "Phlm", "Heb",  "Jas",  "1Pet",  "2Pet", "1John", "2John", "3John", "Jude", "Rev"};

[[noreturn]] void failWeb(const std::string &why)
{
    throw std::invalid_argument("[web] " + said("%1; install the Debian package sword-text-web (apt-get install sword-text-web)", {why}));
}

std::vector<uint8_t> webFile(const std::string &name)
{
    if (!fs::is_regular_file(kWebFolder / name))
        failWeb(pretext::said("%1 is absent", {(kWebFolder / name).string()}));
    return wholeBytes(kWebFolder / name, kLargestBlock);
}

uint32_t little(const std::vector<uint8_t> &bytes, size_t at, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; --i)
        value = value << 8 | bytes.at(at + static_cast<size_t>(i));
    return value;
}

std::vector<std::string> webBlocks(const std::string &testament)
{
    const std::vector<uint8_t> index = webFile(testament + ".bzs"), packed = webFile(testament + ".bzz");
    std::vector<std::string> blocks;
    for (size_t at = 0; at + 12 <= index.size(); at += 12) {
        const size_t begin = little(index, at, 4), size = little(index, at + 4, 4);
        uLongf full = little(index, at + 8, 4);
        std::string block(std::min<size_t>(full, kLargestBlock), '\0');
        full = block.size();
        if (begin + size > packed.size() || uncompress(reinterpret_cast<Bytef *>(block.data()), &full, packed.data() + begin, static_cast<uLong>(size)) != Z_OK)
            failWeb(pretext::said("%1 is damaged", {(kWebFolder / (testament + ".bzz")).string()}));
        block.resize(full);
        blocks.push_back(std::move(block));
    }
    return blocks;
}

std::vector<std::string> webEntries(const std::string &testament)
{
    const std::vector<std::string> blocks = webBlocks(testament);
    const std::vector<uint8_t> index = webFile(testament + ".bzv");
    std::vector<std::string> entries;
    for (size_t at = 0; at + 10 <= index.size(); at += 10) {
        const size_t block = little(index, at, 4), begin = little(index, at + 4, 4), size = little(index, at + 8, 2);
        if (size > 0 && (block >= blocks.size() || begin + size > blocks[block].size()))
            failWeb(pretext::said("%1 is damaged", {(kWebFolder / (testament + ".bzv")).string()}));
        entries.push_back(size > 0 ? blocks[block].substr(begin, size) : std::string());
    }
    return entries;
}

/// An entry's words: no notes, no titles, no marks.
std::string plainOsis(const std::string &osis)
{
    std::string text;
    for (size_t at = 0; at < osis.size();) {
        if (osis[at] != '<') {
            text += osis[at++];
            continue;
        }
        size_t end = std::min(osis.find('>', at), osis.size() - 1) + 1;
        const std::string_view tag(osis.data() + at, end - at);
        for (const std::string name : {"note", "title"})
            if (tag.starts_with("<" + name) && !tag.ends_with("/>")) {
                const std::string close = "</" + name + ">";
                end = std::min(osis.find(close, at), osis.size() - close.size()) + close.size();
                text += ' ';
            }
        at = end;
    }
    text = squeezed(text);
    for (size_t at = text.find_first_of(",.;:!?", 1); at != std::string::npos; at = text.find_first_of(",.;:!?", at + 1))
        if (text[at - 1] == ' ') // a note's space
            text.erase(--at, 1);
    for (const auto &[entity, character] : {std::pair("&quot;", "\""), {"&apos;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
        for (size_t at; (at = text.find(entity)) != std::string::npos;)
            text.replace(at, std::strlen(entity), character);
    return text;
}

/// The chapter whose heading an entry is; book -1 of one that is none of the 66.
bool readHeading(const std::string &osis, int &book, int &chapter)
{
    size_t at = osis.rfind("<chapter ");
    if (at == std::string::npos || (at = osis.find("osisID=\"", at)) == std::string::npos)
        return false;
    at += 8;
    const size_t dot = osis.find('.', at), quote = osis.find('"', at);
    if (dot == std::string::npos || dot > quote)
        return false;
    const auto found = std::find(std::begin(kOsisBooks), std::end(kOsisBooks), osis.substr(at, dot - at));
    book = found == std::end(kOsisBooks) ? -1 : static_cast<int>(found - std::begin(kOsisBooks));
    chapter = std::atoi(osis.c_str() + dot + 1);
    return true;
}

} // namespace

std::vector<Verse> webVerses()
{
    std::vector<Verse> verses;
    for (const char *testament : {"ot", "nt"}) {
        int book = -1, chapter = 0, verse = 0;
        for (const std::string &osis : webEntries(testament)) {
            if (osis.find("<chapter ") != std::string::npos && readHeading(osis, book, chapter)) {
                verse = 0;
                continue;
            }
            ++verse;
            if (std::string text = book < 0 ? std::string() : plainOsis(osis); !text.empty())
                verses.push_back({book, chapter, verse, std::move(text)});
        }
    }
    return verses;
}

std::vector<VersePair> versePairs()
{
    std::map<std::tuple<int, int, int>, std::string> web;
    for (Verse &verse : webVerses())
        web[{verse.book, verse.chapter, verse.verse}] = std::move(verse.text);
    std::vector<VersePair> pairs;
    for (Verse &verse : kjvVerses())
        if (const auto found = web.find({verse.book, verse.chapter, verse.verse}); found != web.end())
            pairs.push_back({verse.book, verse.chapter, verse.verse, std::move(verse.text), std::move(found->second)});
    return pairs;
}

} // namespace pretext
