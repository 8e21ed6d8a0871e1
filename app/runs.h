// The window's own runs in the user's data folder, DATE-METHOD each. While a run is open it holds a marker with the process's number: a
// marker whose process is gone is how a crash is known.
#pragma once

#include "core/engine/config.h"

#include <QDateTime>

#include <filesystem>
#include <set>
#include <vector>

namespace pretext {

std::filesystem::path runsRoot();
/// "ROOT/2026-03-01-141503-simclr", with "-2" and so on where that exists, or was `given` to a run that has yet to make it.
std::filesystem::path newRunPath(const std::filesystem::path &root, const RunConfig &config, const QDateTime &now,
                                 const std::set<std::filesystem::path> &given = {});

void writeMarker(const std::filesystem::path &run);
void removeMarker(const std::filesystem::path &run);
/// The process that has the run open, or 0.
long openedBy(const std::filesystem::path &run);

/// Who trains the run now, "process 4711 on host" or "another window, process 4711"; empty: nobody.
std::string trainedBy(const std::filesystem::path &run);

struct RunEntry
{
    std::filesystem::path path;
    qint64 bytes = 0;
    QDateTime modified;
    bool open = false;    // in this or another window
    bool crashed = false; // its marker outlived its process
    bool hasCheckpoint = false;
};
/// Newest first.
std::vector<RunEntry> listRuns(const std::filesystem::path &root);
void deleteRun(const std::filesystem::path &root, const std::filesystem::path &run);

} // namespace pretext
