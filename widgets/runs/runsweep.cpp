#include "widgets/runs/runsweep.h"

#include "widgets/runs/rundatabase.h"
#include "widgets/runs/userruns.h"

#include <map>
#include <set>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kTogether = 100; // in one transaction, so that no other process waits long

/// Collects what has changed, and writes it now and then.
class Writer
{
public:
    explicit Writer(RunDatabase *database) : m_database(database) {}
    void put(const RunSummary &run)
    {
        m_runs.push_back(run);
        if (m_runs.size() >= kTogether)
            flush();
    }
    void flush()
    {
        if (m_database)
            m_database->put(m_runs);
        m_runs.clear();
    }

private:
    RunDatabase *m_database;
    std::vector<RunSummary> m_runs;
};

/// Of a folder that is not there any more, on a disk that is not attached perhaps: what was known of it.
RunSummary goneRun(RunSummary known, const fs::path &path)
{
    known.path = path;
    known.state = RunState::gone;
    known.bytes = 0; // that are known to be there
    known.stamp.clear();
    return known;
}

} // namespace

std::vector<RunSummary> sweepRuns(const RunStore &store, RunDatabase *database, const SweepProgress &progress)
{
    std::map<fs::path, RunSummary> known;
    if (database)
        for (RunSummary &run : database->all())
            known.emplace(run.path, std::move(run));
    std::vector<RunStore::Deleted> folders = store.deleted();
    for (const fs::path &folder : store.folders())
        folders.push_back({folder, {}});
    Writer writer(database);
    std::vector<RunSummary> runs;
    runs.reserve(folders.size());
    std::set<fs::path> seen;
    for (size_t i = 0; i < folders.size(); ++i) {
        const auto &[folder, from] = folders[i];
        const auto before = known.find(folder);
        const std::string stamp = stampOf(folder);
        if (stamp.empty() && from.empty() && folder.parent_path() == store.runs())
            continue; // one that is being made, or was moved away
        RunSummary run;
        if (stamp.empty())
            run = goneRun(before == known.end() ? RunSummary() : before->second, folder);
        else if (before != known.end() && before->second.stamp == stamp && !isHeldOpen(before->second))
            run = before->second;
        else
            run = summarise(folder);
        run.from = from;
        if (before == known.end() || !(run == before->second))
            writer.put(run);
        seen.insert(folder);
        runs.push_back(std::move(run));
        if (progress && !progress(i + 1, folders.size())) {
            writer.flush();
            return runs;
        }
    }
    writer.flush();
    std::vector<fs::path> lost;
    for (const auto &[path, run] : known)
        if (!seen.contains(path))
            lost.push_back(path);
    if (database)
        database->forget(lost);
    return runs;
}

uint64_t bytesOf(const std::vector<RunSummary> &runs, bool deleted)
{
    uint64_t bytes = 0;
    for (const RunSummary &run : runs)
        bytes += run.from.empty() != deleted ? run.bytes : 0;
    return bytes;
}

uint64_t bytesOfUsersRuns(const fs::path &root, const SweepProgress &progress)
{
    try {
        if (const std::optional<RunStore> store = userRunsIfAny()) {
            RunDatabase database(store->database());
            return bytesOf(sweepRuns(*store, &database, progress));
        }
    } catch (const std::exception &) {
        // the panel of runs says what is wrong with the list
    }
    return bytesIn(root);
}

void recordRun(const RunStore &store, const fs::path &given)
{
    const fs::path run = fs::absolute(given).lexically_normal();
    store.list(run);
    RunDatabase(store.database()).put({summarise(run)});
}

} // namespace pretext
