// What is swept as it is written, on the command line and in the window: temperature=0.05,0.1 or learning_rate=1e-4..1e-2.
#pragma once

#include "core/engine/config.h"
#include "core/engine/sweepdraw.h"

#include <string>
#include <vector>

namespace pretext {

constexpr const char *kRangeSign = ".."; // between the ends of a range, both of which may be left out

/// Beside knobs these settings of a run can be swept: method, encoder, batch, seed.
bool isSweptField(const std::string &name);
/// "1,2,3" in parts; empty ones, too.
std::vector<std::string> valuesIn(const std::string &text);
/// A range's ends, left out, are the knob's. Values are written as everywhere, where the knob is one of `base`, which all trials begin with; another method's
/// knobs are taken as they are. Throws std::invalid_argument naming the setting, the text and what is wrong.
SweptSetting sweptSettingOf(const RunConfig &base, const std::string &name, const std::string &text);

} // namespace pretext
