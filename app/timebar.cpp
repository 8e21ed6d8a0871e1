#include "app/timebar.h"

#include "core/engine/start.h"
#include "widgets/controls/stepslider.h"
#include "widgets/help/glossary.h"
#include "widgets/lookback.h"
#include "widgets/plots/theme.h"
#include "widgets/run.h"
#include "widgets/sweeps/sweepplan.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QStackedWidget>

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

constexpr int kRestMs = 250;

QString stepNumber(int64_t step)
{
    return QLocale().toString(qlonglong(step));
}

} // namespace

TimeBar::TimeBar(Run *run, QWidget *parent)
    : QToolBar(tr("Time"), parent)
    , m_run(run)
    , m_lookBack(&run->lookBack())
    , m_words(new QLabel)
    , m_slider(new StepSlider)
    , m_now(addButton(tr("Now"), tr("Shows the run as it is now again (Escape on the slider, or Ctrl+L)."), "now"))
    , m_cancel(addButton(tr("Cancel"), tr("Gives up the step that is on its way; the panels go on with what they show."), "cancelStep"))
    , m_goBack(addButton(tr("Go back to here …"), tr("The run goes on from the step that is shown; what it took since is kept aside."), "goBackHere"))
    , m_fork(addButton(tr("Fork here"), tr("Another run begins with all that this one had at the step that is shown, paused; this one stays as it is."),
                       "forkHere"))
    , m_rightEnd(new QStackedWidget)
    , m_meanwhile(new QLabel)
{
    setObjectName("time");
    setTerm(this, "part/time slider");
    setMovable(false);
    setFloatable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    toggleViewAction()->setText(tr("&Time slider"));
    addWidget(makeContent());
    m_rested.setSingleShot(true);
    m_rested.setInterval(kRestMs);
    connect(&m_rested, &QTimer::timeout, this, [this] { m_lookBack->show(m_chosen); });
    connect(m_slider, &StepSlider::stepChosen, this, &TimeBar::choose);
    connect(m_slider, &StepSlider::nowChosen, this, &TimeBar::showNow);
    connect(m_now, &QPushButton::clicked, this, &TimeBar::showNow);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_rested.stop();
        m_lookBack->giveUp();
        follow();
    });
    connect(m_goBack, &QPushButton::clicked, this, [this] { emit goBackAsked(m_run->shownStep()); });
    connect(m_fork, &QPushButton::clicked, this, [this] { emit forkAsked(m_run->shownStep()); });
    connect(m_lookBack, &LookBack::changed, this, &TimeBar::follow);
    connect(run, &Run::shownStepChanged, this, &TimeBar::follow);
    connect(run, &Run::statusChanged, this, &TimeBar::follow);
    connect(run, &Run::jobStopped, this, &TimeBar::follow);
    connect(run, &Run::jobStarted, this, [this] { m_hasTaken = againOf(m_run->options().start).to > 0; });
    connect(run, &Run::rowsAppended, this, [this] { m_hasTaken = true; });
    connect(run, &Run::eventHappened, this, [this](const Event &event) { m_hasTaken &= event.kind != "rewind"; });
    follow();
}

QPushButton *TimeBar::addButton(const QString &text, const QString &tip, const char *name)
{
    auto *button = new QPushButton(text);
    button->setToolTip(tip);
    button->setObjectName(name);
    QSizePolicy policy = button->sizePolicy();
    policy.setRetainSizeWhenHidden(true); // else the slider would move under the pointer
    button->setSizePolicy(policy);
    return button;
}

QWidget *TimeBar::makeContent()
{
    auto *content = new QWidget;
    auto *row = new QHBoxLayout(content);
    row->setContentsMargins(8, 0, 4, 0);
    row->addWidget(m_words);
    row->addWidget(m_slider, 1);
    row->addWidget(m_now);
    row->addWidget(m_cancel);
    row->addWidget(makeRightEnd());
    QFont strong = m_words->font();
    strong.setBold(true);
    m_words->setFixedWidth(QFontMetrics(strong).horizontalAdvance(tr("Step %1 of %2 is shown; training is paused").arg(stepNumber(99999), stepNumber(999999))));
    m_slider->setAccessibleName(tr("Time: the step that all panels show"));
    m_slider->setToolTip(
        tr("Shows an older step again in all panels, while training goes on. Ticks are shown at once, after a checkpoint; for others steps are "
           "taken again first. Arrow keys go step by step, Page Up and Page Down from tick to tick, End back to now."));
    return content;
}

QWidget *TimeBar::makeRightEnd()
{
    auto *buttons = new QWidget;
    auto *row = new QHBoxLayout(buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_goBack);
    row->addWidget(m_fork);
    m_rightEnd->addWidget(buttons);
    m_rightEnd->addWidget(m_meanwhile);
    m_rightEnd->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_meanwhile->setObjectName("meanwhile");
    m_meanwhile->setContentsMargins(6, 0, 0, 0);
    m_meanwhile->setFixedWidth(12 + m_meanwhile->fontMetrics().horizontalAdvance(sentenceMeanwhile(99999)));
    return m_rightEnd;
}

/// A tick at once; another where the handle rests on it, since it takes steps to get there.
void TimeBar::choose(qint64 step)
{
    m_chosen = step;
    const bool oneOn = m_run->looksBack() && step == m_run->shownStep() + 1;
    if (m_slider->isAtOnce(step) || oneOn) {
        m_rested.stop();
        m_lookBack->show(step);
    } else {
        m_rested.start();
    }
    follow();
}

void TimeBar::showNow()
{
    m_rested.stop();
    m_lookBack->leave();
    follow();
}

void TimeBar::goToTick(bool later)
{
    if (m_slider->isEnabled())
        m_slider->goToTick(later);
}

void TimeBar::follow()
{
    m_slider->setAtOnce(m_lookBack->atOnce());
    m_slider->setSteps(m_lookBack->first(), m_run->status().step);
    m_slider->setEnabled(whyNothing().isEmpty());
    if (const auto asked = m_lookBack->asked(); asked && !m_rested.isActive())
        m_slider->showStep(*asked);
    else if (!m_rested.isActive())
        m_slider->showNow();
    const bool back = m_run->looksBack(), comes = m_lookBack->isOnItsWay() || m_rested.isActive();
    m_now->setVisible(back || comes);
    m_cancel->setVisible(comes);
    m_rightEnd->setCurrentIndex(comes ? 1 : 0);
    m_meanwhile->setText(sentenceMeanwhile(m_run->shownStep()));
    m_meanwhile->setToolTip(m_meanwhile->text());
    m_goBack->setVisible(back);
    m_fork->setVisible(back);
    const bool arrived = back && !m_rested.isActive() && m_lookBack->asked() == m_run->shownStep();
    m_goBack->setEnabled(arrived); // to no other step than the handle's
    m_fork->setEnabled(arrived);
    if (std::exchange(m_said, sentence()) == m_said)
        return;
    QFont font = m_words->font();
    font.setBold(back);
    m_words->setFont(font);
    m_words->setText(m_words->fontMetrics().elidedText(m_said, Qt::ElideRight, m_words->width()));
    m_words->setToolTip(m_said);
    m_words->setAccessibleName(m_said);
    m_slider->setAccessibleDescription(m_said);
    update();
}

QString TimeBar::sentence() const
{
    if (!m_lookBack->problem().isEmpty())
        return m_lookBack->problem();
    if (m_rested.isActive() || m_lookBack->isOnItsWay())
        return sentenceOnItsWay();
    if (!m_run->looksBack())
        return sentenceNow();
    const Status &status = m_run->status();
    const QString shown = stepNumber(m_run->shownStep()), all = stepNumber(std::max(status.step, status.plannedSteps));
    switch (status.state) {
    case TrainerState::playing: return tr("Step %1 of %2 is shown; training goes on").arg(shown, all);
    case TrainerState::ended: return tr("Step %1 of %2 is shown; the run has ended").arg(shown, all);
    default: return tr("Step %1 of %2 is shown; training is paused").arg(shown, all);
    }
}

/// How long it takes, where that is worth a word, and how far it is.
QString TimeBar::sentenceOnItsWay() const
{
    constexpr double kWorthAWord = 1; // seconds
    const bool goes = !m_rested.isActive();
    const QString step = stepNumber(goes ? *m_lookBack->asked() : m_chosen);
    const std::optional<double> seconds = goes ? m_lookBack->secondsLeft() : m_lookBack->secondsTo(m_chosen);
    if (!seconds || *seconds < kWorthAWord)
        return goes ? tr("Step %1: %2").arg(step, m_lookBack->progress()) : tr("Step %1").arg(step);
    const QString duration = aboutSoLong(*seconds);
    return goes ? tr("Step %1 in %2; %3 % of the way").arg(step, duration).arg(qRound(100 * m_lookBack->share())) : tr("Step %1 takes %2").arg(step, duration);
}

QString TimeBar::sentenceMeanwhile(int64_t step)
{
    return tr("the panels show step %1 until then").arg(stepNumber(step));
}

QString TimeBar::sentenceNow() const
{
    const QString nothing = whyNothing();
    const QString step = stepNumber(m_run->status().step);
    if (m_hasTaken || !m_run->hasJob() || m_run->status().step == 0)
        return nothing.isEmpty() ? tr("Time: step %1, now").arg(step) : nothing;
    return tr("%1; its batch by the weights after it").arg(nothing.isEmpty() ? tr("Time: step %1").arg(step) : nothing);
}

/// Why there is no older step to show; empty where there is one.
QString TimeBar::whyNothing() const
{
    if (!m_run->hasJob())
        return tr("Time: no run is open");
    if (m_run->path().empty())
        return tr("Time: this run keeps no folder, so only its newest step can be shown");
    if (m_lookBack->atOnce().empty() || m_run->status().step <= m_lookBack->first())
        return tr("Time: no older step yet");
    return {};
}

void TimeBar::paintEvent(QPaintEvent *event)
{
    QToolBar::paintEvent(event);
    if (!m_run->looksBack())
        return;
    QPainter painter(this);
    QColor tint = lookBackColour();
    tint.setAlphaF(0.28);
    painter.fillRect(rect(), tint);
    painter.fillRect(0, 0, 4, height(), lookBackColour());
}

} // namespace pretext
