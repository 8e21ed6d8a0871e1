// What the window costs the training: the same job headless, with every panel open, and with every panel closed.
#pragma once

#include "core/engine/job.h"

namespace pretext {
class MainWindow;
}

namespace pretext::bench {

/// Alternates the three `rounds` times, `seconds` each, so that a machine that slows down slows all of them. Prints the medians of the steps
/// per second, and how much slower than headless each is.
void measureTrainingCost(MainWindow &window, const TrainerOptions &options, int rounds, double seconds);

} // namespace pretext::bench
