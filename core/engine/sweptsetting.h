// What is swept as it is written, on the command line and in the window: temperature=0.05,0.1 or learning_rate=1e-4..1e-2.
#pragma once

#include "core/engine/config.h"
#include "core/engine/sweepdraw.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace pretext {

constexpr const char *kRangeSign = ".."; // between the ends of a range, both of which may be left out

/// Beside knobs these settings of a run can be swept.
inline constexpr std::array kSweptFields{"method", "encoder", "batch", "seed", "precision"};
bool isSweptField(const std::string &name);
/// Sets the field; method and encoder, by which the whole config is chosen, have it already. False: it is none of them.
bool setSweptField(RunConfig &config, const std::string &name, const std::string &value);
/// "1,2,3" in parts; empty ones, too.
std::vector<std::string> valuesIn(const std::string &text);
/// `bases`: what trials begin with, one for each method and encoder, at least one. Values are written as everywhere, as the first base that has the knob takes
/// them; a range's ends, left out, are those that all bases with the knob allow. Throws std::invalid_argument naming the setting, the text and what is wrong.
SweptSetting sweptSettingOf(std::span<const RunConfig> bases, const std::string &name, const std::string &text);

} // namespace pretext
