#include "app/opener.h"

#include "app/cli/runline.h"
#include "app/runkeeper.h"
#include "core/analysis/onlineevaluation.h"
#include "core/data/interruption.h"
#include "core/data/sources/text/textdataset.h"
#include "core/engine/runtext.h"
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

bool isTable(const QString &path)
{
    return isTextTable(path.toStdString());
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

} // namespace

Opener::Opener(Workbench *workbench, RunKeeper *runs, QObject *parent)
    : QObject(parent)
    , m_workbench(workbench)
    , m_run(workbench->current())
    , m_request(workbench->requestOf(m_run))
    , m_runs(runs)
{
    connect(workbench, &Workbench::diskUsed, runs, &RunKeeper::diskMeasured);
    connect(workbench, &Workbench::runsCame, runs, &RunKeeper::measureDisk);
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
    if (opened.onRight && !m_workbench->sideBySide()) { // it was ended meanwhile
        emit this->opened({}, {});
        return;
    }
    if (opened.onRight)
        m_workbench->sideBySide()->right()->start(std::move(opened.options));
    else if (opened.beside)
        m_workbench->putBeside(std::move(opened.options));
    else
        m_run->start(std::move(opened.options));
    for (const std::string &knob : opened.apart)
        m_workbench->sideBySide()->setLinked(knob, false);
    emit this->opened(opened.path, opened.note, opened.atEnd, opened.parted);
    if (opened.beside || opened.onRight)
        return;
    if (!opened.parent.isEmpty())
        emit forked(opened.parent);
    emit sessionOpened(opened.session);
}

void Opener::openDefault()
{
    open(tr("the default data"), openedDefault);
}

void Opener::openData(const QString &nameOrPath, const QString &method)
{
    if (isTable(nameOrPath)) {
        openTable(nameOrPath);
        return;
    }
    const Before before{m_request->config(), m_request->dataset(), modalityOf(m_run->config()), !m_run->hasJob()};
    open(QFileInfo(nameOrPath).fileName(),
         [name = nameOrPath.toStdString(), method = method.toStdString(), before] { return openedData(name, method, before); });
}

void Opener::reopenData(const DatasetOptions &options)
{
    const RunConfig config = m_request->config();
    const auto before = m_request->dataset();
    if (!before || options == config.datasetOptions)
        return;
    open(QFileInfo(QString::fromStdString(config.dataset)).fileName(), [config, before, options] { return reopenedData(config, *before, options); });
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
    const QString data = QFileInfo(QString::fromStdString(config.dataset)).fileName(), method = QString::fromStdString(config.method);
    m_request->setConfig(config, tr("data = %1, method = %2").arg(data, method), opened.options.dataset);
    const MethodType &type = methodType(config.method);
    emit proposed(tr("%1 Proposed: %2 (%3) on %4 with the encoder %5 and settings that suit it; the controls show them, and the running job goes on until they "
                     "are applied. %6")
                      .arg(opened.why, translated(type.title).toLower(), method, data, QString::fromStdString(config.encoder), opened.note)
                      .trimmed());
}

void Opener::openSession(const QString &file)
{
    open(QFileInfo(file).fileName(), [file] { return openedSession(file); });
}

void Opener::openText(const QString &text)
{
    open(tr("a run from its text"), [text = text.toStdString()] { return openedText(text); });
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
    open(QFileInfo(runOrCheckpoint).fileName(), [=] { return openedRun(runOrCheckpoint, paused, dataMayDiffer); });
}

void Opener::openStep(const QString &run, qint64 step, bool fork)
{
    const SideBySide *together = m_workbench->sideBySide();
    Run *right = together && together->right()->path() == fs::path(run.toStdString()) ? together->right() : nullptr;
    Run *own = right ? right : m_run->path() == fs::path(run.toStdString()) ? m_run : nullptr;
    if (!fork && own && own->hasJob()) {
        own->stop(); // its folder is written by one trainer at a time
        m_runs->finish();
    }
    open(tr("step %1 of %2").arg(step).arg(QFileInfo(run).fileName()), [run, step, fork, onRight = right && !fork] {
        Opened opened = openedStep(run, step, fork);
        opened.onRight = onRight;
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
    const bool own = m_run->path() == fs::path(run.toStdString());
    const Beside asked{run, forkedAt, own ? std::optional<qint64>(m_run->status().step) : std::nullopt, apart, m_run->dataset(), m_run->config()};
    open(name, [asked] { return openedBeside(asked); });
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
    else if (info.isFile() && (info.suffix() == "json" || info.suffix() == "pretext")) {
        m_any &= info.suffix() == "json"; // the other is nothing else
        openSession(path);
    } else if (info.isFile() && info.suffix() == "safetensors")
        openRun(path);
    else
        openData(path);
}

} // namespace pretext
