// From a user's input to the pixels that answer it, while the encoder trains.
#pragma once

#include <vector>

namespace pretext {
class MainWindow;
}

namespace pretext::bench {

class TimedApplication;

/// Hovers and drags over Similarity, hovers in View pairs and drags a slider in Controls, `inputs` times each, and prints a line for each:
/// median, 95th percentile and largest, in milliseconds.
void measureInputLatency(TimedApplication &application, MainWindow &window, int inputs);

} // namespace pretext::bench
