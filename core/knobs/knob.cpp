// Knobs: checking values against their declarations, and their text form.
#include "core/knobs/knob.h"

#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/knobs/number.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

namespace pretext {
namespace {

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// What the knob takes, for error messages: "a number from 0.01 to 1".
std::string rangeText(const Knob &knob)
{
    switch (knob.kind) {
    case KnobKind::boolean: return pretext::said("true or false (on, off, yes, no, 1 and 0 do as well)");
    case KnobKind::choice: return pretext::said("one of %1", {joined(knob.choices)});
    case KnobKind::integer: return pretext::said("a whole number from %1 to %2", {toText(knob.minimum), toText(knob.maximum)});
    case KnobKind::real: break;
    }
    return pretext::said("a number from %1 to %2", {toText(knob.minimum), toText(knob.maximum)});
}

bool fits(const Knob &knob, const KnobValue &value)
{
    switch (knob.kind) {
    case KnobKind::boolean: return std::holds_alternative<bool>(value);
    case KnobKind::choice:
        return std::holds_alternative<std::string>(value) && std::ranges::find(knob.choices, std::get<std::string>(value)) != knob.choices.end();
    case KnobKind::integer:
    case KnobKind::real: break;
    }
    const double *number = std::get_if<double>(&value);
    return number && *number >= knob.minimum && *number <= knob.maximum // false for NaN
           && (knob.kind == KnobKind::real || *number == std::floor(*number));
}

[[noreturn]] void reject(const Knob &knob, const std::string &text)
{
    std::string nearest = knob.kind == KnobKind::choice ? nearestName(text, knob.choices) : std::string();
    throw std::invalid_argument(
        "[knob] "
        + (nearest.empty() ? said("%1 cannot be \"%2\"; it takes %3", {knob.name, shortened(text), rangeText(knob)})
                           : said("%1 cannot be \"%2\"; it takes %3; did you mean \"%4\"?", {knob.name, shortened(text), rangeText(knob), nearest})));
}

/// Whether the rule holds between a knob's value and the other's; a share's rounding is no contradiction.
bool ruleHolds(KnobRule::Kind kind, double value, double other)
{
    constexpr double kRounding = 1e-6;
    switch (kind) {
    case KnobRule::togetherAtMostOne: return value + other <= 1 + kRounding;
    case KnobRule::notAbove: return value <= other;
    case KnobRule::divides: break;
    }
    return value != 0 && std::fmod(other, value) == 0;
}

[[noreturn]] void rejectPair(const KnobSet &set, const Knob &knob, const KnobRule &rule)
{
    const char *pattern = PRETEXT_SAID("%1 is %2 and %3 is %4; the first must divide the second");
    if (rule.kind == KnobRule::togetherAtMostOne)
        pattern = PRETEXT_SAID("%1 is %2 and %3 is %4, together more than 1; lower one of them");
    else if (rule.kind == KnobRule::notAbove)
        pattern = PRETEXT_SAID("%1 is %2 and %3 is %4; the first must not be above the second");
    throw std::invalid_argument("[knob] " + said(pattern, {knob.name, toText(set.value(knob.name)), rule.other, toText(set.value(rule.other))}));
}

const Knob &declared(const KnobSet &set, const std::string &name)
{
    if (const Knob *knob = set.find(name))
        return *knob;
    std::vector<std::string> names;
    for (const Knob &knob : set.declarations())
        names.push_back(knob.name);
    const std::string nearest = nearestName(name, names);
    throw std::invalid_argument("[knob] "
                                + (nearest.empty() ? said("there is no knob \"%1\"; there are %2", {shortened(name), joined(names)})
                                                   : said("there is no knob \"%1\"; did you mean \"%2\"?", {shortened(name), nearest})));
}

std::string lowerCase(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char letter) { return std::tolower(letter); });
    return text;
}

/// What on and off are written as.
std::optional<bool> switchWord(const std::string &text)
{
    const std::string word = lowerCase(text);
    if (word == "true" || word == "on" || word == "yes" || word == "1")
        return true;
    if (word == "false" || word == "off" || word == "no" || word == "0")
        return false;
    return std::nullopt;
}

/// The value as the knob takes it today: a choice that was once a switch is still told so by old files and commands.
KnobValue ofToday(const Knob &knob, const KnobValue &value)
{
    if (knob.kind != KnobKind::choice || knob.formerSwitch.empty())
        return value;
    const std::optional<bool> on = switchWord(toText(value));
    return !on ? value : KnobValue(*on ? knob.formerSwitch : knob.choices.front());
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
size_t editDistance(const std::string &a, const std::string &b)
{
    std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) {
        for (size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

} // namespace

KnobSet::KnobSet(std::vector<Knob> declarations) : m_declarations(std::move(declarations))
{
    for (const Knob &knob : m_declarations) {
        if (!fits(knob, knob.defaultValue))
            reject(knob, toText(knob.defaultValue));
        if (!m_values.emplace(knob.name, knob.defaultValue).second)
            throw std::invalid_argument("[knob] " + pretext::said("%1 is declared twice", {knob.name}));
    }
}

const Knob *KnobSet::find(const std::string &name) const
{
    auto it = std::ranges::find(m_declarations, name, &Knob::name);
    return it == m_declarations.end() ? nullptr : &*it;
}

void KnobSet::check(const std::string &name, const KnobValue &value) const
{
    const Knob &knob = declared(*this, name);
    if (!fits(knob, ofToday(knob, value)))
        reject(knob, toText(value));
    if (knob.effect == KnobEffect::restart)
        return;
    KnobSet changed = *this;
    changed.m_values[name] = ofToday(knob, value);
    changed.requireConsistent();
}

void KnobSet::requireConsistent() const
{
    for (const Knob &knob : m_declarations)
        for (const KnobRule &rule : knob.rules)
            if (find(rule.other) && !ruleHolds(rule.kind, real(knob.name), real(rule.other)))
                rejectPair(*this, knob, rule);
}

void KnobSet::settle()
{
    for (const Knob &knob : m_declarations)
        for (const KnobRule &rule : knob.rules) {
            if (!find(rule.other) || ruleHolds(rule.kind, real(knob.name), real(rule.other)))
                continue;
            if (rule.kind == KnobRule::notAbove)
                std::swap(m_values[knob.name], m_values[rule.other]);
            else if (rule.kind == KnobRule::togetherAtMostOne)
                m_values[knob.name] = 1 - real(rule.other);
        }
}

void KnobSet::set(const std::string &name, const KnobValue &value)
{
    const Knob &knob = declared(*this, name);
    const KnobValue today = ofToday(knob, value);
    if (!fits(knob, today))
        reject(knob, toText(value));
    m_values[name] = today;
}

void KnobSet::setText(const std::string &name, const std::string &text)
{
    const Knob &knob = declared(*this, name);
    KnobValue value = ofToday(knob, text);
    if (knob.kind == KnobKind::boolean) {
        if (const auto on = switchWord(text))
            value = *on;
    } else if (knob.kind == KnobKind::integer) {
        if (const auto number = wholeNumber<int64_t>(text))
            value = double(*number);
    } else if (knob.kind == KnobKind::real) {
        if (const auto number = realNumber(text))
            value = *number;
    }
    if (!fits(knob, value))
        reject(knob, text);
    m_values[name] = value;
}

const KnobValue &KnobSet::value(const std::string &name) const
{
    return m_values.at(declared(*this, name).name);
}

std::vector<std::string> changedInOrder(const KnobSet &from, const KnobSet &to)
{
    std::vector<std::string> left, order;
    for (const auto &[name, value] : to.values())
        if (from.value(name) != value)
            left.push_back(name);
    KnobSet now = from;
    const auto fitsNow = [&](const std::string &name) {
        KnobSet next = now;
        next.set(name, to.value(name));
        try {
            next.requireConsistent();
        } catch (const std::invalid_argument &) {
            return false;
        }
        return true;
    };
    while (!left.empty()) {
        auto next = std::ranges::find_if(left, fitsNow);
        if (next == left.end())
            next = left.begin(); // the values themselves contradict each other
        now.set(*next, to.value(*next));
        order.push_back(*next);
        left.erase(next);
    }
    return order;
}

std::string toText(const KnobValue &value)
{
    if (const bool *flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const std::string *text = std::get_if<std::string>(&value))
        return *text;
    const double number = std::get<double>(value);
    // Whole numbers as people write them: "100000", not "1e+05".
    const bool whole = number == std::floor(number) && std::abs(number) < 1e15;
    char buffer[32];
    auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number, whole ? std::chars_format::fixed : std::chars_format::general);
    return std::string(buffer, end);
}

const char *toText(KnobEffect effect)
{
    switch (effect) {
    case KnobEffect::live: return PRETEXT_SAID("live");
    case KnobEffect::nextBatch: return PRETEXT_SAID("next batch");
    case KnobEffect::restart: break;
    }
    return PRETEXT_SAID("restart");
}

std::string nearestName(const std::string &name, const std::vector<std::string> &candidates)
{
    constexpr size_t kLongest = 100; // names are short; the distance takes time and memory by the product of the lengths
    if (name.size() > kLongest)
        return {};
    const std::string wanted = lowerCase(name);
    std::string nearest;
    size_t best = std::string::npos;
    for (const std::string &candidate : candidates) {
        const std::string other = lowerCase(candidate);
        size_t distance = editDistance(wanted, other);
        if (wanted.size() >= 3 && other.starts_with(wanted))
            distance = std::min<size_t>(distance, 1); // an abbreviation: "temp" for "temperature"
        if (distance <= std::max<size_t>(1, std::max(wanted.size(), other.size()) / 3) && distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

} // namespace pretext
