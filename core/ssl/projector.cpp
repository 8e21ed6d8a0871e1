#include "core/ssl/projector.h"

#include "core/files/said.h"
#include "core/knobs/wholeknob.h"

namespace pretext {

std::vector<Knob> projectorKnobs(double width, double dimension, double depth)
{
    const auto knob = [](const char *name, double minimum, double maximum, double value, const char *help) {
        return wholeKnob(name, {minimum, maximum, true}, value, help);
    };
    std::vector<Knob> knobs{
        knob("projector.width", 8, 4096, width, PRETEXT_SAID("Hidden units of the projector, the head that is thrown away after training.")),
        knob("projector.dimension", 2, 1024, dimension, PRETEXT_SAID("Dimension of the space in which views are compared.")),
        knob("projector.depth", 1, 4, depth,
             PRETEXT_SAID("Layers of the projector: the deeper, the more the encoder may keep of what the augmentations destroy.")),
    };
    knobs[1].symbol = "D";
    knobs[2].logarithmic = false;
    return knobs;
}

std::unique_ptr<Module> makeProjector(const KnobSet &knobs, int inputs, Random &random, LastLayer last)
{
    return makeProjector(inputs, knobs.integer("projector.width"), knobs.integer("projector.dimension"), knobs.integer("projector.depth"), random, last);
}

} // namespace pretext
