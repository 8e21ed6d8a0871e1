// The status bar: device, threads, samples per second, and the milliseconds of a step by what they were spent on; and what holds up the next step, where
// something does, as an evaluation.
#pragma once

#include "core/engine/lanes.h"

#include <QElapsedTimer>
#include <QStatusBar>
#include <QTimer>

class QLabel;

namespace pretext {

class Run;
class Workbench;

class StatusLine : public QStatusBar
{
    Q_OBJECT
public:
    explicit StatusLine(Workbench *workbench, QWidget *parent = nullptr);
    void setDiskUsed(qint64 bytes);
    /// What holds up the next step; empty where nothing does.
    QString doing() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QLabel *add(const QString &term, const QString &tip);
    static QString deviceText(const Status &status);
    void follow(const Run *run);
    void updateState();
    void updateDoing();
    void fit();
    QString timesTip() const;

    Workbench *m_workbench;
    Run *m_run;
    QTimer m_long; // until something holds up the steps long enough to be told
    TrainerState m_shown = TrainerState::starting;
    QElapsedTimer m_sinceShown;
    QLabel *m_device, *m_rate, *m_times, *m_disk, *m_doing;
};

} // namespace pretext
