// One step of a method that compares views by a softmax, taken apart for one view: what is fed to it, what it is compared with, and the arithmetic of its
// loss, as numbers that can be checked by hand.
#pragma once

#include "widgets/panels/batchview.h"

#include <optional>
#include <vector>

namespace pretext {

/// A view that the anchor is compared with.
struct Compared
{
    int row = -1;
    bool positive = false;
    double similarity = 0, scaled = 0; // s, and s / tau
    double power = 0, share = 0;       // exp(s / tau), and of the sum of all
};

struct SlowMotionScene
{
    int anchor = -1, positive = -1; // rows of the batch
    double temperature = 0;
    std::vector<Compared> shown; // the positive, then the most similar negatives
    int others = 0;              // that are not shown, with the sum of their powers
    double othersPower = 0, total = 0;
    double share = 0, loss = 0; // of the positive; and -ln of it
    double othersShare = 0;
    std::optional<double> batchLoss; // of the step, over all views

    static constexpr size_t kShown = 6;
};

/// None where the batch has no softmax, or one that is not exp(s / tau) over a row: `why` then says so.
std::optional<SlowMotionScene> slowMotionOf(const BatchView &batch, int pair, QString *why);

} // namespace pretext
