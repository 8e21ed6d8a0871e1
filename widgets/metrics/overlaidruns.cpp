#include "widgets/metrics/overlaidruns.h"

#include "core/system/describe.h"
#include "widgets/background.h"

#include <QStringList>
#include <QTimer>

#include <algorithm>

namespace pretext {

namespace {

QString tellFirst(const QStringList &refused)
{
    return refused.size() < 2 ? refused.value(0) : OverlaidRuns::tr("%1 runs are unreadable; the first: %2").arg(refused.size()).arg(refused.front());
}

} // namespace

OverlaidRuns::OverlaidRuns(std::function<bool()> showing, QObject *parent) : QObject(parent), m_showing(std::move(showing)), m_files(new QTimer(this))
{
    constexpr int kFilesMs = 1000;
    m_files->setInterval(kFilesMs);
    connect(m_files, &QTimer::timeout, this, &OverlaidRuns::followFiles);
}

void OverlaidRuns::add(const std::filesystem::path &folder)
{
    const auto put = [this](std::shared_ptr<OverlaidRun> run) {
        std::vector<std::shared_ptr<OverlaidRun>> runs = m_runs;
        std::erase_if(runs, [&](const auto &other) { return other->folder == run->folder; });
        runs.push_back(std::move(run));
        replace(std::move(runs));
        emit said({});
    };
    inBackground(
        this, [folder] { return readRun(folder); }, put, [this](const QString &line) { emit said(line); });
}

void OverlaidRuns::set(const std::vector<std::filesystem::path> &folders, const std::filesystem::path &except)
{
    constexpr size_t kMostShown = 24;
    std::vector<std::filesystem::path> others = folders;
    std::erase(others, except);
    const QString left = others.size() > kMostShown ? tr("The first %1 of %2 runs are drawn.").arg(kMostShown).arg(others.size()) : QString();
    others.resize(std::min(others.size(), kMostShown));
    struct Read
    {
        std::vector<std::shared_ptr<OverlaidRun>> runs;
        QStringList refused; // of those that are unreadable; the others are drawn
    };
    const auto read = [others] {
        Read read;
        for (const std::filesystem::path &folder : others)
            try {
                read.runs.push_back(readRun(folder));
            } catch (const std::exception &error) {
                read.refused << QString::fromStdString(describe(error));
            }
        return read;
    };
    const auto put = [this, left](Read read) {
        replace(std::move(read.runs));
        emit said((QStringList(left) << tellFirst(read.refused)).join(u' ').trimmed());
    };
    inBackground(this, read, put, [this](const QString &line) { emit said(line); });
}

void OverlaidRuns::keepOnly(const std::function<bool(const OverlaidRun &run)> &wanted)
{
    std::vector<std::shared_ptr<OverlaidRun>> runs = m_runs;
    if (std::erase_if(runs, [&](const auto &run) { return !wanted(*run); }) > 0)
        replace(std::move(runs));
}

void OverlaidRuns::clear()
{
    replace({});
}

void OverlaidRuns::replace(std::vector<std::shared_ptr<OverlaidRun>> runs)
{
    emit aboutToChange();
    m_runs = std::move(runs);
    m_runs.empty() ? m_files->stop() : m_files->start();
    emit changed();
}

/// A run may be in training by another process: what its file has gained is taken.
void OverlaidRuns::followFiles()
{
    if (!m_showing() || m_reading > 0)
        return;
    for (const auto &run : m_runs) {
        ++m_reading;
        const auto put = [this](const std::shared_ptr<OverlaidRun> &newer) {
            --m_reading;
            if (newer)
                take(*newer);
        };
        inBackground(
            this, [folder = run->folder, before = run->read] { return readAgain(folder, before); }, put,
            [this](const QString &) { --m_reading; }); // it may be removed, or be written again from its start; the next look tells
    }
}

void OverlaidRuns::take(const OverlaidRun &newer)
{
    const auto run = std::ranges::find_if(m_runs, [&](const auto &one) { return one->folder == newer.folder; });
    if (run == m_runs.end())
        return;
    if (growTo(**run, newer))
        emit grown();
    else {
        emit aboutToChange();
        **run = newer;
        emit changed();
    }
}

} // namespace pretext
