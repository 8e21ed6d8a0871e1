// An application that knows when a widget's pixels reached the screen: Qt paints and flushes a window while it handles its update request.
#pragma once

#include <QApplication>
#include <QPointer>
#include <QWidget>

#include <functional>

namespace pretext::bench {

class TimedApplication : public QApplication
{
public:
    using QApplication::QApplication;

    /// Calls `painted` once, after the first update request from now on in which the widget or a part of it was painted.
    void awaitPaint(QWidget *widget, std::function<void()> painted)
    {
        m_widget = widget;
        m_painted = std::move(painted);
        m_touched = false;
    }

    bool notify(QObject *receiver, QEvent *event) override
    {
        const QEvent::Type type = event->type(); // the event may be gone afterwards
        const bool result = QApplication::notify(receiver, event);
        if (type == QEvent::Paint && m_widget && receiver->isWidgetType()) {
            auto *widget = static_cast<QWidget *>(receiver);
            m_touched |= widget == m_widget || m_widget->isAncestorOf(widget);
        }
        if (type == QEvent::UpdateRequest && m_touched && m_painted) {
            m_touched = false;
            std::exchange(m_painted, {})();
        }
        return result;
    }

private:
    QPointer<QWidget> m_widget;
    std::function<void()> m_painted;
    bool m_touched = false;
};

} // namespace pretext::bench
