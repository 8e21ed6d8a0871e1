// Chinese poems, a poem a sample: the Three Hundred Tang Poems and a hundred of the Song, from the Debian package fortunes-zh.
#include "core/data/sources/source.h"
#include "core/data/sources/text/textdataset.h"
#include "core/data/sources/text/textreading.h"
#include "core/data/tokens/normalise.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <sstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

const fs::path kPoemFolder = "/usr/share/games/fortunes";
constexpr const char *kPoemFiles[] = {"tang300", "song100"};

bool poemsAvailable()
{
    return fs::is_regular_file(kPoemFolder / kPoemFiles[0]) && fs::is_regular_file(kPoemFolder / kPoemFiles[1]);
}

/// Terminals' colours are "ESC [ ... m".
std::string withoutEscapes(const std::string &text)
{
    std::string plain;
    for (size_t at = 0; at < text.size();) {
        const size_t escape = std::min(text.find('\x1b', at), text.size());
        plain += text.substr(at, escape - at);
        at = escape == text.size() ? escape : std::min(text.find('m', escape), text.size() - 1) + 1;
    }
    return plain;
}

struct Poem
{
    std::string title, author;
    std::vector<std::string> lines;
};

std::string restAfter(const std::string &line, std::initializer_list<const char *> prefixes)
{
    for (const char *prefix : prefixes)
        if (line.starts_with(prefix))
            return line.substr(std::string_view(prefix).size());
    return {};
}

/// Poems are divided by lines of one %; title and author stand above each.
std::vector<Poem> poemsOf(const std::string &text)
{
    std::vector<Poem> poems(1);
    std::istringstream in(text);
    for (std::string raw; std::getline(in, raw);) {
        const std::string line = squeezed(raw);
        if (line == "%")
            poems.emplace_back();
        else if (std::string author = restAfter(line, {"作者：", "作者:"}); !author.empty())
            poems.back().author = author;
        else if (std::string title = restAfter(line, {"题目:", "题目："}); !title.empty())
            poems.back().title = title;
        else if (line.starts_with("《") && poems.back().lines.empty())
            poems.back().title = line;
        else if (!line.empty())
            poems.back().lines.push_back(line);
    }
    std::erase_if(poems, [](const Poem &poem) { return poem.lines.empty(); });
    return poems;
}

/// Regular poems have five characters between two marks, or seven; 2: neither.
int formOf(const Poem &poem)
{
    size_t length = 0, verse = 0;
    for (const std::string &line : poem.lines)
        for (size_t at = 0; at < line.size();) {
            const CodePoint c = codePointAt(line, at);
            at += c.bytes;
            if (!isPunctuation(c.value)) {
                ++verse;
                continue;
            }
            if (verse > 0 && length > 0 && verse != length)
                return 2;
            length = verse > 0 ? verse : length;
            verse = 0;
        }
    return length == 5 ? 0 : length == 7 ? 1 : 2;
}

/// Whole lines together, as many as kLongestSample allows.
std::vector<std::string> stanzasOf(const Poem &poem)
{
    std::vector<std::string> stanzas(1);
    for (const std::string &line : poem.lines)
        for (const std::string &part : cutText(line)) {
            if (!stanzas.back().empty() && stanzas.back().size() + part.size() > kLongestSample)
                stanzas.emplace_back();
            stanzas.back() += part;
        }
    return stanzas;
}

std::shared_ptr<const Dataset> openPoems()
{
    if (!poemsAvailable())
        throw std::invalid_argument(
            "[poems] "
            + pretext::said("%1 is absent; install the Debian package fortunes-zh (apt-get install --no-install-recommends fortunes-zh)",
                            {(kPoemFolder / kPoemFiles[0]).string()}));
    DatasetInfo info;
    info.name = "poems";
    info.columns = {{"collection", {"Tang", "Song"}}, {"form", {"five characters", "seven characters", "free"}}};
    info.tokenizer = "character";
    info.note = pretext::said("A poem is a sample, cut between its lines where it is longer than %1 bytes; one poem in ten is held out as a whole. Titles and "
                              "authors are not part of the text.",
                              {kLongestSample});
    std::vector<TextSample> samples;
    for (int collection : {0, 1})
        for (const Poem &poem : poemsOf(withoutEscapes(readText(kPoemFolder / kPoemFiles[collection])))) {
            const std::string name = poem.author + poem.title;
            for (std::string &stanza : stanzasOf(poem))
                samples.push_back({std::move(stanza), {float(collection), float(formOf(poem))}, stableHash(name), name});
        }
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

DatasetType poemsSource()
{
    return {"poems", PRETEXT_SAID("Tang and Song poems in Chinese: collection and form; Debian package fortunes-zh"), poemsAvailable, openPoems,
            Modality::text};
}

} // namespace pretext
