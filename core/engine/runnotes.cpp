#include "core/engine/runnotes.h"

#include "core/files/json.h"
#include "core/files/messagetext.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLongestTag = 60; // bytes

std::string trimmed(const std::string &text)
{
    const size_t begin = text.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? std::string() : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

} // namespace

RunNotes readNotes(const fs::path &run)
{
    std::error_code absent;
    const fs::path file = run / kNotesFile;
    if (!fs::exists(file, absent))
        return {};
    const nlohmann::json json = readJson(file);
    try {
        return {json.value("note", std::string()), json.value("tags", std::vector<std::string>())};
    } catch (const nlohmann::json::exception &) {
        throw std::invalid_argument(file.string() + ": "
                                    + pretext::said("holds no note and tags, as in %1; remove it", {R"({"note": "text", "tags": ["a", "b"]})"}));
    }
}

void writeNotes(const fs::path &run, const RunNotes &notes)
{
    const fs::path file = run / kNotesFile;
    std::error_code error;
    if (notes == RunNotes()) {
        fs::remove(file, error);
        if (error)
            throw std::runtime_error(file.string() + ": " + said("cannot be removed: %1", {error.message()}));
        return;
    }
    const nlohmann::json json{{"note", notes.note}, {"tags", notes.tags}};
    const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(file, {bytes, bytes + text.size()});
}

std::string tagsInOne(const std::vector<std::string> &tags)
{
    std::string line;
    for (const std::string &tag : tags)
        line += (line.empty() ? "" : ", ") + tag;
    return line;
}

std::vector<std::string> tagsOf(const std::string &line)
{
    RunNotes notes;
    for (size_t begin = 0; begin <= line.size();) {
        const size_t end = std::min(line.find(',', begin), line.size());
        addTag(notes, line.substr(begin, end - begin));
        begin = end + 1;
    }
    return notes.tags;
}

void addTag(RunNotes &notes, const std::string &tag)
{
    const std::string clean = trimmed(tag);
    if (clean.size() > kLongestTag || clean.find(',') != std::string::npos)
        throw std::invalid_argument(
            said("the tag '%1' is too long, or holds a comma; a tag is a word or two, of %2 bytes at most", {shortened(clean), kLongestTag}));
    if (!clean.empty() && std::ranges::find(notes.tags, clean) == notes.tags.end())
        notes.tags.push_back(clean);
}

void removeTag(RunNotes &notes, const std::string &tag)
{
    std::erase(notes.tags, trimmed(tag));
}

} // namespace pretext
