#include "widgets/controls/startbar.h"

#include "widgets/help/glossary.h"
#include "widgets/run.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

namespace pretext {

namespace {
constexpr int kStartBarSteps = 1000;
}

StartBar::StartBar(Run *run, QWidget *parent) : QWidget(parent), m_run(run), m_text(new QLabel(this)), m_share(new QProgressBar(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 2, 0, 2);
    column->setSpacing(2);
    column->addWidget(m_text);
    auto *row = new QHBoxLayout;
    column->addLayout(row);
    m_share->setRange(0, kStartBarSteps);
    m_share->setTextVisible(false);
    m_share->setAccessibleName(tr("progress"));
    row->addWidget(m_share, 1);
    auto *stop = new QPushButton(tr("Stop"), this);
    stop->setToolTip(tr("Gives this start up; its settings stay, and can be changed before it is started again."));
    row->addWidget(stop);
    connect(stop, &QPushButton::clicked, run, &Run::cancel);
    for (auto signal : {&Run::statusChanged, &Run::jobStarted, &Run::jobStopped})
        connect(run, signal, this, &StartBar::updateState);
    setTerm(this, "part/start and its progress");
    updateState();
}

void StartBar::updateState()
{
    const Status &status = m_run->status();
    setVisible(m_run->hasJob() && status.state == TrainerState::starting && !status.activity.empty());
    if (isHidden())
        return;
    QString what = QString::fromStdString(status.activity);
    what[0] = what[0].toUpper();
    m_text->setText(tr("%1: %2 %").arg(what).arg(qRound(100 * status.activityShare)));
    m_share->setValue(qRound(kStartBarSteps * status.activityShare));
}

} // namespace pretext
