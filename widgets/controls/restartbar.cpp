#include "widgets/controls/restartbar.h"

#include "widgets/controls/knobeditor.h"
#include "widgets/help/glossary.h"
#include "widgets/request.h"
#include "widgets/run.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace pretext {

namespace {

QString waiting(const Request &request)
{
    QStringList names;
    const RunConfig &asked = request.config(), &running = request.run().config();
    if (asked.dataset != running.dataset)
        names << RestartBar::tr("data");
    if (asked.method != running.method)
        names << RestartBar::tr("method");
    if (asked.encoder != running.encoder)
        names << RestartBar::tr("encoder");
    if (asked.batch != running.batch)
        names << RestartBar::tr("batch");
    if (asked.seed != running.seed)
        names << RestartBar::tr("seed");
    for (const Knob &knob : asked.knobs.declarations())
        if (knob.effect == KnobEffect::restart && running.knobs.find(knob.name) && request.isPending(knob.name))
            names << QString::fromStdString(knob.name).replace(u'.', u' ').replace(u'_', u' '); // "projector width": several have a width
    return names.join(", ");
}

} // namespace

RestartBar::RestartBar(Request *request, QWidget *parent) : QFrame(parent), m_request(request), m_text(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(6, 3, 6, 3);
    column->setSpacing(2);
    m_text->setWordWrap(true);
    column->addWidget(m_text);
    auto *row = new QHBoxLayout;
    column->addLayout(row);
    m_apply = new QPushButton(this);
    m_apply->setToolTip(tr("Starts a new run from new initial weights with these values; a run so far stays in its folder."));
    m_discard = new QPushButton(tr("Keep the running values"), this);
    row->addWidget(m_apply);
    row->addWidget(m_discard);
    row->addStretch(1);
    connect(m_apply, &QPushButton::clicked, request, &Request::applyAndRestart);
    connect(m_discard, &QPushButton::clicked, request, &Request::discardPending);
    for (auto signal : {&Run::jobStarted, &Run::jobStopped})
        connect(&request->run(), signal, this, &RestartBar::updateState);
    connect(request, &Request::configRequested, this, &RestartBar::updateState);
    connect(request, &Request::knobRequested, this, &RestartBar::updateState);
    setTerm(this, "part/changes that wait for a restart");
    updateState();
}

void RestartBar::updateState()
{
    const bool idle = m_request->mayStart();
    setVisible(idle || m_request->needsRestart());
    if (isHidden())
        return;
    m_text->setText(idle ? tr("Nothing runs: it was stopped before its first step. A run that was being opened stays as it was.")
                         : tr("Waits for a restart: %1.").arg(waiting(*m_request)));
    m_apply->setText(idle ? tr("Start") : tr("Apply and restart"));
    m_discard->setHidden(idle);
}

} // namespace pretext
