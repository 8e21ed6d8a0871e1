#include "app/opened.h"

#include "app/cli/runline.h"
#include "app/opener.h"
#include "core/engine/openmarker.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "core/engine/runlock.h"
#include "core/engine/runtext.h"
#include "core/files/said.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "core/system/describe.h"
#include "widgets/said.h"

#include <QFileInfo>
#include <QLocale>

#include <stdexcept>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// The same job on other data, or what is recommended there.
RunConfig onOtherData(const RunConfig &config, const Dataset *before, const Dataset &dataset, const std::string &name, const std::string &method)
{
    RunConfig result;
    if (!before) {
        result = recommendedConfig(dataset, method);
    } else {
        const bool alike = before->info().modality == dataset.info().modality;
        const bool goesOn = method.empty() && learnsFrom(methodType(config.method), dataset.info());
        const std::string &chosen = goesOn ? config.method : method;
        const bool keeps = alike && (chosen.empty() || suits(methodType(chosen), encoderType(config.encoder)));
        result = adapted(config, *before, chosen, keeps ? config.encoder : std::string(), dataset);
    }
    result.dataset = name;
    result.steps = 0;
    result.minutes = 0;
    return result;
}

QString fileNameOf(const std::string &data)
{
    return QFileInfo(QString::fromStdString(data)).fileName();
}

bool isThere(const QString &path)
{
    return QFileInfo::exists(path) || QFileInfo::exists(path.section('#', 0, -2)); // of TABLE.csv#COLUMN
}

/// `change` says how the data differ from the checkpoint's. Data that are open already, as another job's, are not opened twice.
TrainerOptions goingOn(Resumption resumption, std::string &change, std::shared_ptr<const Dataset> opened = {}, const RunConfig &of = {})
{
    TrainerOptions &options = resumption.options;
    const bool same = opened && of.dataset == options.config.dataset && of.datasetOptions == options.config.datasetOptions;
    options.dataset = same ? std::move(opened) : openDataset(options.config.dataset, options.config.datasetOptions);
    change = changeOf(resumption.state.data, markOf(*options.dataset));
    return std::move(options);
}

/// The last row, and how many seconds of training it lies behind a step.
std::pair<int64_t, double> stepsSince(const fs::path &run, int64_t step)
{
    std::error_code none;
    if (!fs::exists(run / "metrics.csv", none))
        return {step, 0};
    const MetricsTable table = readMetrics(run / "metrics.csv");
    double before = 0;
    for (const std::vector<double> &row : table.rows)
        if (row[0] <= double(step))
            before = row[1];
    return table.rows.empty() ? std::pair(step, 0.) : std::pair(int64_t(table.rows.back()[0]), table.rows.back()[1] - before);
}

/// Refuses changed data on which the run could not go on, before anybody is asked.
void requireEnough(const TrainerOptions &options, const std::string &change)
{
    if (const std::string tooFew = tooFewFor(options.config.batch, markOf(*options.dataset)); !tooFew.empty())
        throw std::invalid_argument(said("%1: the data have changed since the last checkpoint: %2; %3", {options.dataset->info().name, change, tooFew}));
}

/// How a run goes on. One that was killed, or failed, goes on from its last row where the steps since its newest checkpoint are taken again in a minute, so
/// that to look at it sets none of them aside; else, and by a checkpoint, from that.
Resumption whereItStood(const fs::path &runOrCheckpoint)
{
    constexpr double kMostSeconds = 60;
    Resumption newest = resumptionOf(runOrCheckpoint);
    if (fs::is_regular_file(runOrCheckpoint) || beginsAgain(newest.options.start) || !damagedOf(newest.options.start).empty())
        return newest;
    try {
        const auto [step, seconds] = stepsSince(runOrCheckpoint, newest.state.step);
        return step > newest.state.step && seconds <= kMostSeconds ? resumptionOf(runOrCheckpoint, step) : newest;
    } catch (const std::exception &) {
        return newest; // a row was not written whole, or the planned end moved on the way
    }
}

/// That a run stood still because it failed, and why; empty where it did not.
QString failureOf(const fs::path &run)
{
    QString failure;
    try {
        for (const Event &event : readEvents(run / "events.jsonl")) {
            if (event.kind == "fault")
                failure =
                    Opener::tr("This run had failed: %1. Take it back (Ctrl+B) and change a knob before it goes on.").arg(QString::fromStdString(event.message))
                    + u' ';
            if (event.kind == "resume" || event.kind == "rewind" || event.kind == "play")
                failure.clear();
        }
    } catch (const std::exception &) {
        return {}; // the trainer repairs what is no event, and says so
    }
    return failure;
}

/// Of a run that was shared with its weights.
TrainerOptions weightsOf(const QString &file)
{
    try {
        return forkOf(file.toStdString()).options;
    } catch (const std::runtime_error &error) {
        throw std::invalid_argument(said("%1 is damaged, or was not copied whole; get it again (%2)", {file.toStdString(), error.what()}));
    }
}

/// What the bar says of a run that goes on, beside the data.
QString noteOf(const TrainerOptions &options)
{
    QString note;
    for (const DamagedCheckpoint &damaged : damagedOf(options.start))
        note += Opener::tr("%1. It is kept in checkpoints/damaged.").arg(QString::fromStdString(passedOver(damaged, checkpointOf(options.start)))) + u' ';
    if (beginsAgain(options.start))
        note += Opener::tr("The run was ended before its first checkpoint; it starts again from its config.json.");
    return note.trimmed();
}

/// Of one with weights theirs, on the data where the session has them.
RunConfig sharedConfig(const Session &session, const RunConfig &ofWeights)
{
    if (!session.weights)
        return *session.config;
    RunConfig config = ofWeights;
    config.dataset = session.config->dataset;
    return config;
}

std::shared_ptr<const Dataset> dataOf(const Session &session, const RunConfig &config)
{
    try {
        return openDataset(config.dataset, config.datasetOptions);
    } catch (const std::exception &error) {
        if (!session.data)
            throw;
        throw std::runtime_error(pretext::said("%1; the run that was shared needs the same data there, %2 samples to train on and %3 held out",
                                               {error.what(), session.data->train, session.data->test}));
    }
}

bool isRun(const fs::path &folder)
{
    std::error_code none;
    return fs::exists(folder / "config.json", none);
}

QString leftOut(const DatasetInfo &info)
{
    if (info.skipped.empty())
        return {};
    const QString first = QString::fromStdString(info.skipped.front());
    return info.skipped.size() == 1 ? Opener::tr("Left out as unreadable: %1.").arg(first)
                                    : Opener::tr("Left out as unreadable: %1, the first is %2; %3 in the run's folder names all.")
                                          .arg(info.skipped.size())
                                          .arg(first, QString::fromLatin1(kLeftOutFile));
}

QString changeOfData(const Session &session, const Dataset &dataset)
{
    const std::string change = session.data ? changeOf(*session.data, markOf(dataset)) : std::string();
    return change.empty()
               ? QString()
               : Opener::tr("The data are not those of the run that was shared, so its numbers will be others: %1.").arg(QString::fromStdString(change));
}

/// At one of its steps (none: its newest), on the data that are there now; it does not play, since there is something to look at first.
Opened standingAt(std::optional<qint64> step, Resumption resumption, std::shared_ptr<const Dataset> dataset = {}, const RunConfig &of = {})
{
    Opened opened;
    std::string change;
    opened.options = goingOn(std::move(resumption), change, std::move(dataset), of);
    if (!change.empty())
        requireEnough(opened.options, change);
    opened.options.dataMayDiffer = true; // they are those that it trains on now
    opened.options.startPaused = true;
    opened.atEnd = step && opened.options.config.steps > 0 && *step >= opened.options.config.steps;
    return opened;
}

} // namespace

/// The run that a checkpoint file belongs to.
fs::path runOf(const fs::path &runOrCheckpoint)
{
    return runOrCheckpoint.extension() == ".safetensors" ? fs::absolute(runOrCheckpoint).parent_path().parent_path() : runOrCheckpoint;
}

Opened openedDefault()
{
    Opened opened;
    opened.options.dataset = openDefaultDataset();
    opened.options.config = defaultConfig(*opened.options.dataset);
    opened.note = QString::fromStdString(opened.options.dataset->info().note);
    return opened;
}

Opened openedData(const std::string &name, const std::string &method, const Before &before)
{
    Opened opened;
    opened.options.dataset = openDataset(name, before.config.datasetOptions);
    opened.options.config = onOtherData(before.config, before.dataset.get(), *opened.options.dataset, name, method);
    opened.path = isThere(QString::fromStdString(name)) ? QString::fromStdString(name) : QString();
    const DatasetInfo &info = opened.options.dataset->info();
    const bool alike = info.modality == before.trains;
    opened.fits = before.idle || (method.empty() && alike && opened.options.config.method == before.config.method);
    if (!alike)
        opened.why = Opener::tr("%1 holds %2.").arg(fileNameOf(name), translated(toText(info.modality)));
    else // the method asked for, or the one before, lacks something
        opened.why =
            Opener::tr("%1 cannot learn from %2.")
                .arg(QString::fromStdString(method.empty() ? before.config.method : method), fileNameOf(method.empty() ? name : before.config.dataset));
    opened.note = (QString::fromStdString(info.note) + u' ' + leftOut(info)).trimmed();
    return opened;
}

Opened reopenedData(const RunConfig &config, const Dataset &before, const DatasetOptions &options)
{
    Opened opened;
    opened.options.dataset = openDataset(config.dataset, options);
    opened.options.config = adapted(config, before, config.method, config.encoder, *opened.options.dataset);
    opened.options.config.dataset = config.dataset;
    opened.options.config.datasetOptions = options;
    opened.change = Opener::tr("size = %1, %2").arg(options.size).arg(options.colour ? Opener::tr("colour") : Opener::tr("grey"));
    return opened;
}

Opened openedSession(const QString &file)
{
    Opened opened;
    opened.session = readSession(file);
    opened.path = file.startsWith(':') ? QString() : file;
    if (const auto &pair = opened.session.sideBySide; pair && isRun(pair->left) && isRun(pair->right)) {
        opened.pair = true;
        return opened;
    }
    TrainerOptions &options = opened.options;
    if (opened.session.config) {
        if (opened.session.weights)
            options = weightsOf(file);
        options.config = sharedConfig(opened.session, options.config);
        options.dataset = dataOf(opened.session, options.config);
        options.dataMayDiffer = true; // it is said
        opened.note = changeOfData(opened.session, *options.dataset);
        if (const auto &pair = opened.session.sideBySide)
            opened.note = Opener::tr("The session is of two runs side by side, %1 and %2, which are not there any more. It begins anew with the settings of "
                                     "the left one. %3")
                              .arg(fileNameOf(pair->left.string()), fileNameOf(pair->right.string()), opened.note);
    } else {
        options.dataset = openDefaultDataset();
        options.config = defaultConfig(*options.dataset);
    }
    for (const auto &[name, value] : opened.session.knobs)
        options.config.knobs.setText(name, value);
    checkConfig(options.config, *options.dataset);
    if (!opened.session.weights)
        options.start = startOf(options.config);
    options.startPaused = opened.session.weights;
    return opened;
}

Opened openedText(const std::string &text)
{
    Opened opened;
    TrainerOptions &options = opened.options;
    options.config = configOfRunText(text, options.dataset);
    options.start = startOf(options.config);
    opened.note = QString::fromStdString(options.dataset->info().note);
    return opened;
}

Opened openedRun(const QString &path, bool paused, bool dataMayDiffer)
{
    Opened opened;
    opened.writer = QString::fromStdString(writtenBy(runOf(path.toStdString())));
    if (!opened.writer.isEmpty()) {
        opened.standsStill = standsStill(runOf(path.toStdString()));
        opened.path = QString::fromStdString(runOf(path.toStdString()).string());
        return opened;
    }
    std::string change;
    opened.options = goingOn(whereItStood(path.toStdString()), change);
    if (!change.empty()) { // on which the same steps cannot be taken again
        opened.options = goingOn(resumptionOf(path.toStdString()), change);
        requireEnough(opened.options, change);
    }
    if (!dataMayDiffer)
        opened.dataChange = QString::fromStdString(change);
    opened.options.dataMayDiffer = true; // it was asked
    opened.options.startPaused = paused;
    opened.note = (failureOf(runOf(path.toStdString())) + noteOf(opened.options)).trimmed();
    opened.path = path;
    return opened;
}

Opened openedStep(const QString &run, qint64 step, bool fork)
{
    const fs::path folder = run.toStdString();
    const QString name = QFileInfo(run).fileName();
    Opened opened = standingAt(step, fork ? forkOf(folder, step) : resumptionOf(folder, step));
    opened.note =
        fork && opened.atEnd
            ? Opener::tr("A fork of %1 from step %2, its last: it has no steps left, and is to be given some before it can play on.").arg(name).arg(step)
        : fork ? Opener::tr("A fork of %1 from step %2: change something and play on. Metrics shows its parent's curves dashed.").arg(name).arg(step)
               : Opener::tr("Back at step %1 of %2; what came after is kept in metrics.lost.csv and checkpoints/lost.").arg(step).arg(name);
    opened.note = (opened.note + u' ' + noteOf(opened.options)).trimmed();
    opened.path = fork ? QString() : run;
    opened.parent = fork ? run : QString();
    return opened;
}

Opened openedBeside(const Beside &asked)
{
    const fs::path folder = asked.run.toStdString();
    const std::optional<qint64> &forkedAt = asked.forkedAt;
    Opened opened = standingAt(forkedAt, forkedAt ? forkOf(folder, *forkedAt) : resumptionOf(folder), asked.dataset, asked.config);
    opened.beside = true;
    opened.apart = asked.apart;
    if (forkedAt && asked.at && *asked.at != *forkedAt)
        opened.parted = forkedAt;
    opened.note =
        opened.atEnd ? Opener::tr("Side by side: on the right a fork from step %1, the last. It has no steps left, and is to be given some before it "
                                  "can play on.")
                           .arg(*forkedAt)
        : opened.parted ? Opener::tr("Side by side: on the right a fork from step %1. The left run is at step %2: the two see other batches, and "
                                     "only their curves compare. Taken back to step %1, the left run does the same as the right one until a knob differs.")
                              .arg(QLocale().toString(*forkedAt), QLocale().toString(*asked.at))
        : forkedAt ? Opener::tr("Side by side: on the right a fork from step %1. At first every knob is linked, so both do the same; in Controls, click the "
                                "chain of one to turn it on one side alone, and play on.")
                         .arg(*forkedAt)
                   : Opener::tr("Side by side: %1 on the right. Each takes one step in turn with the other.").arg(QFileInfo(asked.run).fileName());
    opened.note = (opened.note + u' ' + noteOf(opened.options)).trimmed();
    return opened;
}

} // namespace pretext
