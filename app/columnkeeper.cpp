#include "app/columnkeeper.h"

#include <QDockWidget>
#include <QEvent>
#include <QMainWindow>

namespace pretext {

ColumnKeeper::ColumnKeeper(QMainWindow *window, QDockWidget *column) : QObject(window), m_window(window), m_column(column), m_windowSize(window->size())
{
    window->installEventFilter(this);
    column->installEventFilter(this);
}

bool ColumnKeeper::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize) {
        if (watched == m_window)
            followWindow();
        else if (m_window->size() == m_windowSize && stands()) { // by its edge, or a layout
            m_width = m_column->width();
            m_within = m_window->width();
        }
    }
    return QObject::eventFilter(watched, event);
}

bool ColumnKeeper::stands() const
{
    return !m_column->isFloating() && !m_column->visibleRegion().isEmpty();
}

/// The docks have their new sizes by now: a layout hears of an event before any filter does.
void ColumnKeeper::followWindow()
{
    m_windowSize = m_window->size();
    if (m_width > 0 && m_window->width() >= m_within && m_column->width() != m_width && stands())
        m_window->resizeDocks({m_column}, {m_width}, Qt::Horizontal);
}

} // namespace pretext
