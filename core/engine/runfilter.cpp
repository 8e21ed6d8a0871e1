#include "core/engine/runfilter.h"

#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/knobs/number.h"

#include <algorithm>
#include <regex>
#include <set>
#include <stdexcept>

namespace pretext {

namespace {

constexpr const char *kSigns = "=!<>";
constexpr const char *kOperators[] = {"=", "!=", "<", "<=", ">", ">="}; // as they are numbered

std::string lower(std::string text)
{
    for (char &c : text)
        if (c >= 'A' && c <= 'Z')
            c = char(c + 32);
    return text;
}

template<class T>
bool compares(RunCondition::Comparison comparison, const T &a, const T &b)
{
    switch (comparison) {
    case RunCondition::equal: return a == b;
    case RunCondition::different: return a != b;
    case RunCondition::less: return a < b;
    case RunCondition::lessOrEqual: return a <= b;
    case RunCondition::more: return a > b;
    case RunCondition::moreOrEqual: return a >= b;
    }
    return false;
}

/// As lists show it, and as files have it: knn>80, knn>80% and knn>0.8 ask the same.
std::optional<double> numberAsked(const RunCondition &condition)
{
    const bool percent = condition.value.ends_with('%');
    const std::optional<double> number = realNumber(percent ? condition.value.substr(0, condition.value.size() - 1) : condition.value);
    const bool share = condition.name == "knn" || condition.name == "probe";
    return number && (percent || (share && *number > 1)) ? *number / 100 : number;
}

bool holds(const RunCondition &condition, const RunSummary &run)
{
    const bool negative = condition.comparison == RunCondition::different;
    if (condition.name == "tag" && (negative || condition.comparison == RunCondition::equal))
        return negative != (std::ranges::find(run.notes.tags, condition.value) != run.notes.tags.end());
    const RunValue value = valueOf(run, condition.name);
    if (std::holds_alternative<std::monostate>(value))
        return false;
    if (const double *number = std::get_if<double>(&value)) {
        const std::optional<double> asked = numberAsked(condition);
        return asked ? compares(condition.comparison, *number, *asked) : negative;
    }
    const std::string &text = std::get<std::string>(value);
    if (condition.name == "data" || condition.name == "parent") // a path, or the end of one
        if (const size_t end = text.find_last_of("/@"); end != std::string::npos && condition.comparison == RunCondition::equal)
            return text == condition.value
                   || text.substr(condition.name == "data" ? end + 1 : 0, condition.name == "data" ? text.npos : end) == condition.value;
    return compares(condition.comparison, text, condition.value);
}

std::string noCondition(const std::string &text)
{
    return pretext::said("'%1' is no condition; write it as %2, or with != < <= > >= instead of =", {shortened(text), "NAME=VALUE"});
}

/// Where no run could have it.
std::string wrongValue(const RunCondition &condition, const std::vector<RunSummary> &runs)
{
    bool number = false, text = false;
    for (const RunSummary &run : runs) {
        const RunValue value = valueOf(run, condition.name);
        number |= std::holds_alternative<double>(value);
        text |= std::holds_alternative<std::string>(value);
    }
    if (number && !text && !numberAsked(condition))
        return pretext::said("%1 is a number, and '%2' is none", {condition.name, shortened(condition.value)});
    if (condition.name != "state")
        return {};
    std::string states;
    for (int state = 0; state <= int(RunState::gone); ++state) {
        if (condition.value == nameOf(RunState(state)))
            return {};
        states += (state ? ", " : "") + std::string(nameOf(RunState(state)));
    }
    return pretext::said("'%1' is no state of a run; those are %2", {shortened(condition.value), states});
}

/// What words are looked for in.
std::string textsOf(const RunSummary &run)
{
    return lower(run.path.string() + "\n" + run.method + "\n" + run.data + "\n" + run.encoder + "\n" + tagsInOne(run.notes.tags) + "\n" + run.notes.note);
}

} // namespace

bool RunFilter::accepts(const RunSummary &run) const
{
    if (!std::ranges::all_of(conditions, [&](const RunCondition &condition) { return holds(condition, run); }))
        return false;
    if (words.empty())
        return true;
    const std::string texts = textsOf(run);
    return std::ranges::all_of(words, [&](const std::string &word) { return texts.find(lower(word)) != std::string::npos; });
}

RunCondition runConditionOf(const std::string &text)
{
    const size_t at = text.find_first_of(kSigns);
    if (at == std::string::npos || at == 0)
        throw std::invalid_argument(noCondition(text));
    const size_t length = at + 1 < text.size() && text[at + 1] == '=' && text[at] != '=' ? 2 : 1;
    const std::string sign = text.substr(at, length);
    const auto found = std::ranges::find(kOperators, sign);
    if (found == std::end(kOperators) || at + length == text.size())
        throw std::invalid_argument(noCondition(text));
    return {text.substr(0, at), RunCondition::Comparison(found - std::begin(kOperators)), text.substr(at + length)};
}

RunFilter runFilterOf(const std::string &typed)
{
    static const std::regex aroundSigns(" *(!=|<=|>=|=|<|>) *");
    const std::string line = std::regex_replace(typed, aroundSigns, "$1");
    RunFilter filter;
    for (size_t begin = line.find_first_not_of(' '); begin != std::string::npos;) {
        const size_t end = std::min(line.find(' ', begin), line.size());
        const std::string word = line.substr(begin, end - begin);
        try {
            filter.conditions.push_back(runConditionOf(word));
        } catch (const std::invalid_argument &) {
            filter.words.push_back(word); // or a condition that is being typed
        }
        begin = line.find_first_not_of(' ', end);
    }
    return filter;
}

std::string unknownName(const std::string &name, const std::vector<RunSummary> &runs)
{
    const auto has = [&](const RunSummary &run) { return !std::holds_alternative<std::monostate>(valueOf(run, name)); };
    if (runs.empty() || std::ranges::find(runFields(), name) != runFields().end() || std::ranges::any_of(runs, has))
        return {};
    std::set<std::string> known(runFields().begin(), runFields().end());
    for (const RunSummary &run : runs) {
        for (const auto &[knob, value] : run.knobs)
            known.insert(knob);
        for (const auto &[result, value] : run.results)
            known.insert(result);
    }
    const std::string nearest = nearestName(name, {known.begin(), known.end()});
    return nearest.empty() ? pretext::said("no run has a knob or result '%1'", {shortened(name)})
                           : pretext::said("no run has a knob or result '%1'; did you mean %2?", {shortened(name), nearest});
}

std::string misunderstoodIn(const RunFilter &filter, const std::vector<RunSummary> &runs)
{
    for (const RunCondition &condition : filter.conditions) {
        if (const std::string unknown = unknownName(condition.name, runs); !unknown.empty())
            return unknown;
        if (const std::string wrong = wrongValue(condition, runs); !wrong.empty())
            return wrong;
    }
    for (const std::string &word : filter.words)
        if (word.find_first_of(kSigns) != std::string::npos)
            return noCondition(word);
    return {};
}

} // namespace pretext
