// How a sweep stands, in sentences.
#pragma once

#include "widgets/sweeps/sweepfolders.h"

#include <QString>

#include <filesystem>
#include <limits>

namespace pretext {

/// "Best: temperature 0.2, with a kNN of 84 %." Empty: no trial is over.
QString bestInWords(const SweepState &state);

/// How long a sweep takes still, smoothed over looks at it, so that what runs beside it does not make the words jump.
class SteadyTime
{
public:
    /// NaN: not known. Of another sweep it begins anew.
    void take(const std::filesystem::path &sweep, double seconds);
    double seconds() const { return m_seconds; }

private:
    std::filesystem::path m_sweep;
    double m_seconds = std::numeric_limits<double>::quiet_NaN();
};

} // namespace pretext
