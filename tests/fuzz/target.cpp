#include "tests/fuzz/target.h"

#include "core/files/messagetext.h"
#include "core/files/utf8.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <new>

namespace pretext::fuzz {

namespace fs = std::filesystem;

#define TARGET(name, longest) void read_##name(std::string_view input);
#include "tests/fuzz/targets.def"
#undef TARGET

namespace {

constexpr size_t kLongestMessage = 2000; // bytes

/// How the standard library says that an index or an argument was not checked.
constexpr std::string_view kAccidents[] = {
    "_M_", "::at", "basic_string", "vector", "bad_", "std::", "stoi", "stol", "stof", "stod", "map/set", "bad optional access"};

} // namespace

const std::vector<Target> &targets()
{
    static const std::vector<Target> all = {
#define TARGET(name, longest) {#name, read_##name, longest},
#include "tests/fuzz/targets.def"
#undef TARGET
    };
    return all;
}

const Target *findTarget(std::string_view name)
{
    const auto found = std::find_if(targets().begin(), targets().end(), [&](const Target &target) { return target.name == name; });
    return found == targets().end() ? nullptr : &*found;
}

Outcome outcomeOf(const Target &target, std::string_view input)
{
    try {
        target.read(input);
        return {Outcome::read, {}};
    } catch (const Finding &finding) {
        return {Outcome::finding, finding.what};
    } catch (const std::exception &error) {
        const std::string shown = oneLine(error.what()), fault = faultIn(shown);
        return fault.empty() ? Outcome{Outcome::refused, shown} : Outcome{Outcome::finding, fault};
    } catch (...) {
        return {Outcome::finding, "an exception of an unknown type"};
    }
}

std::string faultIn(std::string_view message)
{
    if (message.empty())
        return "a message that says nothing";
    if (message.size() > kLongestMessage)
        return "a message of " + std::to_string(message.size()) + " bytes: " + std::string(message.substr(0, 300)) + "...";
    if (invalidUtf8(message))
        return "a message that is not UTF-8: " + std::string(message);
    for (size_t at = 0; at < message.size();) {
        const CodePoint c = codePointAt(message, at);
        if (c.value < 0x20 || (c.value >= 0x7f && c.value < 0xa0))
            return "a message with control characters: " + std::string(message);
        at += c.bytes;
    }
    for (std::string_view accident : kAccidents)
        if (message.starts_with(accident))
            return "a message that no user understands: " + std::string(message);
    return {};
}

void require(bool holds, const std::string &what)
{
    if (!holds)
        throw Finding{what};
}

void requireWell(const std::string &message)
{
    const std::string fault = faultIn(oneLine(message));
    require(fault.empty(), fault);
}

void readUnderEach(const std::vector<const char *> &names, void (*read)(const char *name, std::string_view input), std::string_view input)
{
    size_t refused = 0;
    for (const char *name : names)
        try {
            read(name, input);
        } catch (const std::exception &error) {
            if (++refused == names.size())
                throw;
            requireWell(error.what());
        }
}

std::vector<std::string> partsOf(std::string_view input)
{
    constexpr std::string_view kBetween = "\n====\n";
    std::vector<std::string> parts;
    while (true) {
        const size_t end = std::min(input.find(kBetween), input.size());
        parts.emplace_back(input.substr(0, end));
        if (end == input.size())
            return parts;
        input.remove_prefix(end + kBetween.size());
    }
}

Scratch::Scratch() : m_path(fs::temp_directory_path() / ("pretext-fuzz-" + std::to_string(getpid())))
{
    fs::create_directory(m_path);
}

Scratch::~Scratch()
{
    std::error_code none;
    fs::remove_all(m_path, none);
}

fs::path Scratch::write(const std::string &name, std::string_view content) const
{
    const fs::path path = m_path / name;
    std::ofstream file(path, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size())).flush();
    if (!file)
        throw Finding{"the harness cannot write " + path.string()};
    return path;
}

} // namespace pretext::fuzz
