#include "widgets/controls/thenbar.h"

#include "core/engine/stepsagain.h"
#include "widgets/run.h"

#include <QLocale>
#include <QStringList>

namespace pretext {

ThenBar::ThenBar(Run *run, QWidget *parent) : QLabel(parent), m_run(run)
{
    setObjectName("then");
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setVisible(false);
    connect(run, &Run::shownStepChanged, this, &ThenBar::follow);
    connect(run, &Run::knobAcknowledged, this, &ThenBar::follow);
    connect(run, &Run::jobStarted, this, &ThenBar::follow);
    connect(run, &Run::jobStopped, this, &ThenBar::follow);
    follow();
}

void ThenBar::follow()
{
    setVisible(m_run->looksBack());
    if (!m_run->looksBack())
        return;
    QStringList others;
    for (const auto &[name, value] : knobsThen(m_run->events(), m_run->shownStep()))
        others << QStringLiteral("%1 %2").arg(QString::fromStdString(name), QString::fromStdString(value));
    const QString step = QLocale().toString(qlonglong(m_run->shownStep()));
    setText(others.empty() ? tr("Step %1 is shown. The knobs were the same then as they are here, now.").arg(step)
                           : tr("Step %1 is shown. The knobs here are those of now; then: %2.").arg(step, others.join(QStringLiteral(", "))));
}

} // namespace pretext
