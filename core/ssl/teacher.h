// The teacher of momentum methods: an encoder and a projector that follow the trained ones by exponential moving average.
#pragma once

#include "core/knobs/knob.h"
#include "core/nn/layers.h"
#include "core/ssl/method.h"

namespace pretext {

/// What was made of some of a batch's views, one after another: unit rows [M, D], and the first one's place among all. Undefined: none was asked for.
struct ViewRows
{
    Tensor rows = {};
    int64_t first = 0;
};

/// Views [N, H, W, C] -> projections [N, D], without a gradient.
class Teacher : public Module
{
public:
    /// Of the kinds that `parts` makes, with weights of its own until it follows for the first time.
    Teacher(const MethodParts &parts, LastLayer last);
    /// What it was moves to the trained ones by 1 - momentum (see follow.h); at 0 it becomes a copy of them.
    void follow(const Module &encoder, const Module &projector, float momentum);
    /// teacher/distance, how far its encoder's weights are from those it follows (see follow.h); offers similarity/teacher, the cosines of what the
    /// student makes of its views with what the teacher makes of its own, among `views` in all.
    void record(const Module &encoder, const ViewRows &student, const ViewRows &own, int64_t views, Recorder &recorder) const;

protected:
    Variable forward(const Variable &views) override;

private:
    Encoder &m_encoder;
    Module &m_projector;
};

/// teacher.momentum, which is live.
Knob teacherMomentumKnob();

} // namespace pretext
