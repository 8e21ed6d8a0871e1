#include "widgets/runs/runviews.h"

#include "widgets/help/glossary.h"
#include "widgets/runs/runcoordinates.h"
#include "widgets/runs/runlist.h"
#include "widgets/runs/runmodel.h"
#include "widgets/runs/runview.h"

#include <QMenu>
#include <QToolButton>

namespace pretext {

RunViews::RunViews(RunList *list, RunOrder *order, QWidget *parent)
    : QSplitter(parent)
    , m_list(list)
    , m_table(new RunView(list->model(), order, this))
    , m_showsCoordinates(new QToolButton(this))
    , m_onlySelected(new QToolButton(this))
    , m_axes(new QToolButton(this))
{
    addWidget(m_table);
    makeTools();
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &RunViews::markSelected);
    showCoordinates(false);
}

void RunViews::makeTools()
{
    m_showsCoordinates->setText(tr("Coordinates"));
    m_showsCoordinates->setCheckable(true);
    m_showsCoordinates->setToolTip(
        tr("Parallel coordinates of the runs in the list: an axis for each knob in which they differ and for what they reached, a line for "
           "each run, coloured by kNN. Ranges that are dragged on axes select the runs that pass."));
    setTerm(m_showsCoordinates, "part/parallel coordinates");
    m_onlySelected->setText(tr("Selected only"));
    m_onlySelected->setCheckable(true);
    m_onlySelected->setToolTip(tr("Draws the runs that are selected now, and no others."));
    m_axes->setText(tr("Axes"));
    m_axes->setPopupMode(QToolButton::InstantPopup);
    m_axes->setMenu(new QMenu(m_axes));
    m_axes->setToolTip(tr("Which axes are drawn."));
    connect(m_showsCoordinates, &QToolButton::toggled, this, &RunViews::showCoordinates);
    connect(m_onlySelected, &QToolButton::toggled, this, [this](bool only) {
        m_only.clear();
        for (const RunSummary &run : only ? m_table->selected() : std::vector<RunSummary>())
            m_only.insert(run.path);
        showRuns();
    });
    connect(m_axes->menu(), &QMenu::aboutToShow, this, [this] { m_coordinates->offerAxes(m_axes->menu()); });
}

void RunViews::showCoordinates(bool shown)
{
    if (shown && !m_coordinates) {
        m_coordinates = new RunCoordinates(this);
        addWidget(m_coordinates);
        connect(m_coordinates, &RunCoordinates::brushChanged, this, &RunViews::selectBrushed);
        connect(m_coordinates, &RunCoordinates::runClicked, this, [this](const QString &run) { m_table->select({run.toStdString()}); });
        shareRoom();
    }
    if (m_coordinates)
        m_coordinates->setVisible(shown);
    m_onlySelected->setVisible(shown);
    m_axes->setVisible(shown);
    showRuns();
}

bool RunViews::hasCoordinates() const
{
    return m_coordinates && !m_coordinates->isHidden();
}

/// Beside each other where the panel is wide, else one above the other.
void RunViews::fit(const QSize &panel)
{
    m_along = panel.width() > 2 * panel.height() ? Qt::Horizontal : Qt::Vertical;
    if (m_along != orientation())
        shareRoom();
}

void RunViews::shareRoom()
{
    setOrientation(m_along);
    const int room = m_along == Qt::Horizontal ? width() : height();
    setSizes({room * 2 / 5, room * 3 / 5});
}

void RunViews::setEmptyText(const QString &text)
{
    m_table->setEmptyText(text);
    if (m_coordinates)
        m_coordinates->setEmptyText(text);
}

/// In the coordinates, as the list has them.
void RunViews::showRuns()
{
    if (!hasCoordinates())
        return;
    std::vector<RunSummary> runs = m_table->shown();
    if (!m_only.empty())
        std::erase_if(runs, [this](const RunSummary &run) { return !m_only.contains(run.path); });
    m_coordinates->setRuns(std::move(runs));
    if (m_coordinates->plot().isBrushed() && m_coordinates->brushed() != m_brushed)
        selectBrushed(); // a run has come to pass, or passes no longer
    else
        markSelected();
}

void RunViews::selectBrushed()
{
    m_brushed = m_coordinates->brushed();
    m_table->select(m_brushed);
    markSelected();
}

void RunViews::markSelected()
{
    if (!hasCoordinates())
        return;
    std::set<std::filesystem::path> runs;
    for (const RunSummary &run : m_table->selected())
        runs.insert(run.path);
    m_coordinates->mark(runs);
    m_onlySelected->setEnabled(m_onlySelected->isChecked() || runs.size() > 1);
}

} // namespace pretext
