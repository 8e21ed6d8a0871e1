#include "core/engine/sweptsetting.h"

#include "core/files/said.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace pretext {

namespace {

constexpr std::array kSweptFields{"method", "encoder", "batch", "seed"};

[[noreturn]] void refuseSwept(const std::string &name, const std::string &text, const std::string &why)
{
    throw std::invalid_argument(name + "=" + text + ": " + why);
}

SweptSetting rangeOf(const RunConfig &base, const std::string &name, const std::string &text)
{
    if (isSweptField(name))
        refuseSwept(name, text, said("a range is for knobs; give values"));
    requireOwnKnob(base, name);
    const Knob *knob = base.knobs.find(name);
    if (!knob || (knob->kind != KnobKind::real && knob->kind != KnobKind::integer))
        refuseSwept(name, text, said("a range is for numbers; give values"));
    const size_t between = text.find(kRangeSign);
    const auto endOf = [&](const std::string &end, double declared) {
        if (end.empty())
            return declared;
        KnobSet knobs = base.knobs;
        knobs.setText(name, end);
        return knobs.real(name);
    };
    SweptSetting setting{name};
    setting.low = endOf(text.substr(0, between), knob->minimum);
    setting.high = endOf(text.substr(between + 2), knob->maximum);
    setting.whole = knob->kind == KnobKind::integer;
    setting.logarithmic = knob->logarithmic && setting.low > 0;
    if (setting.low >= setting.high)
        refuseSwept(name, text, said("write a range as %1", {"LEAST..MOST"}));
    return setting;
}

SweptSetting listOf(const RunConfig &base, const std::string &name, const std::string &text)
{
    SweptSetting setting{name, valuesIn(text)};
    std::set<std::string> known;
    for (std::string &value : setting.values) {
        if (value.empty())
            refuseSwept(name, text, said("write it as %1", {"KNOB=VALUE,VALUE,..."}));
        if (base.knobs.find(name)) {
            KnobSet knobs = base.knobs;
            knobs.setText(name, value);
            value = toText(knobs.value(name));
        }
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

SweptSetting sweptSettingOf(const RunConfig &base, const std::string &name, const std::string &text)
{
    return text.find(kRangeSign) != std::string::npos ? rangeOf(base, name, text) : listOf(base, name, text);
}

} // namespace pretext
