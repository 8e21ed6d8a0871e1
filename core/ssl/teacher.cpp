#include "core/ssl/teacher.h"

#include "core/backend/backend.h"
#include "core/files/said.h"
#include "core/nn/follow.h"
#include "core/ssl/projector.h"
#include "core/ssl/shown.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace pretext {

namespace {

Shown cosinesAmong(const ViewRows &student, const ViewRows &teacher, int64_t views)
{
    const int64_t m = student.rows.shape()[0], n = teacher.rows.shape()[0];
    Tensor product(Shape{m, n}, DType::f32, student.rows.device());
    backendOf(student.rows).matmul(student.rows, teacher.rows, {.transposeB = true}, product);
    return shownMatrix(product, [=, row = student.first, column = teacher.first](const Matrix &cosines) {
        Matrix all{views, views, std::vector<float>(size_t(views * views), std::numeric_limits<float>::quiet_NaN())};
        for (int64_t i = 0; i < m; ++i)
            std::copy_n(&cosines.values[size_t(i * n)], n, &all.values[size_t((row + i) * views + column)]);
        return all;
    });
}

} // namespace

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

void Teacher::record(const Module &encoder, const ViewRows &student, const ViewRows &own, int64_t views, Recorder &recorder) const
{
    recorder.read({squaresBehind(m_encoder, encoder)},
                  [&recorder](const std::vector<Matrix> &read) { recorder.scalar("teacher/distance", distanceBehind(read[0].values)); });
    if (own.rows.defined())
        recorder.heavy("similarity/teacher", [=] { return cosinesAmong(student, own, views); });
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
            .help = PRETEXT_SAID("What the teacher keeps of itself at each step; the rest comes from the encoder it follows. At 1 it stands still, and "
                                 "teacher/distance in Metrics grows; at 0 it is the encoder of the step before.")};
}

} // namespace pretext
