#include "app/dockarea.h"

#include "app/settings.h"

#include <QDockWidget>
#include <QEvent>
#include <QLayout>
#include <QMainWindow>

namespace pretext {

namespace {
constexpr int kStateVersion = 1; // of QMainWindow's state; raise it when a dock changes its name

/// Qt hides a docked panel that lies behind another tab by parking it at negative coordinates.
bool isParked(const QDockWidget *dock)
{
    return !dock->isFloating() && dock->geometry().right() < 0;
}
}

DockArea::DockArea(QMainWindow *window, const PanelContext &context)
    : QObject(window)
    , m_window(window)
{
    window->setDockNestingEnabled(true);
    window->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks | QMainWindow::GroupedDragging);
    window->setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (const PanelType &type : panelTypes())
        add(type, context);
    applyDefault();
}

void DockArea::add(const PanelType &type, const PanelContext &context)
{
    auto *dock = new QDockWidget(type.title, m_window);
    dock->setObjectName(type.name);
    dock->toggleViewAction()->setToolTip(type.help);
    Panel *panel = type.make(context);
    panel->setAccessibleName(type.title);
    panel->setAccessibleDescription(type.help);
    panel->setWhatsThis(type.help);
    dock->setWidget(panel);
    dock->installEventFilter(this);
    m_docks[type.name] = dock;
}

Panel *DockArea::panel(const QString &name) const
{
    QDockWidget *found = dock(name);
    return found ? static_cast<Panel *>(found->widget()) : nullptr;
}

QDockWidget *DockArea::dock(const QString &name) const
{
    const auto found = m_docks.find(name);
    return found == m_docks.end() ? nullptr : found->second;
}

bool DockArea::eventFilter(QObject *watched, QEvent *event)
{
    // From where the dock is, not from visibilityChanged: that signal misses moves that overtake each other.
    if (event->type() == QEvent::Move || event->type() == QEvent::Show) {
        const auto *dock = static_cast<QDockWidget *>(watched);
        if (Panel *shown = static_cast<Panel *>(dock->widget()))
            shown->setRaised(!isParked(dock));
    }
    return QObject::eventFilter(watched, event);
}

void DockArea::show(const QString &name)
{
    QDockWidget *found = dock(name);
    if (!found)
        return;
    found->show();
    if (!found->isFloating())
        found->lower(); // Qt brings a tab to the front when the stacking changes, and raise() leaves the topmost child as it is
    found->raise();
    if (QWidget *window = found->window(); window != m_window) {
        window->raise();
        window->activateWindow();
        return;
    }
    m_window->layout()->invalidate();
    m_window->layout()->activate(); // docks that are on their way arrive
    if (!isParked(found))
        return;
    // Split off a dock that is a tab, it shares that tab's place; but a tab knows one dock only, so that both stay parked for good.
    // A place of its own brings the dock back.
    const Qt::DockWidgetArea area = m_window->dockWidgetArea(found);
    m_window->removeDockWidget(found);
    m_window->addDockWidget(area, found);
    found->show();
}

void DockArea::raise(const QString &name)
{
    show(name);
    QDockWidget *found = dock(name);
    if (!found)
        return;
    QWidget *first = found->widget();
    if (first->focusPolicy() == Qt::NoFocus)
        first = first->nextInFocusChain(); // the panel's first control
    if (found->widget()->isAncestorOf(first) || first == found->widget())
        first->setFocus(Qt::ShortcutFocusReason);
}

void DockArea::showInsteadOf(const QString &name, const QString &other)
{
    QDockWidget *behind = dock(name), *front = dock(other);
    if (behind && front && panel(other)->isShowing() && m_window->tabifiedDockWidgets(front).contains(behind))
        show(name);
}

void DockArea::applyDefault()
{
    // Controls | View pairs (Token predictions, Lesson) | Similarity (Embedding map)
    //          | Metrics (Histogram, ...)
    for (auto &[name, dock] : m_docks) {
        dock->setFloating(false);
        m_window->removeDockWidget(dock);
    }
    QDockWidget *controls = dock("controls"), *pairs = dock("viewpairs"), *similarity = dock("similarity"), *metrics = dock("metrics");
    m_window->addDockWidget(Qt::LeftDockWidgetArea, controls);
    m_window->splitDockWidget(controls, pairs, Qt::Horizontal);
    m_window->splitDockWidget(pairs, metrics, Qt::Vertical);
    m_window->splitDockWidget(pairs, similarity, Qt::Horizontal);
    m_window->tabifyDockWidget(pairs, dock("tokenpredictions"));
    m_window->tabifyDockWidget(pairs, dock("lesson"));
    m_window->tabifyDockWidget(similarity, dock("embeddingmap")); // as nearly square as that
    m_window->tabifyDockWidget(metrics, dock("histogram"));
    for (auto &[name, dock] : m_docks) {
        if (m_window->dockWidgetArea(dock) == Qt::NoDockWidgetArea) // a panel that has no place above
            m_window->tabifyDockWidget(metrics, dock);
        dock->show();
    }
    pairs->raise();
    similarity->raise();
    metrics->raise();
    const int width = m_window->width(), height = m_window->height();
    m_window->resizeDocks({controls, pairs, similarity}, {width * 27 / 100, width * 33 / 100, width * 40 / 100}, Qt::Horizontal);
    m_window->resizeDocks({pairs, metrics}, {height * 62 / 100, height * 38 / 100}, Qt::Vertical);
}

QByteArray DockArea::state() const
{
    return m_window->saveState(kStateVersion);
}

bool DockArea::restore(const QByteArray &state)
{
    return !state.isEmpty() && m_window->restoreState(state, kStateVersion);
}

QStringList DockArea::layoutNames() const
{
    settings().beginGroup("layouts");
    const QStringList names = settings().childKeys();
    settings().endGroup();
    return names;
}

void DockArea::saveLayout(const QString &name)
{
    settings().setValue("layouts/" + name, state());
}

void DockArea::applyLayout(const QString &name)
{
    restore(settings().value("layouts/" + name).toByteArray());
}

} // namespace pretext
