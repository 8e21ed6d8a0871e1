#include "app/columnkeeper.h"

#include <QDockWidget>
#include <QEvent>
#include <QGuiApplication>
#include <QLayout>
#include <QMainWindow>
#include <QTimer>

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
        else if (m_window->size() == m_windowSize)
            remember(QGuiApplication::mouseButtons() & Qt::LeftButton);
    }
    return QObject::eventFilter(watched, event);
}

/// A narrower window presses its docks together; there only the user's hand counts.
void ColumnKeeper::remember(bool byHand)
{
    if (!stands() || (!byHand && m_window->width() < m_within))
        return;
    m_width = m_column->width();
    m_within = m_window->width();
}

bool ColumnKeeper::stands() const
{
    return !m_column->isFloating() && !m_column->visibleRegion().isEmpty();
}

/// Once the docks have settled, which takes them more than one pass; until then nobody but Qt moves the edge.
void ColumnKeeper::followWindow()
{
    m_windowSize = {};
    QTimer::singleShot(0, this, [this] {
        constexpr int kPasses = 8; // Qt goes two thirds of the way at a time
        for (int pass = 0; pass < kPasses && m_width > 0 && m_window->width() >= m_within && m_column->width() != m_width && stands(); ++pass) {
            m_window->resizeDocks({m_column}, {m_width}, Qt::Horizontal);
            m_window->layout()->activate();
        }
        m_windowSize = m_window->size();
        remember(false);
    });
}

} // namespace pretext
