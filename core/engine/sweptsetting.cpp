#include "core/engine/sweptsetting.h"

#include "core/files/said.h"
#include "core/knobs/number.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <stdexcept>

namespace pretext {

namespace {

constexpr std::array kSameForAll{"dataset", "device", "threads", "steps", "minutes", "size", "grey", "imbalance", "init"};

[[noreturn]] void refuseSwept(const std::string &name, const std::string &text, const std::string &why)
{
    throw std::invalid_argument(name + "=" + text + ": " + why);
}

/// Throws where none of them has it.
std::vector<const RunConfig *> withKnob(std::span<const RunConfig> bases, const std::string &name, const std::string &text)
{
    std::vector<const RunConfig *> found;
    for (const RunConfig &base : bases)
        if (base.knobs.find(name))
            found.push_back(&base);
    if (!found.empty())
        return found;
    if (std::ranges::find(kSameForAll, name) != kSameForAll.end())
        refuseSwept(name, text, said("it is the same for all trials; what differs between them are knobs, method, encoder, batch, seed and precision"));
    requireOwnKnob(bases.front(), name);
    KnobSet knobs = bases.front().knobs;
    knobs.setText(name, text); // says that there is none, and which there are
    return found;
}

std::string wholeText(const std::string &name, const std::string &text, const std::string &value, uint64_t least)
{
    const std::optional<uint64_t> number = wholeNumber<uint64_t>(value);
    if (!number || *number < least || (name == "batch" && *number > uint64_t(INT64_MAX)))
        refuseSwept(name, text, pretext::said("%1 must be a whole number, at least %2", {value, least}));
    return std::to_string(*number);
}

SweptSetting rangeOf(std::span<const RunConfig> bases, const std::string &name, const std::string &text)
{
    if (isSweptField(name))
        refuseSwept(name, text, said("a range is for knobs; give values"));
    const std::vector<const RunConfig *> own = withKnob(bases, name, text);
    const Knob *knob = own.front()->knobs.find(name);
    if (knob->kind != KnobKind::real && knob->kind != KnobKind::integer)
        refuseSwept(name, text, said("a range is for numbers; give values"));
    SweptSetting setting{name};
    setting.low = knob->minimum;
    setting.high = knob->maximum;
    for (const RunConfig *base : own) {
        setting.low = std::max(setting.low, base->knobs.find(name)->minimum);
        setting.high = std::min(setting.high, base->knobs.find(name)->maximum);
    }
    const size_t between = text.find(kRangeSign);
    const auto takeEnd = [&](const std::string &end, double &number) {
        if (end.empty())
            return;
        KnobSet knobs = own.front()->knobs;
        knobs.setText(name, end);
        number = knobs.real(name);
    };
    takeEnd(text.substr(0, between), setting.low);
    takeEnd(text.substr(between + 2), setting.high);
    setting.whole = knob->kind == KnobKind::integer;
    setting.logarithmic = knob->logarithmic && setting.low > 0;
    if (setting.low >= setting.high)
        refuseSwept(name, text, said("write a range as %1", {"LEAST..MOST"}));
    return setting;
}

/// As it is written everywhere, so that equal values are equal texts.
std::string settled(std::span<const RunConfig> bases, const std::string &name, const std::string &text, const std::string &value)
{
    if (name == "batch")
        return wholeText(name, text, value, 2);
    if (name == "seed")
        return wholeText(name, text, value, 0);
    if (isSweptField(name))
        return value;
    KnobSet knobs = withKnob(bases, name, text).front()->knobs;
    knobs.setText(name, value);
    return toText(knobs.value(name));
}

SweptSetting listOf(std::span<const RunConfig> bases, const std::string &name, const std::string &text)
{
    SweptSetting setting{name, valuesIn(text)};
    std::set<std::string> known;
    for (std::string &value : setting.values) {
        if (value.empty())
            refuseSwept(name, text, said("write it as %1", {"KNOB=VALUE,VALUE,..."}));
        value = settled(bases, name, text, value);
        if (!known.insert(value).second)
            refuseSwept(name, text, pretext::said("%1 is there twice; give it once", {value}));
    }
    return setting;
}

} // namespace

bool isSweptField(const std::string &name)
{
    return std::ranges::find(kSweptFields, name) != kSweptFields.end();
}

bool setSweptField(RunConfig &config, const std::string &name, const std::string &value)
{
    if (name == "batch")
        config.batch = wholeNumber<int64_t>(value).value();
    else if (name == "seed")
        config.seed = wholeNumber<uint64_t>(value).value();
    else if (name == "precision")
        config.precision = value;
    return isSweptField(name);
}

std::vector<std::string> valuesIn(const std::string &text)
{
    std::vector<std::string> parts{""};
    for (const char c : text)
        if (c == ',')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

SweptSetting sweptSettingOf(std::span<const RunConfig> bases, const std::string &name, const std::string &text)
{
    return text.find(kRangeSign) != std::string::npos ? rangeOf(bases, name, text) : listOf(bases, name, text);
}

} // namespace pretext
