// The panels as docks: made from the panel table, moved, tabbed and detached by the user, saved and restored as left.
#pragma once

#include "widgets/panel.h"

#include <QObject>

#include <map>

class QDockWidget;
class QMainWindow;

namespace pretext {

class PanelPair;

class DockArea : public QObject
{
    Q_OBJECT
public:
    DockArea(QMainWindow *window, const PanelContext &context);

    Panel *panel(const QString &name) const;
    QDockWidget *dock(const QString &name) const;
    /// Shows the panel in front of its tabs, wherever it was left.
    void show(const QString &name);
    /// The same, and gives it the focus.
    void raise(const QString &name);
    /// Shows the panel where it is a tab behind `other`; one that the user has put elsewhere stays as it is.
    void showInsteadOf(const QString &name, const QString &other);
    /// By tabs where the window is too small for columns.
    void applyDefault();

    QByteArray state() const;
    /// False where it is no state of this program, then nothing changed, or one that shows nothing on this screen, then it is the default layout.
    bool restore(const QByteArray &state);
    QStringList layoutNames() const;
    void saveLayout(const QString &name);
    void applyLayout(const QString &name);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void add(const PanelType &type);
    Panel *make(const PanelType &type, Run *run) const;
    void split();
    void join();
    QSize least(const QStringList &names) const; // that each of the panels can have
    QSize room() const;                          // for panels in the window as large as it is
    void letTabsScroll() const;
    void tabify(const QString &first, const QStringList &names);
    bool isSeen();

    QMainWindow *m_window;
    PanelContext m_context;
    std::map<QString, Panel *> m_panels;
    std::map<QString, PanelPair *> m_pairs; // while another run stands beside the first
    std::map<QString, QDockWidget *> m_docks;
};

} // namespace pretext
