// A knob that is a whole number and that only a new run can change: widths, depths, counts.
#pragma once

#include "core/knobs/knob.h"

#include <string>

namespace pretext {

struct WholeRange
{
    double minimum = 1, maximum = 1;
    bool logarithmic = false;
};

Knob wholeKnob(std::string name, const WholeRange &range, double value, std::string help);

} // namespace pretext
