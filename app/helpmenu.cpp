// The main window's Help menu, and F1 on whatever has the focus or lies under the pointer.
#include "app/mainwindow.h"

#include "app/dockarea.h"
#include "app/helpdialog.h"
#include "app/helppages.h"

#include <QApplication>
#include <QComboBox>
#include <QCursor>
#include <QMenu>
#include <QMenuBar>

namespace pretext {

void MainWindow::makeHelpMenu()
{
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
    if (!m_help)
        m_help = new HelpDialog({keysPage(*menuBar()), aboutPage()}, this);
    m_help->open(key);
}

/// A control before the panel that it is in; the focus before the pointer.
void MainWindow::helpOnControl()
{
    const QString focused = termOf(QApplication::focusWidget()), pointed = termOf(QApplication::widgetAt(QCursor::pos()));
    QString key = focused;
    for (const QString &other : {pointed, QStringLiteral("page/keys")})
        if (key.isEmpty() || (key.startsWith("panel/") && other.startsWith("knob/")))
            key = other;
    openHelp(key);
}

} // namespace pretext
