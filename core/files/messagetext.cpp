#include "core/files/messagetext.h"

#include "core/files/said.h"
#include "core/files/shownpath.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <cstdio>

namespace pretext {

std::string shortened(const std::string &text, size_t most)
{
    if (text.size() <= most)
        return text;
    size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return pretext::said("%1… (%2 bytes)", {text.substr(0, end), text.size()});
}

namespace {

constexpr size_t kLongestWord = 255;                // a file's name may be as long
constexpr size_t kLineBegin = 1000, kLineEnd = 400; // of a line that is longer: it names the file first, and last what to do

/// "[config] " at `at`: the bytes that it takes; 0 where there is none.
size_t placeInCode(const std::string &message, size_t at)
{
    const bool begins = at == 0 || (at >= 2 && message.compare(at - 2, 2, ": ") == 0);
    if (!begins || message[at] != '[')
        return 0;
    const size_t end = message.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._", at + 1);
    return end != std::string::npos && end > at + 1 && message.compare(end, 2, "] ") == 0 ? end + 2 - at : 0;
}

} // namespace

std::string forReader(const std::string &message)
{
    std::string read;
    for (size_t at = 0; at < message.size();) {
        at += placeInCode(message, at);
        const size_t end = std::min(message.find_first_of(" /\n", at), message.size() - 1) + 1;
        const std::string word = message.substr(at, end - at);
        read += word.size() > kLongestWord ? shortened(word) + ' ' : word;
        at = end;
    }
    return read;
}

std::string oneLine(const std::string &message)
{
    std::string line = shownText(forReader(message));
    if (line.size() > kLineBegin + kLineEnd)
        line = line.substr(0, codePointBoundary(line, kLineBegin)) + " … " + line.substr(codePointBoundary(line, line.size() - kLineEnd));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

std::string gigabytes(double bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, bytes < 1e8 ? "%.2g GB" : "%.1f GB", bytes / 1e9);
    return text;
}

} // namespace pretext
