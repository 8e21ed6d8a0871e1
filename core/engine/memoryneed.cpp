#include "core/engine/memoryneed.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace pretext {

namespace {

constexpr double kRoom = 1.1;          // what gaps between tensors, the kernels' own buffers and the window take beside
constexpr double kPlenty = 2;          // times what the batch would need if all of a small step's memory grew with it
constexpr int64_t kFewest = 2;         // samples of the first step that is measured
constexpr int64_t kTelling = 32;       // samples of a step that shows what is far beyond the memory
constexpr int64_t kLargest = 2048;     // samples of the largest step that is measured
constexpr double kNear = 1.5;          // times the memory, or a part of it: nearer than this, larger steps are measured however long they take
constexpr double kSeconds = 2;         // that measuring takes where the answer is clear
constexpr int64_t kSquareMatters = 1024; // samples of a batch from which on a matrix of each with each is not small beside the rest

/// Bytes of a step by its batch: weights, what each sample takes, and what each pair of samples does.
struct MemoryNeed
{
    double fixed = 0, sample = 0, pair = 0;
    double of(double batch) const { return kRoom * (fixed + batch * (sample + batch * pair)); }
};

/// Through three steps' bytes, never falling.
MemoryNeed through(const std::array<std::pair<double, double>, 3> &points)
{
    const auto slope = [&](int i) { return (points[i + 1].second - points[i].second) / (points[i + 1].first - points[i].first); };
    MemoryNeed need;
    need.pair = std::max(0., (slope(1) - slope(0)) / (points[2].first - points[0].first));
    const auto left = [&](int i) { return points[i].second - need.pair * points[i].first * points[i].first; };
    need.sample = std::max(0., (left(2) - left(0)) / (points[2].first - points[0].first));
    need.fixed = std::max(0., left(2) - need.sample * points[2].first);
    return need;
}

/// Whether what small steps show is far enough from the memory. What pairs take is uncertain there: it alone refuses nothing.
bool isClear(const MemoryNeed &need, int64_t batch, double free)
{
    const MemoryNeed least{need.fixed, need.sample, 0};
    return least.of(double(batch)) > kNear * free || kNear * need.of(double(batch)) < free;
}

/// By steps of 2, 4, 8, ..., whose work together is less than half a step's; what they take stays below what is free. They end early where the batch is
/// far beyond the memory, or where it is clear and larger ones would take long. `first` is a step of two.
MemoryNeed measured(int64_t batch, double first, double free, const std::function<double(int64_t)> &bytesOfStep)
{
    if (2 * first > free)
        return {0, first / kFewest, 0}; // no larger one can be tried
    const double second = bytesOfStep(2 * kFewest), sample = std::max(0., second - first) / kFewest;
    MemoryNeed need{first - kFewest * sample, sample, 0};
    std::array<std::pair<double, double>, 3> points{{{}, {kFewest, first}, {2 * kFewest, second}}};
    using Clock = std::chrono::steady_clock;
    double seconds = 0;
    for (int64_t samples = 4 * kFewest; samples <= std::max(4 * kFewest, std::min(batch / 4, kLargest)) && first * double(samples) / kFewest <= free; samples *= 2) {
        const auto begin = Clock::now();
        std::rotate(points.begin(), points.begin() + 1, points.end());
        points[2] = {double(samples), bytesOfStep(samples)};
        need = through(points);
        const double last = std::chrono::duration<double>(Clock::now() - begin).count();
        seconds += last;
        const bool farBeyond = MemoryNeed{need.fixed, need.sample, 0}.of(double(batch)) > kNear * free;
        if ((samples >= kTelling && farBeyond) || (seconds + 2 * last > kSeconds && isClear(need, batch, free)))
            break;
    }
    return need;
}

int64_t largestBatch(const MemoryNeed &need, double bytes, int64_t below)
{
    int64_t fits = 0;
    for (int64_t beyond = below; beyond - fits > 1;) {
        const int64_t middle = fits + (beyond - fits) / 2;
        (need.of(double(middle)) <= bytes ? fits : beyond) = middle;
    }
    return fits;
}

std::string gigabytes(double bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, bytes < 1e8 ? "%.2g GB" : "%.1f GB", bytes / 1e9);
    return text;
}

} // namespace

void requireThatItFits(int64_t batch, const FreeMemory &free, const std::function<double(int64_t)> &bytesOfStep)
{
    if (batch < 4 * kFewest)
        return; // a handful is no larger than what would be tried
    const double bytes = double(free.bytes), first = bytesOfStep(kFewest);
    if (batch <= kSquareMatters && kPlenty * first * double(batch) / kFewest < bytes)
        return;
    const MemoryNeed need = measured(batch, first, bytes, bytesOfStep);
    if (need.of(double(batch)) <= bytes)
        return;
    const int64_t fits = largestBatch(need, bytes, batch);
    throw std::runtime_error("a step with a batch of " + std::to_string(batch) + " needs about " + gigabytes(need.of(double(batch))) + " of memory, and " + gigabytes(bytes) + " of "
                             + free.limitedBy + " are free: "
                             + (fits >= 2 ? "choose a batch of at most " + std::to_string(fits) : "not even a batch of 2 fits; choose a smaller encoder or smaller images"));
}

} // namespace pretext
