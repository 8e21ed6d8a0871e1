#include "core/data/sources/text/textreading.h"

#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLargestText = uint64_t(1) << 30;
constexpr ptrdiff_t kMostLines = 1 << 24;  // each costs more than its own bytes
constexpr size_t kJudgedBytes = 256 << 10; // of a file, for its encoding

constexpr const char *kConvertWide = PRETEXT_SAID("is %1, and texts are read as UTF-8; convert it: %2");
constexpr const char *kConvertUnpackedWide = PRETEXT_SAID("is %1, and texts are read as UTF-8; unpack the archive and convert it there: %2");
constexpr const char *kConvert =
    PRETEXT_SAID("byte %1 (line %2) is not UTF-8; convert it: %3, where ENCODING is what it was written in, such as WINDOWS-1252 or GB18030");
constexpr const char *kConvertUnpacked = PRETEXT_SAID("byte %1 (line %2) is not UTF-8; unpack the archive and convert it there: %3, where ENCODING is what it "
                                                      "was written in, such as WINDOWS-1252 or GB18030");

struct WideScore
{
    size_t pairs = 0, common = 0, wrong = 0;
};

/// How two-byte units read in one order of their bytes: what stands in every text, and what stands in none.
WideScore scoreWide(std::string_view bytes, bool bigEndian)
{
    WideScore score;
    bool high = false; // the half of a pair of surrogates before
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto first = static_cast<unsigned char>(bytes[i]), second = static_cast<unsigned char>(bytes[i + 1]);
        const unsigned unit = bigEndian ? first << 8 | second : second << 8 | first;
        const bool low = unit >= 0xDC00 && unit < 0xE000, lineOrTab = unit == '\t' || unit == '\n' || unit == '\r';
        ++score.pairs;
        score.common += lineOrTab || (unit >= 0x20 && unit < 0x7F) || (unit >= 0x3000 && unit < 0x3003) || unit == 0xFF0C;
        score.wrong += (unit < 0x20 && !lineOrTab) || (unit >= 0x7F && unit < 0xA0) || (unit >= 0xE000 && unit < 0xF900) || unit >= 0xFFFE || high != low;
        high = unit >= 0xD800 && unit < 0xDC00;
    }
    return score;
}

/// At least one unit in a hundred is a letter, mark or space that all texts have, and not one in a thousand is none.
bool readsWide(const WideScore &score)
{
    return score.pairs > 0 && score.common * 100 >= score.pairs && score.wrong * 1000 < score.pairs;
}

std::string quotedForShell(const std::string &text)
{
    const bool plain = std::all_of(text.begin(), text.end(),
                                   [](unsigned char c) { return std::isalnum(c) || std::string_view("/._-+,:@").find(char(c)) != std::string_view::npos; });
    if (plain && !text.starts_with("-"))
        return text;
    std::string quoted = "'";
    for (char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// The line for a shell that writes the file as UTF-8 beside itself.
std::string conversionOf(const fs::path &path, const std::string &encoding)
{
    const bool gzip = path.extension() == ".gz";
    const fs::path name = gzip ? path.stem() : path.filename();
    const std::string to = quotedForShell((path.parent_path() / (name.stem().string() + ".utf8" + name.extension().string())).string()),
                      from = quotedForShell(path.string());
    return shownText(gzip ? "zcat " + from + " | iconv -f " + encoding + " -t UTF-8 > " + to : "iconv -f " + encoding + " -t UTF-8 " + from + " > " + to);
}

/// Of UnpackedTexts; empty where none is alive.
fs::path &unpackedFolder()
{
    thread_local fs::path folder;
    return folder;
}

ptrdiff_t lineOf(std::string_view text, size_t offset)
{
    return 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n');
}

/// Of a text in `wide`, which is empty where the encoding is not known, or in what else is wrong at `offset`.
std::string convertIt(std::string_view bytes, size_t offset, const std::string &wide, const fs::path &path)
{
    const fs::path &folder = unpackedFolder();
    const std::string command = conversionOf(folder.empty() ? path : path.lexically_relative(folder), wide.empty() ? "ENCODING" : wide);
    if (!wide.empty())
        return pretext::said(folder.empty() ? kConvertWide : kConvertUnpackedWide, {wide, command});
    return pretext::said(folder.empty() ? kConvert : kConvertUnpacked, {offset, lineOf(bytes, offset), command});
}

/// Why these bytes are no text, or nothing.
std::string whyNotText(std::string_view bytes, const fs::path &path)
{
    if (bytes.empty())
        return pretext::said("is empty; choose a file with text");
    const size_t zero = bytes.find('\0');
    const std::optional<size_t> wrong = invalidUtf8(bytes);
    if (zero == std::string_view::npos && !wrong)
        return {};
    if (const std::string wide = wideEncoding(bytes); !wide.empty())
        return convertIt(bytes, 0, wide, path);
    if (zero != std::string_view::npos)
        return pretext::said("byte %1 (line %2) is a NUL, which stands in no text: it is a binary file; choose a text file (UTF-8)",
                             {zero, lineOf(bytes, zero)});
    return convertIt(bytes, *wrong, {}, path);
}

bool isBlank(std::string_view text)
{
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        if (!isSpace(c.value))
            return false;
        at += c.bytes;
    }
    return true;
}

} // namespace

UnpackedTexts::UnpackedTexts(const fs::path &folder) : m_outer(std::exchange(unpackedFolder(), folder))
{
}

UnpackedTexts::~UnpackedTexts()
{
    unpackedFolder() = m_outer;
}

std::string wideEncoding(std::string_view bytes)
{
    using namespace std::string_view_literals;
    for (const auto &[mark, name] : {std::pair("\xFF\xFE\0\0"sv, "UTF-32LE"), std::pair("\0\0\xFE\xFF"sv, "UTF-32BE"), std::pair("\xFF\xFE"sv, "UTF-16LE"),
                                     std::pair("\xFE\xFF"sv, "UTF-16BE")})
        if (bytes.starts_with(mark))
            return name;
    const std::string_view head = bytes.substr(0, kJudgedBytes);
    // Where letters take two bytes, one of them is seldom a letter of its own: text of single bytes with a NUL in it is none of these.
    const ptrdiff_t unprinted =
        std::count_if(head.begin(), head.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t'; });
    if (!invalidUtf8(bytes) && static_cast<size_t>(unprinted) * 4 < head.size())
        return {};
    const WideScore little = scoreWide(head, false), big = scoreWide(head, true);
    if (!readsWide(little) && !readsWide(big))
        return {};
    return !readsWide(big) || (readsWide(little) && little.common >= big.common) ? "UTF-16LE" : "UTF-16BE";
}

std::string readText(const fs::path &path)
{
    std::string text;
    {
        const std::vector<uint8_t> bytes = wholeBytes(path, kLargestText, Bound::raisable);
        text.assign(bytes.begin(), bytes.end());
    }
    const auto fail = [&](const std::string &why) { throw std::invalid_argument("[text] " + shownPath(path) + ": " + why); };
    if (const std::string why = whyNotText(text, path); !why.empty())
        fail(why);
    if (text.starts_with("\uFEFF"))
        text.erase(0, 3);
    if (isBlank(text))
        fail(pretext::said("holds nothing but white space; choose a file with text"));
    if (std::max(std::count(text.begin(), text.end(), '\n'), std::count(text.begin(), text.end(), '\r')) > kMostLines)
        fail(pretext::said("has more than %1 lines; choose a part of it", {kMostLines}));
    return text;
}

std::string textExtension(const fs::path &path)
{
    const auto lower = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
        return text;
    };
    const std::string last = lower(path.extension().string());
    return last == ".gz" ? lower(path.stem().extension().string()) : last;
}

} // namespace pretext
