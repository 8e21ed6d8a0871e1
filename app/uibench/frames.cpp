#include "app/uibench/frames.h"

namespace pretext::uibench {

namespace {
constexpr int kPatience = 2000, kSettleMs = 60; // milliseconds
}

double FrameApplication::frame(QWidget *widget, const std::function<void()> &cause)
{
    m_widget = widget;
    m_touched = m_painted = false;
    m_busy = 0;
    QElapsedTimer waited;
    waited.start();
    ++m_depth; // what it sends is part of it
    cause();
    --m_depth;
    m_busy += waited.nsecsElapsed();
    while (!m_painted && waited.elapsed() < kPatience)
        processEvents(QEventLoop::AllEvents, 5);
    return m_painted ? double(m_busy) / 1e6 : -1;
}

void FrameApplication::settle()
{
    QElapsedTimer waited;
    waited.start();
    while (waited.elapsed() < kSettleMs)
        processEvents(QEventLoop::AllEvents, 5);
}

bool FrameApplication::notify(QObject *receiver, QEvent *event)
{
    const QEvent::Type type = event->type(); // the event may be gone afterwards
    QElapsedTimer worked;
    worked.start();
    ++m_depth;
    const bool result = QApplication::notify(receiver, event);
    if (--m_depth == 0)
        m_busy += worked.nsecsElapsed();
    if (type == QEvent::Paint && m_widget && receiver->isWidgetType()) {
        auto *painted = static_cast<QWidget *>(receiver);
        m_touched |= painted == m_widget || m_widget->isAncestorOf(painted);
    }
    if (type == QEvent::UpdateRequest && m_touched)
        m_painted = true;
    return result;
}

} // namespace pretext::uibench
