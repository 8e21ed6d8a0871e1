#include "widgets/earliersteps.h"

#include <algorithm>
#include <utility>

namespace pretext {

EarlierSteps readEarlierSteps(const std::filesystem::path &run)
{
    return {readMetrics(run / "metrics.csv"), readEvents(run / "events.jsonl")};
}

void putBefore(EarlierSteps earlier, int64_t last, ScalarHistory &history, std::vector<Event> &events)
{
    const ScalarHistory later = std::exchange(history, {});
    history.append(earlier.metrics, later.empty() ? double(last) + 1 : std::min(double(last) + 1, later.steps.front()));
    for (size_t i = 0; i < later.size(); ++i)
        history.append(later.row(i));
    std::erase_if(earlier.events, [&](const Event &event) { return !events.empty() && event.step > events.front().step; });
    events.insert(events.begin(), earlier.events.begin(), earlier.events.end());
}

} // namespace pretext
