// Brings the list of runs up to date with the folders: of a run whose files have not changed since nothing but their dates is looked at.
#pragma once

#include "core/engine/runstore.h"
#include "core/engine/runsummary.h"

#include <functional>
#include <vector>

namespace pretext {

class RunDatabase;

/// Told how many of how many runs were looked at; false: give up, whereupon what is known is returned.
using SweepProgress = std::function<bool(size_t looked, size_t of)>;

/// Every run of the store, deleted ones too; by path. `database` null: everything is read from the folders.
std::vector<RunSummary> sweepRuns(const RunStore &store, RunDatabase *database, const SweepProgress &progress = {});

/// What they take on disk: those that are not deleted, or those in the trash.
uint64_t bytesOf(const std::vector<RunSummary> &runs, bool deleted = false);
/// Of all that the user has now, read as sweepRuns() does; where none are listed, of the window's own, in `root`.
uint64_t bytesOfUsersRuns(const std::filesystem::path &root, const SweepProgress &progress);

/// Lists a run, and takes it into the database as it is now.
void recordRun(const RunStore &store, const std::filesystem::path &run);

} // namespace pretext
