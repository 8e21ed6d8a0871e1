#include "core/files/json.h"

#include "core/files/messagetext.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// Behind the string that begins at `at`, or the text's end.
size_t behindString(std::string_view text, size_t at)
{
    for (++at; at < text.size() && text[at] != '"'; ++at)
        at += text[at] == '\\';
    return std::min(at + 1, text.size());
}

/// What a parser says after "parse error at line 1, column 2: " would repeat a word of any length that it met.
std::string whatFailed(const nlohmann::json::exception &error)
{
    std::string what = error.what();
    if (const size_t place = what.find("] "); place != std::string::npos)
        what.erase(0, place + 2);
    return shortened(what, 200);
}

/// Of two fields of one name neither is taken silently.
class FieldsOnce
{
public:
    void meet(size_t depth, nlohmann::json::parse_event_t event, const nlohmann::json &parsed)
    {
        using Event = nlohmann::json::parse_event_t;
        if (event == Event::object_start) {
            m_names.resize(std::max(m_names.size(), depth + 1));
            m_names[depth].clear();
        } else if (event == Event::key && !m_names[depth - 1].insert(parsed.get<std::string>()).second) {
            throw std::invalid_argument(pretext::said("has the field '%1' twice; leave one of them out", {shortened(parsed.get<std::string>(), 60)}));
        }
    }

private:
    std::vector<std::set<std::string>> m_names; // of the objects that are open, by depth
};

} // namespace

void checkJsonBounds(std::string_view text)
{
    if (text.size() > kLargestJson)
        throw std::invalid_argument(said("is JSON of %1 bytes; more than %2 are not read", {text.size(), kLargestJson}));
    size_t depth = 0, values = 1;
    for (size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at = behindString(text, at);
            continue;
        }
        ++at;
        depth += c == '[' || c == '{';
        depth -= depth > 0 && (c == ']' || c == '}');
        values += c == '[' || c == '{' || c == ',';
        if (depth > kDeepestJson)
            throw std::invalid_argument(said("is JSON nested more than %1 deep, at byte %2", {kDeepestJson, at}));
        if (values > kMostJsonValues)
            throw std::invalid_argument(said("is JSON of more than %1 values", {kMostJsonValues}));
    }
}

nlohmann::json parseJson(std::string_view text)
{
    checkJsonBounds(text);
    FieldsOnce fieldsOnce;
    try {
        return nlohmann::json::parse(text, [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json &parsed) {
            fieldsOnce.meet(size_t(depth), event, parsed);
            return true;
        });
    } catch (const nlohmann::json::exception &error) {
        throw std::invalid_argument(pretext::said("is not JSON: %1", {whatFailed(error)}));
    }
}

nlohmann::json readJson(const fs::path &file)
{
    const std::string text = readRegularFile(file, kLargestJsonFile);
    try {
        return parseJson(text);
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(file.string() + ": " + error.what());
    }
}

int64_t wholeNumber(const nlohmann::json &value, int64_t least, int64_t most)
{
    const bool whole = value.is_number_integer() && !(value.is_number_unsigned() && std::cmp_greater(value.get<uint64_t>(), most));
    if (!whole || value.get<int64_t>() < least || value.get<int64_t>() > most)
        throw std::invalid_argument(said("%1 is no whole number in %2 .. %3", {excerptOf(value), least, most}));
    return value.get<int64_t>();
}

std::string excerptOf(const nlohmann::json &value)
{
    return shortened(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace pretext
