#include "app/opener.h"

#include "app/runkeeper.h"
#include "widgets/background.h"
#include "widgets/trainingcontroller.h"

#include <QFileInfo>

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// The same job on other data: what the knobs have in common is kept.
RunConfig onOtherData(const RunConfig &config, const Dataset &dataset, const std::string &name)
{
    if (config.knobs.declarations().empty())
        return defaultConfig(dataset);
    RunConfig result = reconfigured(config, config.method, config.encoder, name, dataset.info());
    result.steps = 0;
    result.minutes = 0;
    result.init.clear();
    result.batch = std::min<int64_t>(result.batch, dataset.size(Split::train));
    return result;
}

TrainerOptions resumed(const fs::path &runOrCheckpoint)
{
    const fs::path checkpoint = findCheckpoint(runOrCheckpoint);
    TrainerOptions options;
    options.out = fs::absolute(checkpoint).parent_path().parent_path();
    if (const long process = openedBy(options.out); process != 0)
        throw std::invalid_argument(options.out.string() + " is open in another window (process " + std::to_string(process) + "); close it there first");
    options.config = readCheckpointState(checkpoint).config;
    options.dataset = openDataset(options.config.dataset, options.config.datasetOptions);
    options.resumeFrom = checkpoint;
    return options;
}

} // namespace

Opener::Opener(TrainingController *controller, RunKeeper *runs, QObject *parent)
    : QObject(parent)
    , m_controller(controller)
    , m_runs(runs)
{
}

void Opener::open(const QString &shown, std::function<Opened()> work)
{
    emit working(tr("Opening %1 …").arg(shown));
    const int request = ++m_latest;
    inBackground(this, std::move(work), [this, request](Opened opened) {
        if (request == m_latest)
            startJob(std::move(opened));
    }, [this, request](const QString &line) {
        if (request == m_latest)
            emit refused(line);
    });
}

void Opener::startJob(Opened opened)
{
    if (opened.options.out.empty())
        opened.options.out = m_runs->newPath(opened.options.config);
    opened.options.startPaused |= m_paused;
    m_controller->start(std::move(opened.options));
    emit this->opened(opened.path, opened.note);
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

void Opener::openData(const QString &nameOrPath)
{
    open(QFileInfo(nameOrPath).fileName(), [name = nameOrPath.toStdString(), config = m_controller->config()] {
        Opened opened;
        opened.options.dataset = openDataset(name, config.datasetOptions);
        opened.options.config = onOtherData(config, *opened.options.dataset, name);
        opened.path = QFileInfo::exists(QString::fromStdString(name)) ? QString::fromStdString(name) : QString();
        const DatasetInfo &info = opened.options.dataset->info();
        opened.note = QString::fromStdString(info.note);
        if (!info.skipped.empty())
            opened.note += Opener::tr(" Left out because they cannot be read: %1 files, the first is %2.")
                               .arg(info.skipped.size()).arg(QString::fromStdString(info.skipped.front()));
        return opened;
    });
}

void Opener::openSession(const QString &file)
{
    open(QFileInfo(file).fileName(), [file] {
        Opened opened;
        opened.session = readSession(file);
        opened.path = file.startsWith(':') ? QString() : file;
        TrainerOptions &options = opened.options;
        if (opened.session.config) {
            options.config = *opened.session.config;
            options.dataset = openDataset(options.config.dataset, options.config.datasetOptions);
        } else {
            options.dataset = openDefaultDataset();
            options.config = defaultConfig(*options.dataset);
        }
        for (const auto &[name, value] : opened.session.knobs)
            options.config.knobs.setText(name, value);
        checkConfig(options.config, *options.dataset);
        return opened;
    });
}

void Opener::openRun(const QString &runOrCheckpoint, bool paused)
{
    const fs::path path = runOrCheckpoint.toStdString();
    const fs::path run = path.extension() == ".safetensors" ? path.parent_path().parent_path() : path;
    if (m_controller->hasJob() && m_controller->runPath() == run) {
        if (m_controller->status().state != TrainerState::failed) {
            emit refused(tr("%1 is the run that is open here.").arg(runOrCheckpoint));
            return;
        }
        m_controller->stop(); // a failed trainer has ended already; what remains is its marker
        m_runs->finish();
    }
    open(QFileInfo(runOrCheckpoint).fileName(), [path = runOrCheckpoint, paused] {
        Opened opened;
        opened.options = resumed(path.toStdString());
        opened.options.startPaused = paused;
        opened.path = path;
        return opened;
    });
}

void Opener::openAny(const QString &path)
{
    const QFileInfo info(path);
    if (info.isDir() && QFileInfo::exists(path + "/config.json"))
        openRun(path);
    else if (info.isFile() && info.suffix() == "json")
        openSession(path);
    else if (info.isFile() && info.suffix() == "safetensors")
        openRun(path);
    else
        openData(path);
}

} // namespace pretext
