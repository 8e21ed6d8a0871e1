#include "core/knobs/wholeknob.h"

#include <utility>

namespace pretext {

Knob wholeKnob(std::string name, const WholeRange &range, double value, std::string help)
{
    return {.name = std::move(name),
            .kind = KnobKind::integer,
            .minimum = range.minimum,
            .maximum = range.maximum,
            .logarithmic = range.logarithmic,
            .defaultValue = value,
            .effect = KnobEffect::restart,
            .help = std::move(help)};
}

} // namespace pretext
