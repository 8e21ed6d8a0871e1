// How long the window's thread is busy from a cause to its picture on the screen: what a user feels as a stutter. Work beside that thread,
// and waiting for it, does not count.
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QPointer>
#include <QWidget>

#include <functional>

namespace pretext::uibench {

class FrameApplication : public QApplication
{
public:
    using QApplication::QApplication;

    /// Milliseconds of work from `cause` until `widget`, or a part of it, was painted and its window flushed; negative where that did not happen
    /// within two seconds.
    double frame(QWidget *widget, const std::function<void()> &cause);
    /// Handles what is left to do.
    void settle();

    bool notify(QObject *receiver, QEvent *event) override;

private:
    QPointer<QWidget> m_widget;
    bool m_touched = false, m_painted = false;
    int m_depth = 0;
    qint64 m_busy = 0; // nanoseconds
};

} // namespace pretext::uibench
