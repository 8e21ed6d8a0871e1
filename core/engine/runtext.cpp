#include "core/engine/runtext.h"

#include "core/data/sources/folder.h"
#include "core/engine/rowfile.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

constexpr size_t kSettingsLetters = 7, kDataLetters = 5;
constexpr const char *kLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // without I, L, O and U, which are misread (Crockford's base 32)

/// FNV-1a (Fowler, Noll and Vo), 64 bits, its upper half folded in.
std::string lettersOf(const std::string &text, size_t count)
{
    uint64_t hash = 14695981039346656037u;
    for (const unsigned char c : text)
        hash = (hash ^ c) * 1099511628211u;
    hash ^= hash >> 32;
    std::string letters;
    for (; letters.size() < count; hash >>= 5)
        letters += kLetters[hash & 31];
    return letters;
}

/// A knob at its default is not told of, so that one that a later version declares changes no code.
std::string settingsOf(const RunConfig &config, bool length)
{
    std::string text = config.method + ' ' + config.encoder + ' ' + std::to_string(config.batch) + ' ' + std::to_string(config.seed) + ' '
                       + std::to_string(config.datasetOptions.size) + ' ' + std::to_string(config.datasetOptions.colour) + ' '
                       + numberText(config.datasetOptions.imbalance) + ' ' + std::to_string(config.image.height) + ' ' + std::to_string(config.image.width)
                       + ' ' + std::to_string(config.image.channels) + ' ' + std::to_string(config.classes);
    if (length)
        text += " steps " + std::to_string(config.steps);
    for (const Knob &knob : config.knobs.declarations())
        if (const KnobValue &value = config.knobs.value(knob.name); value != knob.defaultValue)
            text += ' ' + knob.name + '=' + toText(value);
    return text;
}

std::string dataOf(const DataMark &data)
{
    return std::to_string(data.train) + ' ' + std::to_string(data.test) + ' ' + data.content;
}

std::string quotedWord(const std::string &word)
{
    const auto plain = [](unsigned char c) { return std::isalnum(c) || std::string("_-./=:,+@%").find(char(c)) != std::string::npos; };
    if (!word.empty() && std::ranges::all_of(word, plain))
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// What programs for slides make of dashes, quotes and spaces.
std::string plainText(std::string text)
{
    static const std::pair<const char *, const char *> kInstead[] = {{"\u2013", "--"}, {"\u2014", "--"}, {"\u2011", "-"},  {"\u2010", "-"},  {"\u2212", "-"},
                                                                     {"\u2018", "'"},  {"\u2019", "'"},  {"\u201c", "\""}, {"\u201d", "\""}, {"\u00a0", " "}};
    for (const auto &[strange, plain] : kInstead)
        for (size_t at = 0; (at = text.find(strange, at)) != std::string::npos;)
            text.replace(at, std::string(strange).size(), plain);
    for (size_t at = 0; (at = text.find("---", at)) != std::string::npos;)
        text.erase(at, 1); // of a dash that was doubled
    return text;
}

std::vector<std::string> shellWords(const std::string &text)
{
    std::vector<std::string> words;
    char quote = 0;
    bool open = false; // a word, which may be empty in its quotes
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!quote && std::isspace(static_cast<unsigned char>(c))) {
            open = false;
            continue;
        }
        if (!std::exchange(open, true))
            words.emplace_back();
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? 0 : c;
        else if (!quote && c == '\\' && i + 1 < text.size())
            words.back() += text[++i];
        else
            words.back() += c;
    }
    if (quote)
        throw std::invalid_argument(pretext::said("the text is cut off within quotes: copy all of it"));
    return words;
}

} // namespace

std::vector<std::pair<std::string, std::string>> settingsInOptions(const RunConfig &config, const Dataset &dataset)
{
    std::vector<std::pair<std::string, std::string>> options{{"--method", config.method}, {"--dataset", config.dataset}};
    const RunConfig usual = recommendedConfig(dataset, config.method);
    if (config.encoder != usual.encoder)
        options.emplace_back("--encoder", config.encoder);
    const RunConfig recipe = recommendedConfig(dataset, config.method, config.encoder);
    if (config.batch != recipe.batch)
        options.emplace_back("--batch", std::to_string(config.batch));
    options.emplace_back("--seed", std::to_string(config.seed));
    if (config.steps > 0)
        options.emplace_back("--steps", std::to_string(config.steps));
    else if (config.minutes > 0)
        options.emplace_back("--minutes", toText(config.minutes));
    if (isResized(dataset) && config.datasetOptions.size != DatasetOptions().size)
        options.emplace_back("--size", std::to_string(config.datasetOptions.size));
    if (isResized(dataset) && !config.datasetOptions.colour)
        options.emplace_back("--grey", "");
    if (config.datasetOptions.imbalance != 1)
        options.emplace_back("--imbalance", toText(config.datasetOptions.imbalance));
    if (!config.init.empty())
        options.emplace_back("--init", config.init);
    if (config.threads > 0)
        options.emplace_back("--threads", std::to_string(config.threads));
    if (config.device == "cuda")
        options.emplace_back("--device", config.device);
    if (config.precision != "auto")
        options.emplace_back("--precision", config.precision);
    for (const Knob &knob : config.knobs.declarations())
        if (const KnobValue &value = config.knobs.value(knob.name); value != recipe.knobs.value(knob.name))
            options.emplace_back("--set", knob.name + '=' + toText(value));
    return options;
}

std::string asShellLine(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + quotedWord(word);
    return text;
}

std::string runText(const RunConfig &config, const Dataset &dataset)
{
    std::vector<std::string> words{"pretext", "train"};
    for (const auto &[option, value] : settingsInOptions(config, dataset)) {
        words.push_back(option);
        if (!value.empty())
            words.push_back(value);
    }
    words.insert(words.end(), {"--code", runCode(config, markOf(dataset))});
    return asShellLine(words);
}

bool isRunText(const std::string &text)
{
    static const std::string kBegin = std::string("pretext") + ' ' + "train" + ' ';
    const size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string::npos && text.compare(begin, kBegin.size(), kBegin) == 0;
}

std::vector<std::string> wordsOfRunText(const std::string &text)
{
    const std::vector<std::string> words = shellWords(plainText(text));
    if (words.size() < 2 || words[0] != "pretext" || words[1] != "train")
        throw std::invalid_argument(pretext::said("%1 is no text of a run, which begins with pretext train and ends with --code and its code",
                                                  {shortened(text.empty() ? "''" : text)}));
    const size_t count = words.size();
    if (words[count - 2] != "--code" || words.back().size() != kSettingsLetters + 1 + kDataLetters)
        throw std::invalid_argument(pretext::said("the text ends in %1, not in --code and its code: copy all of it", {shortened(words.back())}));
    return words;
}

std::string runCode(const RunConfig &config, const DataMark &data)
{
    return lettersOf(settingsOf(config, config.steps > 0), kSettingsLetters) + '-' + lettersOf(dataOf(data), kDataLetters);
}

std::string differenceFromCode(const std::string &code, const RunConfig &config, const Dataset &dataset)
{
    const bool shaped = code.size() == kSettingsLetters + 1 + kDataLetters && code[kSettingsLetters] == '-'
                        && std::ranges::all_of(code, [](char c) { return c == '-' || std::string(kLetters).find(c) != std::string::npos; });
    if (!shaped)
        throw std::invalid_argument(pretext::said("%1 is no code of a run, which is like 7K3QF2M-Q9XB5", {shortened(code)}));
    const std::string settings = code.substr(0, kSettingsLetters), data = code.substr(kSettingsLetters + 1);
    const DataMark mark = markOf(dataset);
    if (const std::string own = lettersOf(dataOf(mark), kDataLetters); own != data)
        return pretext::said(
            "%1 are not the data of the run that the code %2 is of: their mark is %3, not %4, unless one of its last characters was changed on the way",
            {dataset.info().name, code, own, data});
    if (lettersOf(settingsOf(config, true), kSettingsLetters) != settings && lettersOf(settingsOf(config, false), kSettingsLetters) != settings)
        return pretext::said("the settings come out otherwise than those of the run that the code %1 is of: a character was changed on the way, or this "
                             "version's recipes are others",
                             {code});
    return {};
}

} // namespace pretext
