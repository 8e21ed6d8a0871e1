#include "widgets/runs/runlist.h"

#include "widgets/background.h"
#include "widgets/runs/rundatabase.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"

#include <utility>

namespace pretext {

namespace {

constexpr int kLookMs = 10'000; // at the folders, while the list is seen
constexpr int kSoonMs = 500;    // after something has happened to a run

/// Of a list in the database without a look at a folder; empty where there is no database yet.
std::vector<RunSummary> knownRuns(const RunStore &store)
{
    return RunDatabase(store.database()).all();
}

std::vector<RunSummary> runsNow(const RunStore &store, const std::atomic<bool> &given)
{
    RunDatabase database(store.database());
    return sweepRuns(store, &database, [&](size_t, size_t) { return !given; });
}

} // namespace

RunList::RunList(std::function<bool()> isSeen, QObject *parent)
    : QObject(parent)
    , m_store(userRunsIfAny())
    , m_runs(new RunModel(this))
    , m_isSeen(std::move(isSeen))
{
    m_files.setMaxThreadCount(1);
    m_look.setSingleShot(true);
    connect(&m_look, &QTimer::timeout, this, [this] {
        if (m_isSeen())
            sweep();
    });
    connect(m_runs, &RunModel::refused, this, &RunList::said);
    connect(m_runs, &RunModel::notesEdited, this, [this](const QString &run, const RunNotes &notes) { writeNotesOf(run.toStdString(), notes); });
}

RunList::~RunList()
{
    *m_given = true;
    m_files.waitForDone();
}

void RunList::sweepSoon()
{
    if (m_isSeen())
        m_look.start(kSoonMs);
}

void RunList::refresh()
{
    if (!m_store || m_sweeping || m_look.isActive())
        return;
    m_read ? sweep() : readKnown();
}

/// First what is known at once.
void RunList::readKnown()
{
    m_sweeping = true;
    inBackground(
        this, [store = *m_store] { return knownRuns(store); },
        [this](std::vector<RunSummary> runs) {
            m_sweeping = false;
            take(std::move(runs));
            sweep();
        },
        [this](const QString &line) {
            m_sweeping = false;
            m_problem = line;
            emit changed();
            m_look.start(kLookMs);
        },
        &m_files);
}

void RunList::sweep()
{
    if (!m_store)
        return;
    if (m_sweeping) {
        m_again = true;
        return;
    }
    m_sweeping = true;
    const auto done = [this] {
        m_sweeping = false;
        m_look.start(std::exchange(m_again, false) ? 0 : kLookMs);
    };
    inBackground(
        this, [store = *m_store, given = m_given] { return runsNow(store, *given); },
        [this, done](std::vector<RunSummary> runs) {
            m_read = true;
            m_problem.clear();
            take(std::move(runs));
            done();
        },
        [this, done](const QString &line) {
            m_problem = line;
            emit changed();
            done();
        },
        &m_files);
}

void RunList::take(std::vector<RunSummary> runs)
{
    for (RunSummary &run : runs)
        if (const auto written = m_written.find(run.path); written != m_written.end())
            run.notes = written->second; // what was read may be older
    m_runs->show(std::move(runs));
    emit changed();
}

void RunList::writeNotesOf(const std::filesystem::path &run, const RunNotes &notes)
{
    m_written[run] = notes;
    const auto written = [this, run, notes] {
        if (const auto found = m_written.find(run); found != m_written.end() && found->second == notes)
            m_written.erase(found);
    };
    change(
        tr("Writing the note …"), [run, notes](const RunStore &) { writeNotes(run, notes); }, written);
}

void RunList::change(const QString &doing, const std::function<void(const RunStore &)> &work, const std::function<void()> &done)
{
    if (!m_store)
        return;
    emit said(doing);
    inBackground(
        this,
        [store = *m_store, work, given = m_given] {
            std::string problem;
            try {
                work(store);
            } catch (const std::exception &error) {
                problem = describe(error);
            }
            return std::pair(runsNow(store, *given), QString::fromStdString(problem));
        },
        [this, done](std::pair<std::vector<RunSummary>, QString> found) {
            if (done)
                done();
            m_problem = found.second;
            take(std::move(found.first));
        },
        [this, done](const QString &line) {
            if (done)
                done();
            m_problem = line;
            emit changed();
        },
        &m_files);
}

void RunList::import(const QStringList &folders, const std::function<void(const std::set<std::filesystem::path> &)> &done)
{
    const auto found = std::make_shared<std::set<std::filesystem::path>>();
    change(
        tr("Looking for runs …"),
        [folders, found](const RunStore &store) {
            for (const QString &folder : folders)
                for (const std::filesystem::path &run : store.import(folder.toStdString()))
                    found->insert(run);
        },
        [this, found, done] {
            if (!found->empty())
                QTimer::singleShot(0, this, [found, done] { done(*found); }); // after the list was taken
        });
}

void RunList::forgetProblem()
{
    m_problem.clear();
}

} // namespace pretext
