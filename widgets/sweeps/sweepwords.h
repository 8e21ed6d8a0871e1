// How a sweep stands, in sentences.
#pragma once

#include "widgets/sweeps/sweepfolders.h"

#include <QString>

namespace pretext {

/// "Best: temperature 0.2, with a kNN of 84 %." Empty: no trial is over.
QString bestInWords(const SweepState &state);

} // namespace pretext
