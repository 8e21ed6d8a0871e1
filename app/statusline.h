// The status bar: device, threads, samples per second, and the milliseconds of a step by what they were spent on.
#pragma once

#include "core/engine/lanes.h"

#include <QElapsedTimer>
#include <QStatusBar>

class QLabel;

namespace pretext {

class Run;

class StatusLine : public QStatusBar
{
    Q_OBJECT
public:
    explicit StatusLine(Run *run, QWidget *parent = nullptr);
    void setDiskUsed(qint64 bytes);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QLabel *add(const QString &term, const QString &tip);
    static QString deviceText(const Status &status);
    void updateState();
    void fit();
    QString timesTip() const;

    Run *m_run;
    TrainerState m_shown = TrainerState::starting;
    QElapsedTimer m_sinceShown;
    QLabel *m_device, *m_rate, *m_times, *m_disk;
};

} // namespace pretext
