#include "widgets/controls/transport.h"

#include "widgets/help/glossary.h"
#include "widgets/icons.h"
#include "widgets/request.h"
#include "widgets/run.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>
#include <QUndoStack>

namespace pretext {

namespace {

QString whereText(const Run &run)
{
    if (!run.hasJob())
        return Transport::tr("no job");
    const Status &status = run.status();
    const QLocale locale;
    switch (status.state) {
    case TrainerState::starting: return Transport::tr("starting …");
    case TrainerState::failed: return Transport::tr("failed at step %1").arg(locale.toString(qlonglong(status.step)));
    default: break;
    }
    const QString step = locale.toString(qlonglong(status.step)), planned = locale.toString(qlonglong(status.plannedSteps));
    const bool endless = status.plannedSteps <= 0;
    if (run.isPausing())
        return endless ? Transport::tr("step %1, pausing …").arg(step) : Transport::tr("step %1 of %2, pausing …").arg(step, planned);
    switch (status.state) {
    case TrainerState::paused: return endless ? Transport::tr("step %1, paused").arg(step) : Transport::tr("step %1 of %2, paused").arg(step, planned);
    case TrainerState::ended: // the words of the list of runs
        if (!endless && status.step >= status.plannedSteps)
            return Transport::tr("step %1 of %2, done").arg(step, planned);
        return endless ? Transport::tr("step %1, stopped").arg(step) : Transport::tr("step %1 of %2, stopped").arg(step, planned);
    default: return endless ? Transport::tr("step %1").arg(step) : Transport::tr("step %1 of %2").arg(step, planned);
    }
}

} // namespace

Transport::Transport(Request *request, QWidget *parent) : QWidget(parent), m_run(&request->run()), m_where(new QLabel(this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
    m_play = addButton("pause", "play or pause", tr("Play or pause"), tr("Train, or stop after the step under way (Space)"));
    m_step = addButton("step", "one step", tr("One step"), tr("Take one training step, then pause (.)"));
    m_rewind = addButton("rewind", "rewind", tr("Rewind"), tr("Back to step 0 and the same initial weights; the knobs stay as they are (R)"));
    m_undo = addButton("undo", "undo", tr("Undo"), tr("Undo the last change of a knob (Ctrl+Z)"));
    m_redo = addButton("redo", "redo", tr("Redo"), tr("Redo the change (Ctrl+Shift+Z)"));
    row->addStretch(1);
    row->addWidget(m_where);
    m_where->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setTerm(m_where, "part/step counter");

    connect(m_play, &QToolButton::clicked, m_run, &Run::togglePlay);
    connect(m_step, &QToolButton::clicked, m_run, &Run::stepOnce);
    connect(m_rewind, &QToolButton::clicked, m_run, &Run::askToRewind);
    QUndoStack *stack = request->undoStack();
    connect(m_undo, &QToolButton::clicked, stack, &QUndoStack::undo);
    connect(m_redo, &QToolButton::clicked, stack, &QUndoStack::redo);
    connect(stack, &QUndoStack::canUndoChanged, m_undo, &QToolButton::setEnabled);
    connect(stack, &QUndoStack::canRedoChanged, m_redo, &QToolButton::setEnabled);
    m_undo->setEnabled(stack->canUndo());
    m_redo->setEnabled(stack->canRedo());
    for (auto signal : {&Run::statusChanged, &Run::jobStarted, &Run::jobStopped})
        connect(m_run, signal, this, &Transport::updateState);
    updateIcons();
    updateState();
}

QToolButton *Transport::addButton(const QString &icon, const QString &term, const QString &text, const QString &tip)
{
    auto *button = new QToolButton(this);
    button->setObjectName(icon);
    button->setAccessibleName(text);
    setTerm(button, "part/" + term);
    button->setToolTip(tip);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setIconSize(QSize(20, 20));
    layout()->addWidget(button);
    return button;
}

void Transport::updateIcons()
{
    m_step->setIcon(themedIcon("step", palette()));
    m_rewind->setIcon(themedIcon("rewind", palette()));
    m_undo->setIcon(themedIcon("undo", palette()));
    m_redo->setIcon(themedIcon("redo", palette()));
    m_play->setObjectName({}); // draw again
    updateState();
}

void Transport::updateState()
{
    const TrainerState state = m_run->status().state;
    const bool alive = m_run->hasJob() && state != TrainerState::failed;
    const bool playing = alive && !m_run->isPausing() && (state == TrainerState::playing || state == TrainerState::starting);
    const QString icon = playing ? "pause" : "play";
    if (m_play->objectName() != icon) {
        m_play->setObjectName(icon);
        m_play->setIcon(themedIcon(icon, palette()));
    }
    m_play->setEnabled(alive && state != TrainerState::ended);
    m_step->setEnabled(alive && state != TrainerState::ended);
    m_rewind->setEnabled(alive);
    m_where->setText(whereText(*m_run));
}

void Transport::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateIcons();
}

} // namespace pretext
