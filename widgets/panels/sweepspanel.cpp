#include "widgets/panels/sweepspanel.h"

#include "core/files/shownpath.h"
#include "widgets/background.h"
#include "widgets/help/glossary.h"
#include "widgets/request.h"
#include "widgets/run.h"
#include "widgets/runs/userruns.h"
#include "widgets/sweeps/sweepform.h"
#include "widgets/sweeps/sweepresults.h"
#include "widgets/sweeps/sweepwords.h"
#include "widgets/sweeps/sweepworker.h"
#include "widgets/workbench.h"
#include "widgets/wraplayout.h"

#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr int kWhileItRuns = 1000, kWhileItRests = 5000; // milliseconds between looks at the folders, while the panel is seen

} // namespace

SweepsPanel::SweepsPanel(const PanelContext &context)
    : Panel(context)
    , m_store(userRunsIfAny())
    , m_worker(new SweepWorker(this))
    , m_sweeps(new QComboBox(this))
    , m_start(new QPushButton(this))
    , m_pause(new QPushButton(tr("Pause"), this))
    , m_stop(new QPushButton(tr("Stop"), this))
    , m_said(new QLabel(this))
    , m_form(new SweepForm(&request(), this))
    , m_results(new SweepResults(this))
    , m_pages(new QStackedWidget(this))
{
    m_files.setMaxThreadCount(1);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    column->addLayout(makeBar());
    m_said->setWordWrap(true);
    m_said->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_said);
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(m_form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    m_pages->addWidget(scroll);
    m_pages->addWidget(m_results);
    column->addWidget(m_pages, 1);
    connectParts();
    listSweeps({});
    updateTools();
}

SweepsPanel::~SweepsPanel()
{
    m_files.waitForDone();
}

QLayout *SweepsPanel::makeBar()
{
    auto *row = new WrapLayout;
    m_sweeps->setAccessibleName(tr("Sweep"));
    m_sweeps->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_sweeps->setMinimumContentsLength(22);
    m_sweeps->setToolTip(tr("A new sweep, or one of those that there are, of this window and of pretext sweep."));
    m_pause->setToolTip(tr("The trial stands still where it is, and the processor is free; Continue goes on from there."));
    m_stop->setToolTip(tr("Ends the trial under way with a checkpoint; Continue goes on with it, here, in another window or by pretext sweep."));
    setTerm(m_sweeps, "part/sweeps");
    m_sweeps->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    row->addWidget(m_sweeps);
    for (QPushButton *button : {m_start, m_pause, m_stop})
        row->addWidget(button);
    return row;
}

void SweepsPanel::connectParts()
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (isShowing())
            look();
    });
    connect(m_sweeps, &QComboBox::currentIndexChanged, this, [this] {
        m_problem.clear();
        m_state = {};
        showPage();
        look();
    });
    connect(m_start, &QPushButton::clicked, this, &SweepsPanel::startOrGoOn);
    connect(m_pause, &QPushButton::clicked, this, [this] { m_worker->setPaused(true); });
    connect(m_stop, &QPushButton::clicked, m_worker, &SweepWorker::stop);
    connect(m_worker, &SweepWorker::changed, this, [this] {
        updateTools();
        look();
    });
    connect(m_worker, &SweepWorker::failed, this, [this](const QString &line) {
        m_problem = line;
        m_awaited.clear();
        updateTools();
    });
    connect(m_form, &SweepForm::changed, this, &SweepsPanel::updateTools);
    connect(&run(), &Run::statusChanged, this, [this] {
        if (isShowing() && isNew())
            m_form->setPace(secondsPerStep());
        if (const TrainerState state = run().status().state; m_run == pausing && state == TrainerState::paused)
            m_run = paused;
        else if (m_run == paused && state != TrainerState::paused) { // the user has it go on
            m_run = notPaused;
            updateTools();
        }
    });
    connect(m_results, &SweepResults::runClicked, this, [this](const QString &folder) { workbench().requestRun(folder); });
}

double SweepsPanel::secondsPerStep() const
{
    return run().hasJob() ? steadySecondsPerStep(run().history()) : 0;
}

bool SweepsPanel::isNew() const
{
    return m_sweeps->currentIndex() <= 0;
}

std::filesystem::path SweepsPanel::chosen() const
{
    return isNew() ? std::filesystem::path() : std::filesystem::path(m_sweeps->currentData().toString().toStdString());
}

void SweepsPanel::refresh()
{
    if (!m_timer.isActive())
        look();
}

/// At the folders, beside the window.
void SweepsPanel::look()
{
    if (!m_store || m_looking)
        return;
    m_looking = true;
    inBackground(
        this,
        [store = *m_store, reader = m_reader, folder = chosen()] { return std::pair(sweepsOf(store), folder.empty() ? SweepState() : reader->read(folder)); },
        [this](std::pair<std::vector<std::filesystem::path>, SweepState> found) {
            m_looking = false;
            take(found.first, std::move(found.second));
            m_timer.start(m_worker->isRunning() || m_state.underWay() > 0 ? kWhileItRuns : kWhileItRests);
        },
        [this](const QString &line) {
            m_looking = false;
            m_problem = line;
            updateTools();
            m_timer.start(kWhileItRests);
        },
        &m_files);
}

void SweepsPanel::take(const std::vector<std::filesystem::path> &sweeps, SweepState state)
{
    listSweeps(sweeps);
    if (isNew())
        m_form->setPace(secondsPerStep());
    if (!m_awaited.empty() && std::ranges::find(sweeps, m_awaited) != sweeps.end())
        return choose(std::exchange(m_awaited, {}));
    if (state.folder != chosen()) {
        if (!isNew())
            m_timer.start(0);
        return updateTools(); // another was chosen meanwhile
    }
    if (state.folder == m_state.folder && state.over() != m_state.over())
        workbench().tellRunsCame();
    m_state = std::move(state);
    m_left.take(m_state.folder, m_state.secondsLeft());
    m_results->setState(m_state);
    updateTools();
}

QString SweepsPanel::nameOf(const std::filesystem::path &sweep) const
{
    const QString name = QString::fromStdString(shownPath(sweep.filename()));
    return m_store && sweep.parent_path() == m_store->data() / "sweeps" ? name
                                                                        : tr("%1 in %2").arg(name, QString::fromStdString(shownPath(sweep.parent_path())));
}

void SweepsPanel::listSweeps(const std::vector<std::filesystem::path> &sweeps)
{
    QStringList folders{QString()};
    for (const std::filesystem::path &sweep : sweeps)
        folders << QString::fromStdString(sweep.string());
    QStringList before;
    for (int i = 0; i < m_sweeps->count(); ++i)
        before << m_sweeps->itemData(i).toString();
    if (folders == before)
        return;
    const QString current = m_sweeps->currentData().toString();
    const QSignalBlocker quiet(m_sweeps);
    m_sweeps->clear();
    m_sweeps->addItem(tr("New sweep"), QString());
    for (const std::filesystem::path &sweep : sweeps)
        m_sweeps->addItem(nameOf(sweep), QString::fromStdString(sweep.string()));
    m_sweeps->setCurrentIndex(std::max(0, m_sweeps->findData(current)));
    showPage();
}

void SweepsPanel::choose(const std::filesystem::path &folder)
{
    m_sweeps->setCurrentIndex(std::max(0, m_sweeps->findData(QString::fromStdString(folder.string()))));
}

void SweepsPanel::showPage()
{
    m_pages->setCurrentIndex(isNew() ? 0 : 1);
    updateTools();
}

/// The window's run is paused for it: two trainings on one processor would make each other slow, and minutes would mean something else for each trial.
void SweepsPanel::startOrGoOn()
{
    if (m_worker->isPaused())
        return m_worker->setPaused(false);
    if (!m_store || (isNew() && !m_form->isPossible()))
        return;
    m_problem.clear();
    if (run().hasJob() && run().status().state == TrainerState::playing) {
        m_run = pausing;
        run().pause();
    }
    if (!isNew())
        return m_worker->goOn(chosen());
    m_awaited = newSweepFolder(*m_store);
    m_worker->begin(m_awaited, m_form->arguments());
}

QString SweepsPanel::stateInWords() const
{
    if (!m_problem.isEmpty())
        return m_problem;
    if (!m_state.problem.empty() && !isNew())
        return QString::fromStdString(m_state.problem);
    if (!m_awaited.empty())
        return tr("The sweep is being begun …");
    if (isNew())
        return tr(
            "All trials have what Controls show, but for the settings below. They are trained in the background, one after the other, and each is a run.");
    if (m_state.folder.empty())
        return tr("Reading the sweep …");
    const QLocale locale;
    const int all = int(m_state.trials.size()), over = m_state.over(), now = m_state.underWay();
    QString text = tr("%1 of %2 trials are done").arg(locale.toString(over), locale.toString(all));
    if (m_state.sweep.steps > 0 && m_state.sweep.halving > 0) // of which most go no further
        text = tr("%1 of %2 steps are taken, by %3 trials")
                   .arg(locale.toString(qlonglong(m_state.steps())), locale.toString(qlonglong(stepsInAll(rungsOf(m_state.sweep)))), locale.toString(all));
    else if (m_state.sweep.steps > 0)
        text = tr("%1, of up to %2 steps", "trials").arg(text, locale.toString(qlonglong(m_state.sweep.steps)));
    if (m_worker->isPaused() && m_worker->folder() == m_state.folder)
        text = tr("%1; paused.").arg(text);
    else if (now > 0 || (m_worker->isRunning() && m_worker->folder() == m_state.folder)) {
        const double left = m_left.seconds();
        text = std::isnan(left) ? tr("%1; training.").arg(text) : tr("%1; %2 left.").arg(text, aboutSoLong(left));
        if (!m_worker->isRunning())
            text = tr("%1 Another process trains it.").arg(text);
    } else {
        text = !m_state.isDone() ? tr("%1; nobody trains it now.").arg(text) : tr("%1.").arg(text);
    }
    if (const QString best = bestInWords(m_state); !best.isEmpty())
        text += u' ' + best;
    return m_run != notPaused && m_worker->folder() == m_state.folder
               ? tr("%1 This window's run was paused for it; play it, and both share the processor.").arg(text)
               : text;
}

void SweepsPanel::updateTools()
{
    const bool mine = m_worker->isRunning() && (isNew() || m_worker->folder() == chosen());
    m_start->setText(isNew() ? tr("Start") : tr("Continue"));
    m_start->setToolTip(isNew() ? tr("Trains the trials in the background. This window's run is paused, so that they have the processor.")
                                : tr("Goes on with the trials that are not done."));
    m_start->setEnabled(m_store
                        && (m_worker->isRunning() ? mine && m_worker->isPaused() && !isNew()
                            : isNew()             ? m_form->isPossible() && run().hasJob()
                                                  : m_state.problem.empty() && !m_state.isDone()));
    m_pause->setEnabled(mine && !m_worker->isPaused() && m_awaited.empty());
    m_stop->setEnabled(mine);
    m_said->setText(m_store ? stateInWords() : tr("Runs are not listed here: PRETEXT_UNLISTED is set, or there is no home folder."));
}

QString SweepsPanel::csv() const
{
    return isNew() ? QString() : m_results->csv();
}

void SweepsPanel::paintTo(QPainter &painter, const QSize &size)
{
    isNew() || m_results->isEmpty() ? Panel::paintTo(painter, size) : m_results->paintTo(painter, size);
}

Panel *makeSweepsPanel(const PanelContext &context)
{
    return new SweepsPanel(context);
}

} // namespace pretext
