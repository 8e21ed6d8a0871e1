// The main window's Help menu, and F1 on whatever has the focus or lies under the pointer.
#include "app/mainwindow.h"

#include "app/dockarea.h"
#include "app/helpdialog.h"
#include "app/helppages.h"
#include "widgets/help/glossary.h"
#include "widgets/panel.h"
#include "widgets/run.h"

#include <QApplication>
#include <QComboBox>
#include <QCursor>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QTabBar>

namespace pretext {

void MainWindow::makeHelpMenu()
{
    setTerm(menuBar(), "page/keys");
    connect(qApp, &QApplication::focusChanged, this, [this] {
        const bool tabClicked =
            QApplication::mouseButtons() && qobject_cast<QTabBar *>(QApplication::widgetAt(QCursor::pos())); // the focus goes elsewhere by it
        m_pointerAtFocus = tabClicked ? QPoint(-1, -1) : QCursor::pos();
    });
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    QAction *here = help->addAction(tr("&What is this?"), QKeySequence(Qt::Key_F1), this, &MainWindow::helpOnControl);
    here->setShortcutContext(Qt::ApplicationShortcut); // a detached panel is a window of its own
    help->addAction(tr("&Glossary …"), this, [this] { openHelp("word/self-supervised learning"); });
    help->addAction(tr("&Keys …"), this, [this] { openHelp("page/keys"); });
    QMenu *lessons = help->addMenu(tr("&Lessons"));
    if (auto *list = m_docks->panel("lesson")->findChild<QComboBox *>("lessons"))
        for (int i = 0; i < list->count(); ++i)
            lessons->addAction(list->itemText(i), this, [this, list, i] {
                list->setCurrentIndex(i);
                m_docks->raise("lesson");
            });
    help->addSeparator();
    help->addAction(tr("&About Pretext …"), this, [this] { openHelp("page/about"); });
}

void MainWindow::openHelp(const QString &key)
{
    const bool card = m_run->hasJob() && m_run->status().device == nameOf(Device::cuda);
    const Term about = aboutPage(m_run->hasJob() ? m_run->config().threads : 0, card ? Device::cuda : Device::cpu);
    if (!m_help)
        m_help = new HelpDialog({keysPage(*menuBar()), about}, this);
    m_help->setPage(about); // another job may compute on other threads
    m_help->open(key);
}

/// Of a widget; of a tab, the panel that it is for.
QString MainWindow::termUnder(QPoint pointer) const
{
    QWidget *under = QApplication::widgetAt(pointer);
    if (const auto *tabs = qobject_cast<QTabBar *>(under))
        for (const PanelType &type : panelTypes())
            if (const int tab = tabs->tabAt(tabs->mapFromGlobal(pointer)); tab >= 0 && tabs->tabText(tab) == type.title)
                return "panel/" + type.name;
    return termOf(under);
}

/// What was turned to last: what has the focus, or, where the pointer moved since, what lies under it. A control before the panel that it is in.
void MainWindow::helpOnControl()
{
    const QString focused = termOf(QApplication::focusWidget()), pointed = termUnder(QCursor::pos());
    const bool moved = QCursor::pos() != m_pointerAtFocus && !pointed.isEmpty();
    const auto panelOf = [](const QWidget *widget) {
        while (widget && !qobject_cast<const QDockWidget *>(widget))
            widget = widget->parentWidget();
        return widget;
    };
    const QWidget *dock = panelOf(QApplication::focusWidget());
    const bool samePanel = dock && dock == panelOf(QApplication::widgetAt(QCursor::pos()));
    QString first = moved ? pointed : focused, second = moved ? focused : pointed;
    if (samePanel && first.startsWith("panel/") && !second.isEmpty())
        first = second;
    openHelp(first.isEmpty() ? QStringLiteral("page/keys") : first);
}

} // namespace pretext
