// Keeps a dock as wide as the user, or a layout, made it when the window becomes smaller and larger again: Qt shares out the difference among all docks.
#pragma once

#include <QObject>
#include <QSize>

class QDockWidget;
class QMainWindow;

namespace pretext {

class ColumnKeeper : public QObject
{
public:
    /// A child of the window.
    ColumnKeeper(QMainWindow *window, QDockWidget *column);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    bool stands() const; // docked, and in sight
    void remember(bool byHand);
    void followWindow();

    QMainWindow *m_window;
    QDockWidget *m_column;
    QSize m_windowSize;            // invalid while the docks follow the window
    int m_width = 0, m_within = 0; // the column's, in a window so wide; 0: not known yet
};

} // namespace pretext
