#include "core/engine/configedits.h"

#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>

namespace pretext {

namespace {

std::string textOf(const std::string &value)
{
    return value.empty() ? "''" : shownText(value);
}
std::string textOf(bool value)
{
    return value ? "true" : "false";
}
std::string textOf(double value)
{
    return toText(KnobValue(value));
}
template<class Integer>
requires std::is_integral_v<Integer> std::string textOf(Integer value)
{
    return std::to_string(value);
}

/// The fields that were edited, in sentences.
class Edits
{
public:
    explicit Edits(const std::filesystem::path &run) : m_config(shownPath(run / "config.json")) {}

    /// `option`, with the value behind it, gives the written value to a new run.
    template<class T>
    void compare(const std::string &field, T &written, const T &taken, const std::string &option)
    {
        if (written == taken)
            return;
        add(field, textOf(written), textOf(taken), newRun(option + (option.ends_with(' ') ? textOf(written) : "")));
        written = taken;
    }

    void add(const std::string &field, const std::string &written, const std::string &taken, const std::string &how)
    {
        sentences.push_back(pretext::said("%1 says %2 %3, the checkpoint %4, which is taken; for %3 %5", {m_config, field, written, taken, how}));
    }

    std::string newRun(const std::string &option) const
    {
        return pretext::said("begin another run: pretext train --config %1 %2 --out NEW", {m_config, option});
    }

    std::vector<std::string> sentences;

private:
    std::string m_config;
};

/// Whether it may have been changed while the run trained: that is told of as an event, of a knob that acts with the next batch only then; and a
/// rewind begins again with all of them.
bool mayBeChangedLive(const Knob &knob, const std::vector<Event> &events)
{
    return knob.effect == KnobEffect::nextBatch
           || (knob.effect == KnobEffect::live && (events.empty() || std::any_of(events.begin(), events.end(), [&](const Event &event) {
                                                       return event.kind == "rewind" || (event.kind == "knob" && event.name == knob.name);
                                                   })));
}

void compareKnobs(Edits &edits, RunConfig &written, const RunConfig &taken, const std::vector<Event> &events)
{
    for (const Knob &knob : taken.knobs.declarations()) {
        const KnobValue value = written.knobs.find(knob.name) ? written.knobs.value(knob.name) : taken.knobs.value(knob.name);
        if (value == taken.knobs.value(knob.name) || mayBeChangedLive(knob, events))
            continue;
        const std::string option = "--set " + knob.name + "=" + toText(value);
        edits.add(knob.name, toText(value), toText(taken.knobs.value(knob.name)),
                  knob.effect == KnobEffect::restart ? edits.newRun(option) : said("resume with %1", {option}));
        written.knobs.set(knob.name, taken.knobs.value(knob.name));
    }
}

/// The planned end moves by a command, and by the clock of a run of so many minutes; both are events.
void compareSteps(Edits &edits, const RunConfig &written, const RunConfig &taken, const std::vector<Event> &events)
{
    const auto last = std::find_if(events.rbegin(), events.rend(), [](const Event &event) { return event.kind == "schedule"; });
    const bool told = events.empty() || (last != events.rend() && last->after == std::to_string(written.steps));
    if (written.steps != taken.steps && written.steps > 0 && taken.steps > 0 && !told)
        edits.add("steps", std::to_string(written.steps), std::to_string(taken.steps), said("resume with %1", {"--steps " + std::to_string(written.steps)}));
}

} // namespace

std::vector<std::string> settleEdits(RunConfig &written, const RunConfig &taken, const std::vector<Event> &events, const std::filesystem::path &run)
{
    Edits edits(run);
    const bool sameKnobs = written.method == taken.method && written.encoder == taken.encoder && written.image == taken.image;
    edits.compare("method", written.method, taken.method, "--method ");
    edits.compare("dataset", written.dataset, taken.dataset, "--dataset ");
    edits.compare("encoder", written.encoder, taken.encoder, "--encoder ");
    edits.compare("size", written.datasetOptions.size, taken.datasetOptions.size, "--size ");
    edits.compare("colour", written.datasetOptions.colour, taken.datasetOptions.colour,
                  taken.datasetOptions.colour ? "--grey" : pretext::said("without --grey"));
    edits.compare("imbalance", written.datasetOptions.imbalance, taken.datasetOptions.imbalance, "--imbalance ");
    edits.compare("batch", written.batch, taken.batch, "--batch ");
    edits.compare("seed", written.seed, taken.seed, "--seed ");
    edits.compare("init", written.init, taken.init, "--init ");
    if (written.precision != "auto" && taken.precision != "auto") // else it only was settled since
        edits.compare("precision", written.precision, taken.precision, "--precision ");
    compareSteps(edits, written, taken, events);
    if (sameKnobs)
        compareKnobs(edits, written, taken, events);
    else
        written.knobs = taken.knobs; // those of another method or encoder say nothing
    written.image = taken.image;
    written.classes = taken.classes;
    written.evaluateEvery = taken.evaluateEvery; // metrics.csv has the columns or has not
    written.parent = taken.parent;               // of what it began with, only what was is true
    return std::move(edits.sentences);
}

} // namespace pretext
