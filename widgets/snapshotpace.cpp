#include "widgets/snapshotpace.h"

#include "core/system/threads.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace pretext {

namespace {

constexpr double kFastest = 0.2, kSlowest = 0.5; // seconds: five a second look live; a heat map that stands still longer looks stuck
constexpr double kWindowShare = 0.012;           // of the machine; a team of trainers waits for the one that was interrupted, so it costs up to twice as much

} // namespace

double processorSeconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

double snapshotInterval(double cost, int threads)
{
    return std::clamp(cost / (kWindowShare * std::max(threads, 1)), kFastest, kSlowest);
}

double SnapshotPace::next()
{
    const double now = processorSeconds(), before = std::exchange(m_before, now);
    return before < 0 ? kFastest : snapshotInterval(now - before, chooseThreads(0).count);
}

} // namespace pretext
