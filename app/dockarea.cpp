#include "app/dockarea.h"

#include "app/settings.h"
#include "widgets/help/glossary.h"
#include "widgets/panelpair.h"
#include "widgets/workbench.h"

#include <QDockWidget>
#include <QEvent>
#include <QGuiApplication>
#include <QLayout>
#include <QMainWindow>
#include <QScreen>
#include <QStatusBar>
#include <QTabBar>

#include <algorithm>
#include <utility>

namespace pretext {

namespace {
constexpr int kStateVersion = 1; // of QMainWindow's state; raise it when a dock changes its name

/// Qt hides a docked panel that lies behind another tab by parking it at negative coordinates.
bool isParked(const QDockWidget *dock)
{
    return !dock->isFloating() && dock->geometry().right() < 0;
}
}

DockArea::DockArea(QMainWindow *window, const PanelContext &context) : QObject(window), m_window(window), m_context(context)
{
    window->setDockNestingEnabled(true);
    window->setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::AnimatedDocks | QMainWindow::GroupedDragging);
    window->setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (const PanelType &type : panelTypes())
        add(type);
    applyDefault();
    connect(context.workbench, &Workbench::sideBySideChanged, this, &DockArea::split);
    connect(context.workbench, &Workbench::sideBySideEnds, this, &DockArea::join);
}

Panel *DockArea::make(const PanelType &type, Run *run) const
{
    PanelContext context = m_context;
    context.run = run;
    Panel *panel = type.make(context);
    panel->setAccessibleName(type.title);
    panel->setAccessibleDescription(type.help);
    panel->setWhatsThis(type.help);
    return panel;
}

void DockArea::add(const PanelType &type)
{
    auto *dock = new QDockWidget(type.title, m_window);
    dock->setObjectName(type.name);
    dock->toggleViewAction()->setToolTip(type.help);
    Panel *panel = m_panels[type.name] = make(type, m_context.run);
    setTerm(dock, "panel/" + type.name);
    dock->setWidget(panel);
    dock->installEventFilter(this);
    m_docks[type.name] = dock;
}

/// Each panel of one run alone gets its twin beside it.
void DockArea::split()
{
    SideBySide *together = m_context.workbench->sideBySide();
    if (!together)
        return;
    for (const PanelType &type : panelTypes()) {
        Panel *left = m_panels.at(type.name);
        if (left->showsAllRuns())
            continue;
        Panel *right = make(type, together->right());
        right->setAccessibleName(tr("%1, right").arg(type.title));
        auto *pair = new PanelPair(left, right, together);
        QDockWidget *dock = m_docks.at(type.name);
        dock->setWidget(pair);
        m_pairs[type.name] = pair;
        pair->setRaised(!isParked(dock));
    }
}

void DockArea::join()
{
    for (const auto &[name, pair] : std::exchange(m_pairs, {})) {
        m_docks.at(name)->setWidget(pair->release());
        m_panels.at(name)->show();
        delete pair;
    }
}

Panel *DockArea::panel(const QString &name) const
{
    const auto found = m_panels.find(name);
    return found == m_panels.end() ? nullptr : found->second;
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
        if (const auto pair = m_pairs.find(dock->objectName()); pair != m_pairs.end())
            pair->second->setRaised(!isParked(dock));
        else if (Panel *shown = panel(dock->objectName()))
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
    QWidget *whole = panel(name), *first = whole;
    if (first->focusPolicy() == Qt::NoFocus)
        first = first->nextInFocusChain(); // the panel's first control
    if (whole->isAncestorOf(first) || first == whole)
        first->setFocus(Qt::ShortcutFocusReason);
}

void DockArea::showInsteadOf(const QString &name, const QString &other)
{
    QDockWidget *behind = dock(name), *front = dock(other);
    if (behind && front && panel(other)->isShowing() && m_window->tabifiedDockWidgets(front).contains(behind))
        show(name);
}

QSize DockArea::least(const QStringList &names) const
{
    QSize size;
    for (const QString &name : names)
        size = size.expandedTo(dock(name)->minimumSizeHint());
    return size;
}

QSize DockArea::room() const
{
    constexpr int kSeparators = 16, kTabBars = 2; // between three columns, and above two rows of tabs
    int rows = kTabBars * (m_window->fontMetrics().height() + 12);
    for (const QWidget *row : std::initializer_list<QWidget *>{m_window->menuWidget(), m_window->findChild<QStatusBar *>()})
        rows += row ? row->sizeHint().height() : 0;
    return m_window->size() - QSize(kSeparators, rows);
}

/// Where all panels are tabs of one place, as in a small window, their titles alone would make it wider than it is; cut to a letter or two they say nothing.
void DockArea::letTabsScroll() const
{
    for (QTabBar *tabs : m_window->findChildren<QTabBar *>(Qt::FindDirectChildrenOnly)) {
        tabs->setUsesScrollButtons(true);
        tabs->setElideMode(Qt::ElideNone);
    }
}

void DockArea::tabify(const QString &first, const QStringList &names)
{
    for (const QString &name : names)
        if (name != first)
            m_window->tabifyDockWidget(dock(first), dock(name));
}

void DockArea::applyDefault()
{
    // Controls | View pairs (Reconstruction, Token predictions, Lesson) | Similarity (Task predictions, Embedding map, Slow motion)
    //          | Metrics (Histogram, ...)
    // Where a column or the row below does not fit, its panels are tabs. At 1280 x 720 every tab has its whole title: the row below is the widest.
    const QStringList pairs{"viewpairs", "reconstruction", "tokenpredictions", "lesson"},
        similarity{"similarity", "taskpredictions", "embeddingmap", "slowmotion"}; // the map as nearly square as that
    QStringList metrics{"metrics", "histogram"};
    for (auto &[name, dock] : m_docks) {
        dock->setFloating(false);
        m_window->removeDockWidget(dock);
        if (name != "controls" && !(pairs + similarity + metrics).contains(name))
            metrics << name;
    }
    const QSize there = room();
    const int controlsWidth = least({"controls"}).width();
    const bool twoColumns = controlsWidth + least(pairs + similarity + metrics).width() <= there.width();
    const bool threeColumns = controlsWidth + least(pairs).width() + least(similarity).width() <= there.width();
    const bool twoRows = least(pairs + similarity).height() + least(metrics).height() <= there.height();
    m_window->addDockWidget(Qt::LeftDockWidgetArea, dock("controls"));
    if (twoColumns)
        m_window->splitDockWidget(dock("controls"), dock("viewpairs"), Qt::Horizontal);
    else
        tabify("controls", {"viewpairs"});
    if (twoColumns && twoRows)
        m_window->splitDockWidget(dock("viewpairs"), dock("metrics"), Qt::Vertical);
    if (twoColumns && threeColumns)
        m_window->splitDockWidget(dock("viewpairs"), dock("similarity"), Qt::Horizontal);
    tabify("viewpairs", pairs);
    tabify(twoColumns && threeColumns ? "similarity" : "viewpairs", similarity);
    tabify(twoColumns && twoRows ? "metrics" : "viewpairs", metrics);
    for (auto &[name, dock] : m_docks)
        dock->show();
    letTabsScroll();
    for (const char *front : {"similarity", "metrics", "viewpairs"})
        dock(front)->raise();
    const int width = m_window->width(), height = m_window->height();
    if (threeColumns)
        m_window->resizeDocks({dock("controls"), dock("viewpairs"), dock("similarity")}, {width * 27 / 100, width * 33 / 100, width * 40 / 100},
                              Qt::Horizontal);
    else
        m_window->resizeDocks({dock("controls"), dock("viewpairs")}, {width * 36 / 100, width * 64 / 100}, Qt::Horizontal);
    m_window->resizeDocks({dock("viewpairs"), dock("metrics")}, {height * 62 / 100, height * 38 / 100}, Qt::Vertical);
}

/// Detached panels beyond the screens, of a second one that is gone, come back; false where what remains is nothing, or wider than the screen.
bool DockArea::isSeen()
{
    constexpr QSize kTitle(100, 30); // as much as it takes to drag a panel by
    bool any = false;
    for (auto &[name, dock] : m_docks) {
        const QRect title(dock->frameGeometry().topLeft(), kTitle);
        const QList<QScreen *> screens = QGuiApplication::screens();
        if (dock->isFloating() && std::none_of(screens.begin(), screens.end(), [&](QScreen *screen) { return screen->availableGeometry().intersects(title); }))
            dock->setFloating(false);
        any |= !dock->isHidden();
    }
    const QSize needed = m_window->minimumSizeHint(), there = m_window->screen()->availableSize();
    return any && needed.width() <= there.width() && needed.height() <= there.height();
}

QByteArray DockArea::state() const
{
    return m_window->saveState(kStateVersion);
}

bool DockArea::restore(const QByteArray &state)
{
    if (state.isEmpty() || !m_window->restoreState(state, kStateVersion))
        return false;
    letTabsScroll();
    const bool seen = isSeen();
    if (!seen)
        applyDefault();
    return seen;
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
