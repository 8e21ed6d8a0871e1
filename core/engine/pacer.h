// How many steps fit into the minutes that were asked for, looked at again while they pass: a machine whose load changes would end long before or
// after them. Pure arithmetic on steps and seconds; the caller has the clock.
#pragma once

#include <cstdint>
#include <optional>

namespace pretext {

class Pacer
{
public:
    /// A run that is to last `budget` seconds; `steps` of them fit by what is known at the start, after `elapsed` seconds.
    Pacer(double budget, int64_t steps, double elapsed);

    /// After `step` steps and `elapsed` seconds: another number of steps, where those planned would end more than a tenth of the budget too early or too
    /// late by two looks in turn. The smallest deviations and one stalled step are left alone.
    std::optional<int64_t> look(int64_t step, double elapsed);

private:
    struct Look
    {
        int64_t step;
        double elapsed;
    };
    std::optional<int64_t> plan(int64_t step, double elapsed, double perStep);

    double m_budget;
    int64_t m_steps;
    Look m_last;
    int m_side = 0; // on which the last look saw the end: -1 too early, 1 too late, 0 in time
};

} // namespace pretext
