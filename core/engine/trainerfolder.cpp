// How the trainer opens a run's folder, new, forked or resumed, and what it says there of the beginning.
#include "core/engine/configedits.h"
#include "core/engine/rowfile.h"
#include "core/engine/trainer.h"
#include "core/files/said.h"

#include <fstream>
#include <stdexcept>

namespace pretext {

namespace {

std::vector<Event> eventsOf(const std::filesystem::path &run)
{
    const std::filesystem::path path = run / "events.jsonl";
    return std::filesystem::exists(path) ? readEvents(path) : std::vector<Event>();
}

/// As they were when the run was begun or went on.
void keepLeftOut(const std::filesystem::path &run, const std::vector<std::string> &files)
{
    std::error_code none;
    if (files.empty()) {
        std::filesystem::remove(run / kLeftOutFile, none);
        return;
    }
    std::ofstream out(run / kLeftOutFile);
    for (const std::string &file : files)
        out << file << '\n';
    if (!out.flush())
        throw std::runtime_error((run / kLeftOutFile).string() + ": " + said("cannot be written"));
}

} // namespace

void Trainer::openRun()
{
    if (m_options.out.empty())
        return;
    isResumed(m_options.start) ? openResumed() : openNew();
    startEventFile();
}

/// From here on: what an earlier file has of later steps is void.
void Trainer::startEventFile()
{
    if (m_options.tensorboard && m_folder)
        m_eventFile.emplace(m_folder->path() / "tensorboard", m_step + 1, EventFile::now());
}

void Trainer::openNew()
{
    m_folder.emplace(RunFolder::create(m_options.out, m_config));
    keepLeftOut(m_options.out, m_dataset->info().skipped);
    m_config.parent ? openForked() : sayInitialWeights();
}

void Trainer::sayInitialWeights()
{
    for (const std::string &note : m_initNotes)
        say({m_step, "init", note.substr(0, note.find(':')), "", "", note});
}

/// "from the checkpoint of step 450, steps 451 to 480 were taken again"; empty where none were.
std::string Trainer::takenAgain() const
{
    const int64_t from = stepOf(m_from);
    return m_again.to > from ? pretext::said("from the checkpoint of step %1, steps %2 to %3 were taken again", {from, from + 1, m_step}) : "";
}

void Trainer::openForked()
{
    std::string message = pretext::said("goes on from step %1 of %2", {m_step, m_config.parent->run.string()});
    if (const std::string again = takenAgain(); !again.empty())
        message += "; " + again;
    say({m_step, "fork", m_from.filename().string(), "", "", message});
    for (const DamagedCheckpoint &damaged : damagedOf(m_options.start))
        say({m_step, "damaged", damaged.path.filename().string(), "", "", passedOver(damaged, m_from)});
    sayWhatIsOther();
}

/// Where the data are elsewhere now, or are others, or the threads are as many no longer.
void Trainer::sayWhatIsOther()
{
    if (!m_dataBefore.empty())
        say({m_step, "data", m_dataset->info().name, m_dataBefore, m_config.dataset,
             pretext::said("the data are taken from %1, no longer from %2", {m_config.dataset, m_dataBefore})});
    if (!m_dataChange.empty())
        say({m_step, "data", m_dataset->info().name, "", "", pretext::said("the data have changed: %1", {m_dataChange})});
    if (!m_deviceBefore.empty())
        say({m_step, "device", "", m_deviceBefore, m_config.device,
             pretext::said(
                 "this run was trained on %1 and goes on on %2, which adds in another order: its numbers part from those of an unbroken run, at first in "
                 "their last digits",
                 {m_deviceBefore, m_config.device})});
    if (m_threadsBefore > 0)
        say({m_step, "threads", "", std::to_string(m_threadsBefore), std::to_string(m_status.threads),
             m_threadsBefore == 1
                 ? pretext::said("this run was trained on %1 thread and goes on with %2, among which sums are divided otherwise: its numbers may part from "
                                 "those of an unbroken run, at first in their last digits",
                                 {m_threadsBefore, m_status.threads})
                 : pretext::said("this run was trained on %1 threads and goes on with %2, among which sums are divided otherwise: its numbers may part from "
                                 "those of an unbroken run, at first in their last digits",
                                 {m_threadsBefore, m_status.threads})});
}

void Trainer::openResumed()
{
    const bool again = beginsAgain(m_options.start);
    m_folder.emplace(RunFolder::resume(m_options.out, m_step, damagedOf(m_options.start)));
    keepLeftOut(m_options.out, m_dataset->info().skipped);
    if (!again)
        m_begun = loadConfig(m_options.out / "config.json", Contradictions::settle);
    if (!m_dataBefore.empty())
        m_begun.dataset = m_config.dataset; // where they are now, also for the next resume
    const std::vector<std::string> edits = again ? std::vector<std::string>() : settleEdits(m_begun, m_config, eventsOf(m_options.out), m_options.out);
    planSteps(m_config.steps, m_config.plan);
    m_seconds = m_secondsAtLook = m_folder->seconds();
    m_status.lastCheckpoint = checkpointOf(m_options.start).string();
    std::string message = again ? pretext::said("the run was ended before its first checkpoint; it starts again from its config.json") : "";
    const auto add = [&message](const std::string &sentence) { message += (message.empty() ? "" : "; ") + sentence; };
    if (const std::string again = takenAgain(); !again.empty())
        add(again);
    if (const int64_t moved = m_folder->movedOnResume(); moved > 0)
        add(moved == 1 ? pretext::said("%1 row past this step moved to metrics.lost.csv", {moved})
                       : pretext::said("%1 rows past this step moved to metrics.lost.csv", {moved}));
    if (const int64_t moved = m_folder->checkpointsMovedOnResume(); moved > 0)
        add(moved == 1 ? pretext::said("%1 checkpoint past this step moved to checkpoints/lost", {moved})
                       : pretext::said("%1 checkpoints past this step moved to checkpoints/lost", {moved}));
    say({m_step, "resume", checkpointOf(m_options.start).filename().string(), "", "", message});
    for (const std::string &repair : m_folder->repairs())
        say({m_step, "repair", "", "", "", repair});
    for (const std::string &edit : edits)
        say({m_step, "config", "config.json", "", "", edit});
    for (const DamagedCheckpoint &damaged : damagedOf(m_options.start))
        say({m_step, "damaged", damaged.path.filename().string(), "", "",
             pretext::said("%1; the damaged one is in checkpoints/damaged", {passedOver(damaged, m_from)})});
    sayInitialWeights();
    if (const std::string missing = m_folder->missingRows(m_step, firstStep()); !missing.empty())
        say({m_step, "gap", "metrics.csv", "", "", missing});
    sayWhatIsOther();
}

} // namespace pretext
