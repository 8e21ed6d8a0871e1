// The learning rate over a run: a linear warm-up, then half a cosine down to zero (Loshchilov and Hutter 2017), or constant.
#include "core/nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace pretext {

float scheduleFactor(const std::string &schedule, int64_t step, int64_t total, float warmup)
{
    if (schedule != "cosine" && schedule != "constant")
        throw std::invalid_argument("[schedule] there is no schedule \"" + schedule + "\"; there are cosine, constant");
    if (total <= 0)
        return 1.f; // no planned end: nothing to take a share of
    const double ramp = std::round(static_cast<double>(warmup) * static_cast<double>(total));
    if (static_cast<double>(step) < ramp)
        return static_cast<float>(static_cast<double>(step + 1) / ramp);
    if (schedule == "constant")
        return 1.f;
    const double progress = (static_cast<double>(step) - ramp) / std::max(1.0, static_cast<double>(total) - ramp);
    return static_cast<float>(0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, progress))));
}

} // namespace pretext
