#include "core/engine/stepsagain.h"

#include "core/files/said.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

/// Without what was taken back.
std::vector<Event> standing(const std::vector<Event> &events)
{
    std::vector<Event> kept;
    for (const Event &event : events) {
        if (event.kind == "rewind" || event.kind == "resume")
            std::erase_if(kept, [&](const Event &earlier) { return earlier.step > event.step; });
        kept.push_back(event);
    }
    return kept;
}

} // namespace

std::map<std::string, std::string> knobsThen(const std::vector<Event> &events, int64_t step)
{
    std::map<std::string, std::string> then, now;
    for (const Event &event : standing(events)) {
        if (event.kind != "knob" || event.step <= step)
            continue;
        then.emplace(event.name, event.before); // by the first change
        now[event.name] = event.after;
    }
    std::erase_if(then, [&](const auto &knob) { return knob.second == now.at(knob.first); });
    return then;
}

StepsAgain stepsAgain(const std::vector<Event> &events, const RunConfig &config, int64_t from, int64_t to)
{
    StepsAgain again{to, {}};
    for (const Event &event : standing(events)) {
        if (event.kind == "schedule" && event.step >= from && event.step < to && event.after != std::to_string(config.steps))
            throw std::runtime_error(said(
                "the planned end moved from %1 to %2 at step %3, and no checkpoint of that step is kept; choose a step up to that one, or one of a checkpoint",
                {event.before, event.after, event.step}));
        if (event.kind != "knob" || event.step <= from || event.step > to)
            continue;
        KnobSet knobs = config.knobs;
        knobs.setText(event.name, event.after);
        again.changes.push_back({event.step, event.name, knobs.value(event.name)});
    }
    std::ranges::stable_sort(again.changes, {}, &ChangedKnob::step);
    return again;
}

} // namespace pretext
