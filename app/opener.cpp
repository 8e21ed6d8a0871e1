#include "app/opener.h"

#include "app/cli/runline.h"
#include "app/runkeeper.h"
#include "core/analysis/onlineevaluation.h"
#include "core/data/interruption.h"
#include "core/data/sources/text/textdataset.h"
#include "core/engine/openmarker.h"
#include "core/engine/resuming.h"
#include "core/engine/runlock.h"
#include "core/engine/runtext.h"
#include "core/files/said.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "core/system/describe.h"
#include "widgets/background.h"
#include "widgets/said.h"
#include "widgets/workbench.h"

#include <QDir>
#include <QFileInfo>

#include <stdexcept>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kEvaluateEvery = 50; // steps, of a new run; more of them where that is too often for the machine

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

bool isTable(const QString &path)
{
    return isTextTable(path.toStdString());
}

bool isThere(const QString &path)
{
    return QFileInfo::exists(path) || QFileInfo::exists(path.section('#', 0, -2)); // of TABLE.csv#COLUMN
}

/// The run that a checkpoint file belongs to.
fs::path runOf(const fs::path &runOrCheckpoint)
{
    return runOrCheckpoint.extension() == ".safetensors" ? fs::absolute(runOrCheckpoint).parent_path().parent_path() : runOrCheckpoint;
}

/// What the window opens, where it could not tell what it was given.
QString refusalOfAny(const std::exception &error)
{
    if (const auto *none = dynamic_cast<const NoDataset *>(&error))
        return Opener::tr("%1: no session (.json), no run that was shared (.pretext), no run's folder or checkpoint (.safetensors), and no data that can be "
                          "read; choose one of those, or %2")
            .arg(QString::fromStdString(none->path), QString::fromStdString(none->choices));
    return Opener::tr("%1. What can be opened: a session (.json), a run that was shared (.pretext, or its text), a run's folder or checkpoint (.safetensors), "
                      "and data: a folder or archive of images or texts, "
                      "a text (.txt), a table of texts (.csv, .tsv), .npy, .npz, IDX or CIFAR files.")
        .arg(QString::fromStdString(describe(error)));
}

/// `work`; where `any` was given, its refusal says what can be.
template<class Work>
auto refusing(bool any, const Work &work)
{
    try {
        return work();
    } catch (const Interrupted &) {
        throw;
    } catch (const std::exception &error) {
        if (!any)
            throw;
        throw std::invalid_argument(refusalOfAny(error).toStdString());
    }
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

/// Refuses changed data on which the run could not go on, before anybody is asked.
void requireEnough(const TrainerOptions &options, const std::string &change)
{
    if (const std::string tooFew = tooFewFor(options.config.batch, markOf(*options.dataset)); !tooFew.empty())
        throw std::invalid_argument(said("%1: the data have changed since the last checkpoint: %2; %3", {options.dataset->info().name, change, tooFew}));
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

QString changeOfData(const Session &session, const Dataset &dataset)
{
    const std::string change = session.data ? changeOf(*session.data, markOf(dataset)) : std::string();
    return change.empty()
               ? QString()
               : Opener::tr("The data are not those of the run that was shared, so its numbers will be others: %1.").arg(QString::fromStdString(change));
}

} // namespace

Opener::Opener(Workbench *workbench, RunKeeper *runs, QObject *parent)
    : QObject(parent)
    , m_workbench(workbench)
    , m_run(workbench->current())
    , m_request(workbench->requestOf(m_run))
    , m_runs(runs)
{
    connect(workbench, &Workbench::diskUsed, runs, &RunKeeper::diskMeasured);
}

void Opener::open(const QString &shown, std::function<Opened()> work)
{
    emit working(tr("Opening %1 …").arg(shown));
    const int request = ++*m_latest;
    const bool any = std::exchange(m_any, false);
    const auto whileWanted = [latest = m_latest, request, any, work = std::move(work)] {
        const Interruptible interruptible([&] { return *latest == request; });
        return refusing(any, work);
    };
    inBackground(
        this, whileWanted,
        [this, request](Opened opened) {
            if (request == *m_latest)
                startJob(std::move(opened));
        },
        [this, request](const QString &line) {
            if (request == *m_latest)
                emit refused(line);
        });
}

void Opener::startJob(Opened opened)
{
    if (!opened.writer.isEmpty()) {
        emit this->opened(opened.path, {});
        emit openElsewhere(opened.path, opened.writer, opened.standsStill);
        return;
    }
    if (opened.pair) {
        emit this->opened(opened.path, {});
        emit pairWanted(opened.session);
        return;
    }
    if (!opened.change.isEmpty()) {
        m_request->setConfig(opened.options.config, opened.change, opened.options.dataset);
        emit this->opened({}, {});
        return;
    }
    if (!opened.dataChange.isEmpty()) {
        const QString data = QString::fromStdString(opened.options.dataset->info().name);
        emit this->opened({}, {});
        emit dataChanged(opened.path, tr("%1: the data have changed since the last checkpoint: %2.").arg(data, opened.dataChange));
        return;
    }
    if (!opened.fits) {
        emit this->opened(opened.path, {});
        propose(opened);
        return;
    }
    if (opened.options.out.empty())
        opened.options.out = m_runs->newPath(opened.options.config);
    opened.options.startPaused |= m_paused;
    opened.options.observer = makeOnlineEvaluation;
    if (const Start &start = opened.options.start; !isResumed(start) && opened.options.config.evaluateEvery == 0)
        opened.options.config.evaluateEvery = kEvaluateEvery;
    if (opened.beside)
        m_workbench->putBeside(std::move(opened.options));
    else
        m_run->start(std::move(opened.options));
    for (const std::string &knob : opened.apart)
        m_workbench->sideBySide()->setLinked(knob, false);
    emit this->opened(opened.path, opened.note, opened.atEnd);
    if (opened.beside)
        return;
    if (!opened.parent.isEmpty())
        emit forked(opened.parent);
    emit sessionOpened(opened.session);
}

void Opener::openDefault()
{
    open(tr("the default data"), [] {
        Opened opened;
        opened.options.dataset = openDefaultDataset();
        opened.options.config = defaultConfig(*opened.options.dataset);
        opened.note = QString::fromStdString(opened.options.dataset->info().note);
        return opened;
    });
}

void Opener::openData(const QString &nameOrPath, const QString &method)
{
    if (isTable(nameOrPath)) {
        openTable(nameOrPath);
        return;
    }
    const Modality runs = modalityOf(m_run->config());
    open(QFileInfo(nameOrPath).fileName(), [name = nameOrPath.toStdString(), config = m_request->config(), before = m_request->dataset(),
                                            method = method.toStdString(), runs, idle = !m_run->hasJob()] {
        Opened opened;
        opened.options.dataset = openDataset(name, config.datasetOptions);
        opened.options.config = onOtherData(config, before.get(), *opened.options.dataset, name, method);
        opened.path = isThere(QString::fromStdString(name)) ? QString::fromStdString(name) : QString();
        const DatasetInfo &info = opened.options.dataset->info();
        opened.fits = idle || (method.empty() && info.modality == runs && opened.options.config.method == config.method);
        if (info.modality == runs) // the method asked for or the one before lacks something
            opened.why = method.empty() ? Opener::tr("%1 cannot learn from %2.").arg(QString::fromStdString(config.method), fileNameOf(name))
                                        : Opener::tr("%1 cannot learn from %2.").arg(QString::fromStdString(method), fileNameOf(config.dataset));
        else
            opened.why = Opener::tr("%1 holds %2.").arg(fileNameOf(name), translated(toText(info.modality)));
        opened.note = QString::fromStdString(info.note);
        if (!info.skipped.empty())
            opened.note += u' '
                           + (info.skipped.size() == 1 ? Opener::tr("Left out as unreadable: %1.").arg(QString::fromStdString(info.skipped.front()))
                                                       : Opener::tr("Left out as unreadable: %1, the first is %2; %3 in the run's folder names all.")
                                                             .arg(info.skipped.size())
                                                             .arg(QString::fromStdString(info.skipped.front()), QString::fromLatin1(kLeftOutFile)));
        return opened;
    });
}

void Opener::reopenData(const DatasetOptions &options)
{
    const RunConfig config = m_request->config();
    const auto before = m_request->dataset();
    if (!before || options == config.datasetOptions)
        return;
    open(QFileInfo(QString::fromStdString(config.dataset)).fileName(), [config, before, options] {
        Opened opened;
        opened.options.dataset = openDataset(config.dataset, options);
        opened.options.config = adapted(config, *before, config.method, config.encoder, *opened.options.dataset);
        opened.options.config.dataset = config.dataset;
        opened.options.config.datasetOptions = options;
        opened.change = Opener::tr("size = %1, %2").arg(options.size).arg(options.colour ? Opener::tr("colour") : Opener::tr("grey"));
        return opened;
    });
}

void Opener::openTable(const QString &path)
{
    emit working(tr("Reading the columns of %1 …").arg(QFileInfo(path).fileName()));
    const int request = ++*m_latest;
    const bool any = std::exchange(m_any, false);
    inBackground(
        this, [path, any] { return refusing(any, [&] { return textColumnsOf(path.toStdString()); }); },
        [this, request, path](const TextColumns &columns) {
            if (request != *m_latest)
                return;
            QStringList names;
            for (const std::string &name : columns.names)
                names << QString::fromStdString(name);
            if (names.size() == 1)
                openData(path + '#' + names.front());
            else
                emit columnWanted(path, names, columns.usual);
        },
        [this, request](const QString &line) {
            if (request == *m_latest)
                emit refused(line);
        });
}

/// What waits for a restart shows in the controls; this says why.
void Opener::propose(const Opened &opened)
{
    const RunConfig &config = opened.options.config;
    const QString data = fileNameOf(config.dataset), method = QString::fromStdString(config.method);
    m_request->setConfig(config, tr("data = %1, method = %2").arg(data, method), opened.options.dataset);
    const MethodType &type = methodType(config.method);
    emit proposed(tr("%1 Proposed: %2 (%3) on %4 with the encoder %5 and settings that suit it; the controls show them, and the running job goes on until they "
                     "are applied. %6")
                      .arg(opened.why, translated(type.title).toLower(), method, data, QString::fromStdString(config.encoder), opened.note)
                      .trimmed());
}

void Opener::openSession(const QString &file)
{
    open(QFileInfo(file).fileName(), [file] {
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
                options = forkOf(file.toStdString()).options;
            options.config = sharedConfig(opened.session, options.config);
            options.dataset = dataOf(opened.session, options.config);
            options.dataMayDiffer = true; // it is said
            opened.note = changeOfData(opened.session, *options.dataset);
            if (const auto &pair = opened.session.sideBySide)
                opened.note =
                    Opener::tr("The session is of two runs side by side, %1 and %2, which are not there any more. It begins anew with the settings of "
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
    });
}

void Opener::openText(const QString &text)
{
    open(tr("a run from its text"), [text = text.toStdString()] {
        Opened opened;
        TrainerOptions &options = opened.options;
        options.config = configOfRunText(text, options.dataset);
        options.start = startOf(options.config);
        opened.note = QString::fromStdString(options.dataset->info().note);
        return opened;
    });
}

void Opener::openRun(const QString &runOrCheckpoint, bool paused, bool dataMayDiffer)
{
    const fs::path run = runOf(runOrCheckpoint.toStdString());
    if (m_run->hasJob() && m_run->path() == run) {
        if (m_run->status().state != TrainerState::failed) {
            m_any = false;
            emit refused(tr("%1 is the run that is open here.").arg(runOrCheckpoint));
            return;
        }
        m_run->stop(); // a failed trainer has ended already; what remains is its marker
        m_runs->finish();
    }
    open(QFileInfo(runOrCheckpoint).fileName(), [path = runOrCheckpoint, paused, dataMayDiffer] {
        Opened opened;
        opened.writer = QString::fromStdString(writtenBy(runOf(path.toStdString())));
        if (!opened.writer.isEmpty()) {
            opened.standsStill = standsStill(runOf(path.toStdString()));
            opened.path = QString::fromStdString(runOf(path.toStdString()).string());
            return opened;
        }
        std::string change;
        opened.options = goingOn(resumptionOf(path.toStdString()), change);
        if (!change.empty())
            requireEnough(opened.options, change);
        if (!dataMayDiffer)
            opened.dataChange = QString::fromStdString(change);
        opened.options.dataMayDiffer = true; // it was asked
        opened.options.startPaused = paused;
        opened.note = noteOf(opened.options);
        opened.path = path;
        return opened;
    });
}

void Opener::openStep(const QString &run, qint64 step, bool fork)
{
    if (!fork && m_run->hasJob() && m_run->path() == fs::path(run.toStdString())) {
        m_run->stop(); // its folder is written by one trainer at a time
        m_runs->finish();
    }
    const QString name = QFileInfo(run).fileName();
    open(tr("step %1 of %2").arg(step).arg(name), [run, step, fork, name] {
        Opened opened;
        const fs::path folder = run.toStdString();
        std::string change;
        opened.options = goingOn(fork ? forkOf(folder, step) : resumptionOf(folder, step), change);
        if (!change.empty())
            requireEnough(opened.options, change);
        opened.options.dataMayDiffer = true; // they are those that it trains on now
        opened.options.startPaused = true;
        opened.atEnd = opened.options.config.steps > 0 && step >= opened.options.config.steps;
        opened.note =
            fork && opened.atEnd
                ? Opener::tr("A fork of %1 from step %2, its last: it has no steps left, and is to be given some before it can play on.").arg(name).arg(step)
            : fork ? Opener::tr("A fork of %1 from step %2: change something and play on. Metrics shows its parent's curves dashed.").arg(name).arg(step)
                   : Opener::tr("Back at step %1 of %2; what came after is kept in metrics.lost.csv and checkpoints/lost.").arg(step).arg(name);
        opened.note = (opened.note + u' ' + noteOf(opened.options)).trimmed();
        opened.path = fork ? QString() : run;
        opened.parent = fork ? run : QString();
        return opened;
    });
}

void Opener::openBeside(const QString &run, std::optional<qint64> forkedAt, const std::vector<std::string> &apart)
{
    const QString name = QFileInfo(run).fileName();
    if (!forkedAt && m_run->hasJob() && m_run->path() == fs::path(run.toStdString())) {
        emit refused(tr("%1 is the run that is open here; fork it to see it side by side with itself.").arg(name));
        return;
    }
    if (!m_run->hasJob() || m_run->path().empty()) {
        emit refused(tr("There is no run beside which another could stand. Open one first, or data to train on."));
        return;
    }
    if (const SideBySide *together = m_workbench->sideBySide(); together && together->right()->path() == fs::path(run.toStdString()) && !forkedAt) {
        emit refused(tr("%1 is beside it already.").arg(name));
        return;
    }
    open(name, [run, forkedAt, apart, name, dataset = m_run->dataset(), config = m_run->config()] {
        Opened opened;
        const fs::path folder = run.toStdString();
        std::string change;
        opened.options = goingOn(forkedAt ? forkOf(folder, *forkedAt) : resumptionOf(folder), change, dataset, config);
        if (!change.empty())
            requireEnough(opened.options, change);
        opened.options.dataMayDiffer = true; // they are those that it trains on now
        opened.options.startPaused = true;
        opened.beside = true;
        opened.apart = apart;
        opened.atEnd = forkedAt && opened.options.config.steps > 0 && *forkedAt >= opened.options.config.steps;
        opened.note =
            opened.atEnd ? Opener::tr("Side by side: on the right a fork from step %1, the last. It has no steps left, and is to be given some before it "
                                      "can play on.")
                               .arg(*forkedAt)
            : forkedAt ? Opener::tr("Side by side: on the right a fork from step %1. Every knob is linked, so both do the same; in Controls, click the "
                                    "chain of one to turn it on one side alone, and play on.")
                             .arg(*forkedAt)
                       : Opener::tr("Side by side: %1 on the right. Each takes one step in turn with the other.").arg(name);
        opened.note = (opened.note + u' ' + noteOf(opened.options)).trimmed();
        return opened;
    });
}

void Opener::openAny(const QString &path)
{
    if (isRunText(path.toStdString()))
        return openText(path);
    const QFileInfo info(path);
    const bool isRun = info.isDir() && QFileInfo::exists(path + "/config.json");
    m_any = !isRun;
    if (isRun)
        openRun(path);
    else if (info.isFile() && info.fileName() == "config.json" && QFileInfo(info.dir().filePath("checkpoints")).isDir())
        openRun(info.path()); // the run's own
    else if (info.isFile() && (info.suffix() == "json" || info.suffix() == "pretext"))
        openSession(path);
    else if (info.isFile() && info.suffix() == "safetensors")
        openRun(path);
    else
        openData(path);
}

} // namespace pretext
