// Another run beside the running one, or alone where none runs: its curves, which follow its file while another process writes it, and the knobs
// in which the two differ. Nothing is written to it.
#pragma once

#include "core/engine/config.h"
#include "core/engine/lanes.h"
#include "widgets/scalarhistory.h"

#include <QString>

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace pretext {

/// Of a file, by which a change is known.
struct FileStamp
{
    uintmax_t bytes = 0;
    std::filesystem::file_time_type time{};
    bool operator==(const FileStamp &) const = default;
};

struct OverlaidRun
{
    QString name;
    std::filesystem::path folder;
    FileStamp read;                           // of metrics.csv
    RunConfig config;                         // as it was begun
    std::map<std::string, std::string> later; // of knobs that were changed since, what they are by now
    ScalarHistory history;
    std::vector<Event> events;
};

/// A run's settings as they are in force: those it was begun with, and what its events changed. Not for the window's thread.
RunConfig settingsOf(const std::filesystem::path &folder);

/// Reads config.json and metrics.csv; throws naming what is wrong. Not for the window's thread.
std::shared_ptr<OverlaidRun> readRun(const std::filesystem::path &folder);

/// Anew where metrics.csv has changed since; null where it has not. Not for the window's thread.
std::shared_ptr<OverlaidRun> readAgain(const std::filesystem::path &folder, const FileStamp &before);
/// Takes what `newer` has more; false, and nothing taken, where it is no continuation: the run was rewound, say.
bool growTo(OverlaidRun &run, const OverlaidRun &newer);

/// A panel that shows runs from their folders.
class ShowsRuns
{
public:
    virtual ~ShowsRuns() = default;
    virtual void showRun(const std::filesystem::path &folder) = 0;
    /// These, and no others any more.
    virtual void showRuns(const std::vector<std::filesystem::path> &folders) = 0;
};

struct KnobDifference
{
    QString name;
    std::vector<QString> values;
}; // one a config, in the order given; empty where not declared
struct RunSettings
{
    RunSettings(const RunConfig *begun) : config(begun) {}
    RunSettings(const OverlaidRun &run) : config(&run.config), later(&run.later) {}

    const RunConfig *config;
    const std::map<std::string, std::string> *later = nullptr;
};
/// What differs between runs: method, encoder, data, batch, seed and every knob, of one that was changed on the way "0.1 → 0.5"; of one run alone everything.
std::vector<KnobDifference> differences(const std::vector<RunSettings> &runs);

} // namespace pretext
