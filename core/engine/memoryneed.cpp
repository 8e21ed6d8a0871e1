#include "core/engine/memoryneed.h"

#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext {

namespace {

constexpr double kRoom = 1.1;            // what gaps between tensors, the kernels' own buffers and the window take beside
constexpr double kPlenty = 2;            // times what the batch would need if all of a small step's memory grew with it
constexpr int64_t kFewest = 2;           // samples of the first step that is measured
constexpr int64_t kTelling = 32;         // samples of a step in which what grows with them outweighs the optimizer's part: it is measured however long it takes
constexpr int64_t kLargest = 2048;       // samples of the largest step that is measured
constexpr double kNear = 1.5;            // times the memory, or a part of it: nearer than this, larger steps are measured while there is time
constexpr double kSeconds = 2;           // that measuring takes
constexpr int64_t kSquareMatters = 1024; // samples of a batch from which on a matrix of each with each is not small beside the rest
constexpr int64_t kSquareShows = 512;    // samples of a step in which such a matrix stands out from what sizes are rounded to
constexpr double kUnseenPair = 16, kLargestPair = 64; // bytes: one matrix of f32 of two views of each, and four

/// Bytes of a step by its batch: weights, what each sample takes, and what each pair of samples does.
struct MemoryNeed
{
    double fixed = 0, sample = 0, pair = 0;
    double of(double batch) const { return kRoom * (fixed + batch * (sample + batch * pair)); }
};

using Point = std::pair<double, double>; // samples, bytes

double slope(const Point &from, const Point &to)
{
    return (to.second - from.second) / (to.first - from.first);
}

/// Through the last three steps, never falling. What pairs take is the least that the last steps show, since a kernel that takes another way from some
/// size on looks like it, too.
MemoryNeed through(const std::vector<Point> &points)
{
    const auto pairsAt = [&](size_t last) {
        return (slope(points[last - 1], points[last]) - slope(points[last - 2], points[last - 1])) / (points[last].first - points[last - 2].first);
    };
    const size_t last = points.size() - 1;
    MemoryNeed need;
    need.pair = std::clamp(last >= 3 ? std::min(pairsAt(last), pairsAt(last - 1)) : pairsAt(last), 0., kLargestPair);
    const auto left = [&](size_t i) { return points[i].second - need.pair * points[i].first * points[i].first; };
    need.sample = std::max(0., (left(last) - left(last - 2)) / (points[last].first - points[last - 2].first));
    need.fixed = std::max(0., left(last) - need.sample * points[last].first);
    return need;
}

/// Whether what small steps show is far enough from the memory. What pairs take is uncertain there: it alone refuses nothing.
bool isClear(const MemoryNeed &need, int64_t batch, double free)
{
    const MemoryNeed least{need.fixed, need.sample, 0};
    return least.of(double(batch)) > kNear * free || kNear * need.of(double(batch)) < free;
}

/// By steps of 2, 4, 8, ..., whose work together is less than half a step's; what they take stays below what is free. They end early where the batch is
/// far beyond the memory, and where larger ones would take long: then what they show is laid out to the batch. `first` is a step of two.
MemoryNeed measured(int64_t batch, double first, double free, const std::function<double(int64_t)> &bytesOfStep)
{
    if (2 * first > free)
        return {0, first / kFewest, 0}; // no larger one can be tried
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    std::vector<Point> points{{kFewest, first}, {2 * kFewest, bytesOfStep(2 * kFewest)}};
    MemoryNeed need{0, std::max(0., slope(points[0], points[1])), 0};
    need.fixed = first - kFewest * need.sample;
    const int64_t largest = std::max(4 * kFewest, std::min(batch / 4, kLargest));
    for (int64_t samples = 4 * kFewest; samples <= largest && first * double(samples) / kFewest <= free; samples *= 2) {
        const auto before = Clock::now();
        points.emplace_back(samples, bytesOfStep(samples));
        need = through(points);
        const bool late = std::chrono::duration<double>(Clock::now() - begin + 2 * (Clock::now() - before)).count() > kSeconds;
        const bool farBeyond = MemoryNeed{need.fixed, need.sample, 0}.of(double(batch)) > kNear * free;
        if (samples >= kTelling ? farBeyond || late : late && isClear(need, batch, free))
            break;
    }
    if (batch > kSquareMatters && points.back().first < kSquareShows)
        need.pair = std::max(need.pair, kUnseenPair);
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
    const std::string needed = gigabytes(need.of(double(batch)));
    throw std::runtime_error(
        fits >= 2 ? said("a step with a batch of %1 needs about %2 of memory, and %3 of %4 are free: choose a batch of at most %5",
                         {batch, needed, gigabytes(bytes), free.limitedBy, fits})
                  : said("a step with a batch of %1 needs about %2 of memory, and %3 of %4 are free: not even a batch of 2 fits; choose a smaller encoder or "
                         "smaller images",
                         {batch, needed, gigabytes(bytes), free.limitedBy}));
}

} // namespace pretext
