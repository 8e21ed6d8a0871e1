#include "core/ssl/teacher.h"

#include "core/files/said.h"
#include "core/nn/follow.h"
#include "core/ssl/projector.h"

namespace pretext {

Teacher::Teacher(const MethodParts &parts, LastLayer last)
    : m_encoder(addModule("encoder", parts.another()))
    , m_projector(addModule("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random, last)))
{
}

void Teacher::follow(const Module &encoder, const Module &projector, float momentum)
{
    pretext::follow(m_encoder, encoder, momentum);
    pretext::follow(m_projector, projector, momentum);
}

Variable Teacher::forward(const Variable &views)
{
    const NoGrad noGrad;
    return m_projector(m_encoder(views));
}

Knob teacherMomentumKnob()
{
    return {.name = "teacher.momentum",
            .symbol = "τ",
            .kind = KnobKind::real,
            .minimum = 0,
            .maximum = 1,
            .defaultValue = 0.99,
            .effect = KnobEffect::live,
            .help = PRETEXT_SAID("What the teacher keeps of itself at each step; the rest comes from the encoder it follows. At 1 it stands still, at 0 it "
                                 "is the encoder of the step before.")};
}

} // namespace pretext
