// A run at a glance: what its folder tells without its data and weights, for lists of thousands. The folder is the truth; whatever else is kept of
// runs is made from this.
#pragma once

#include "core/engine/config.h"
#include "core/engine/runnotes.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pretext {

/// paused: it is open somewhere and stands still there, before its end. killed: nothing writes it, and it never said that it ended. unreadable: its config.json is damaged. gone: the folder is not there, or on a disk that is not.
enum class RunState { training, paused, done, stopped, failed, killed, unreadable, gone };
const char *nameOf(RunState state); // "training", as it is kept in files
RunState runStateNamed(const std::string &name);

struct RunSummary
{
    std::filesystem::path path; // absolute
    std::string method, data, encoder;
    int64_t batch = 0;
    uint64_t seed = 0;
    std::vector<std::pair<std::string, std::string>> knobs; // in force, by the alphabet; texts as toText() gives them
    RunState state = RunState::gone;
    int64_t step = 0, planned = 0; // planned 0: no end
    double seconds = 0;
    std::optional<double> loss;                          // of the last step
    std::vector<std::pair<std::string, double>> results; // "knn", "probe", "effective_rank" ..., by the alphabet: see resultsOf()
    RunNotes notes;
    std::optional<Parent> parent;
    uint64_t bytes = 0;             // on disk
    int64_t begun = 0, changed = 0; // seconds since 1970
    std::filesystem::path from;     // where it lay before it was deleted; empty: it was not
    std::string problem;            // why it is unreadable
    std::string stamp;              // stampOf(path) when it was read
    bool operator==(const RunSummary &) const = default;

    /// Of its folder; of a sweep's trial with the sweep's before it, since all sweeps have a trial-0001.
    std::string name() const;
    /// A picture of its map, where there is one.
    std::filesystem::path thumbnail() const { return path / "map.png"; }
};

/// Somebody writes it. What becomes of it then is not told by its files: whoever has it open may be gone.
bool isHeldOpen(const RunSummary &run);

/// Never throws for what the folder holds: a damaged one is summed up as far as it can be. Reads the ends of its files only.
RunSummary summarise(const std::filesystem::path &run);
/// Another text whenever summarise() may find something else, but that a process which wrote it has gone. Empty: there is no run.
std::string stampOf(const std::filesystem::path &run);
/// Bytes of all files in it.
uint64_t bytesIn(const std::filesystem::path &folder);

/// A value by name: name, method, data, encoder, batch, seed, state, step, planned, seconds, loss, note, tag (all in one), parent, size, begun, changed; else a
/// result or a knob. monostate: the run has none.
using RunValue = std::variant<std::monostate, double, std::string>;
RunValue valueOf(const RunSummary &run, const std::string &name);
/// The names that are no results and no knobs.
const std::vector<std::string> &runFields();
/// Numbers before texts, and what has no value after both.
bool comesBefore(const RunValue &a, const RunValue &b);

} // namespace pretext
