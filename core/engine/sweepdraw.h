// Which settings the trials of a sweep have: every combination of the values given, or so many that are drawn. A function of its arguments alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// A name and its value, as the command line writes both.
using Settings = std::vector<std::pair<std::string, std::string>>;
/// The value of one; empty: it is not among them.
std::string settingIn(const Settings &settings, const std::string &name);
/// Those of a trial that apply to it, of all of them; trials that have the same then are one. Empty: all do.
using OwnSettings = std::function<Settings(const Settings &)>;

/// What changes from trial to trial: one of the values, or, where there are none, a number of a range, its ends included.
struct SweptSetting
{
    std::string name;
    std::vector<std::string> values = {};
    double low = 0, high = 0;
    bool logarithmic = false, whole = false; // drawn evenly on a logarithmic scale; a whole number
    bool operator==(const SweptSetting &) const = default;
};

/// Not of one that has a single value for all trials.
inline bool varies(const SweptSetting &setting)
{
    return setting.values.size() != 1;
}

constexpr int64_t kMostTrials = 1000;

/// Every combination; the first setting changes slowest. Throws std::invalid_argument where one has a range, or there are more than kMostTrials.
std::vector<Settings> gridOf(const std::vector<SweptSetting> &swept, const OwnSettings &own = {});
/// `count` of them, no two alike (Bergstra and Bengio 2012, "Random search for hyper-parameter optimization"); numbers of a range have four digits.
/// Throws std::invalid_argument where there are not so many.
std::vector<Settings> drawnFrom(const std::vector<SweptSetting> &swept, int64_t count, uint64_t seed, const OwnSettings &own = {});

} // namespace pretext
