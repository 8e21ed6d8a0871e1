#include "core/engine/pacer.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr double kTolerance = 0.1;  // of the budget
constexpr double kLookShare = 0.03; // of the budget between two looks
constexpr int64_t kLookSteps = 8;   // or this part of the steps that are left: where everything becomes faster, they pass sooner than time

} // namespace

Pacer::Pacer(double budget, int64_t steps, double elapsed) : m_budget(budget), m_steps(steps), m_last{0, elapsed}
{
}

std::optional<int64_t> Pacer::look(int64_t step, double elapsed)
{
    if (step <= m_last.step)
        return {};
    if (elapsed > (1 + kTolerance) * m_budget) // over: what was planned does not matter any more
        return plan(step, elapsed, m_budget);
    const int64_t patience = std::max<int64_t>(1, (m_steps - m_last.step) / kLookSteps);
    if (elapsed - m_last.elapsed < kLookShare * m_budget && step - m_last.step < patience)
        return {};
    const double perStep = (elapsed - m_last.elapsed) / double(step - m_last.step);
    const double end = elapsed + perStep * double(m_steps - step);
    const int side = end > (1 + kTolerance) * m_budget ? 1 : end < (1 - kTolerance) * m_budget ? -1 : 0;
    const bool again = side != 0 && side == m_side;
    m_side = side;
    m_last = {step, elapsed};
    return again ? plan(step, elapsed, perStep) : std::nullopt;
}

std::optional<int64_t> Pacer::plan(int64_t step, double elapsed, double perStep)
{
    const int64_t steps = step + std::max<int64_t>(0, std::llround((m_budget - elapsed) / perStep));
    if (steps == m_steps)
        return {};
    m_side = 0;
    return m_steps = steps;
}

} // namespace pretext
