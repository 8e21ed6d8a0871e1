#include "core/engine/sweepdraw.h"

#include "core/files/said.h"
#include "core/knobs/knob.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>

namespace pretext {

namespace {

constexpr uint32_t kSweepStream = 0x73776570; // no other stream of a seed begins so

/// The next double from 0 to 1, both of which it may be.
double shareOf(Random &random)
{
    return double(random.bits()) / double(UINT32_MAX);
}

std::string drawnValue(const SweptSetting &setting, Random &random)
{
    if (!setting.values.empty())
        return setting.values[random.below(uint32_t(setting.values.size()))];
    const double share = shareOf(random), low = setting.low, high = setting.high;
    if (setting.whole && !setting.logarithmic)
        return toText(KnobValue(std::min(high, std::floor(low + share * (high - low + 1)))));
    const double value = setting.logarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
    if (setting.whole)
        return toText(KnobValue(std::clamp(std::round(value), low, high)));
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return toText(KnobValue(std::clamp(std::strtod(text, nullptr), low, high)));
}

} // namespace

std::string settingIn(const Settings &settings, const std::string &name)
{
    const auto found = std::ranges::find(settings, name, &Settings::value_type::first);
    return found == settings.end() ? std::string() : found->second;
}

std::vector<Settings> gridOf(const std::vector<SweptSetting> &swept, const OwnSettings &own)
{
    std::vector<Settings> all{{}};
    for (const SweptSetting &setting : swept) {
        if (setting.values.empty())
            throw std::invalid_argument(
                pretext::said("%1 has a range, of which values can only be drawn: give values, as in %2, or say how many trials are drawn at random (--random)",
                              {setting.name, setting.name + "=0.1,0.2"}));
        if (int64_t(all.size() * setting.values.size()) > kMostTrials)
            throw std::invalid_argument(pretext::said("there are more than %1 combinations; give fewer values, or have some drawn", {kMostTrials}));
        std::vector<Settings> longer;
        for (const Settings &begun : all)
            for (const std::string &value : setting.values) {
                longer.push_back(begun);
                longer.back().emplace_back(setting.name, value);
            }
        all = std::move(longer);
    }
    if (!own)
        return all;
    std::vector<Settings> different;
    std::set<Settings> known;
    for (const Settings &settings : all)
        if (Settings its = own(settings); known.insert(its).second)
            different.push_back(std::move(its));
    return different;
}

std::vector<Settings> drawnFrom(const std::vector<SweptSetting> &swept, int64_t count, uint64_t seed, const OwnSettings &own)
{
    constexpr int64_t kTries = 1000; // for each: among few combinations the last ones are rarely drawn
    std::vector<Settings> drawn;
    std::set<Settings> known;
    for (int64_t i = 0; i < kTries * count && int64_t(drawn.size()) < count; ++i) {
        Random random(seed, kSweepStream, uint32_t(i));
        Settings settings;
        for (const SweptSetting &setting : swept)
            settings.emplace_back(setting.name, drawnValue(setting, random));
        if (own)
            settings = own(settings);
        if (known.insert(settings).second)
            drawn.push_back(std::move(settings));
    }
    if (int64_t(drawn.size()) < count)
        throw std::invalid_argument(pretext::said("%1 trials are to be drawn, but there are only %2 combinations", {count, int64_t(drawn.size())}));
    return drawn;
}

} // namespace pretext
