// What the opener reads in the background: of data, a session or a run, all that a job needs to begin, and what is to be said of it. Nothing here touches the
// window; each function throws why it could not.
#pragma once

#include "app/session.h"
#include "core/engine/job.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

struct Opened
{
    TrainerOptions options;
    Session session;
    QString path, note, change, dataChange, writer, parent; // parent: of a fork
    bool standsStill = false;                               // where the writer has it
    bool fits = true;
    bool beside = false;            // the current run, not in its place
    bool onRight = false;           // in the place of the run that is beside it
    bool atEnd = false;             // planned
    std::optional<qint64> parted;   // beside: a fork from a step that the current run has left behind
    std::vector<std::string> apart; // beside: knobs that are not linked
    bool pair = false;              // the session's, of two runs
    QString why;                    // where it does not: a sentence
};

Opened openedDefault();

/// What is there when other data are asked for: the settings as the controls show them, on data that are open, and the kind of data that trains.
struct Before
{
    RunConfig config;
    std::shared_ptr<const Dataset> dataset;
    Modality trains;
    bool idle; // nothing trains
};
/// `method`: to be proposed on the data; empty: whatever suits them.
Opened openedData(const std::string &nameOrPath, const std::string &method, const Before &before);
/// The same data, read with other options.
Opened reopenedData(const RunConfig &config, const Dataset &before, const DatasetOptions &options);
Opened openedSession(const QString &file);
/// The text of a run that was shared.
Opened openedText(const std::string &text);
Opened openedRun(const QString &runOrCheckpoint, bool paused, bool dataMayDiffer);
/// The run from one of its steps on, or a fork that begins there.
Opened openedStep(const QString &run, qint64 step, bool fork);

struct Beside
{
    QString run;
    std::optional<qint64> forkedAt;
    std::optional<qint64> at;               // the run that is forked stands there
    std::vector<std::string> apart;         // knobs that are not linked
    std::shared_ptr<const Dataset> dataset; // of the run that is there, whose
    RunConfig config;                       // is this
};
Opened openedBeside(const Beside &asked);

/// The run that a checkpoint file belongs to.
std::filesystem::path runOf(const std::filesystem::path &runOrCheckpoint);

} // namespace pretext
