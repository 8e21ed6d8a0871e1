#include "widgets/sweeps/sweepresults.h"

#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/runs/runcoordinates.h"
#include "widgets/wraplayout.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace pretext {

SweepResults::SweepResults(QWidget *parent)
    : QWidget(parent)
    , m_view(new QComboBox(this))
    , m_across(new QComboBox(this))
    , m_up(new QComboBox(this))
    , m_result(new QComboBox(this))
    , m_views(new QStackedWidget(this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    auto *row = new WrapLayout;
    m_view->addItems({tr("Map"), tr("Coordinates")});
    m_view->setAccessibleName(tr("view"));
    m_view->setToolTip(tr("A map of two settings, or an axis for each setting and result."));
    m_across->setAccessibleName(tr("across"));
    m_across->setToolTip(tr("The setting from left to right."));
    m_up->setAccessibleName(tr("up"));
    m_up->setToolTip(tr("The setting from below upwards; cells have the mean over all others."));
    m_result->addItem(tr("kNN"), "knn");
    m_result->addItem(tr("Probe"), "probe");
    m_result->addItem(tr("Loss"), "loss");
    m_result->setAccessibleName(tr("result"));
    m_result->setToolTip(tr("What the cells show."));
    for (QComboBox *box : {m_view, m_result, m_across, m_up}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        row->addWidget(box);
    }
    column->addLayout(row);
    column->addWidget(m_views, 1);
    for (QComboBox *box : {m_view, m_across, m_up, m_result})
        connect(box, &QComboBox::currentIndexChanged, this, &SweepResults::showResults);
    m_map.setOpener([this](size_t trial) { emit runClicked(QString::fromStdString(trialFolder(m_state.folder, trial).string())); });
}

SweepResults::~SweepResults()
{
    delete m_canvas; // before the map, which it draws
}

void SweepResults::setState(const SweepState &state)
{
    const bool other = state.folder != m_state.folder;
    m_state = state;
    if (other)
        fillChoices();
    showResults();
}

/// Once there is something to draw.
void SweepResults::makeViews()
{
    m_canvas = new CanvasWidget(m_map, this);
    m_canvas->setAccessibleName(tr("Map of trials"));
    m_coordinates = new RunCoordinates(this, true);
    m_views->addWidget(m_canvas);
    m_views->addWidget(m_coordinates);
    connect(m_coordinates, &RunCoordinates::runClicked, this, &SweepResults::runClicked);
}

/// The two settings with the most values first; where none has a list, coordinates.
void SweepResults::fillChoices()
{
    const QSignalBlocker quietAcross(m_across), quietUp(m_up), quietView(m_view);
    m_across->clear();
    m_up->clear();
    m_up->addItem(tr("one row"), -1);
    for (int i = 0; i < int(m_state.sweep.swept.size()); ++i)
        if (const SweptSetting &setting = m_state.sweep.swept[size_t(i)]; isMappable(setting)) {
            m_across->addItem(QString::fromStdString(setting.name), i);
            m_up->addItem(QString::fromStdString(setting.name), i);
        }
    const bool drawn = std::ranges::any_of(m_state.sweep.swept, [](const SweptSetting &setting) { return setting.values.empty(); });
    m_up->setCurrentIndex(m_across->count() > 1 ? 2 : 0);
    m_view->setCurrentIndex(drawn || m_across->count() == 0);
}

void SweepResults::showResults()
{
    if (m_state.folder.empty())
        return;
    if (!m_canvas)
        makeViews();
    const bool map = m_view->currentIndex() == 0;
    for (QComboBox *box : {m_across, m_up, m_result})
        box->setVisible(map);
    m_views->setCurrentIndex(map ? 0 : 1);
    if (map) {
        const int across = m_across->count() > 0 ? m_across->currentData().toInt() : -1, up = m_up->currentData().toInt();
        m_map.show(m_state, across, up == across ? -1 : up, m_result->currentData().toString().toStdString());
        m_canvas->repaintSoon();
        return;
    }
    std::vector<RunSummary> runs;
    std::ranges::copy_if(m_state.runs, std::back_inserter(runs), [](const RunSummary &run) { return !run.path.empty(); });
    m_coordinates->setEmptyText(tr("No trial has been begun yet."));
    m_coordinates->setRuns(std::move(runs));
}

QString SweepResults::csv() const
{
    if (m_state.folder.empty())
        return {};
    QString text = QStringLiteral("trial");
    for (const SweptSetting &setting : m_state.sweep.swept)
        text += varies(setting) ? ',' + QString::fromStdString(setting.name) : QString();
    text += QStringLiteral(",step,knn,probe,loss,state\n");
    const auto number = [](const std::optional<double> &value) { return value ? QString::number(*value, 'g', 12) : QString(); };
    for (const auto &[trial, result] : m_state.trials) {
        text += QString::fromStdString(trialFolder({}, trial).string());
        for (const SweptSetting &setting : m_state.sweep.swept)
            text += varies(setting) ? ',' + QString::fromStdString(settingIn(m_state.sweep.trials[trial].settings, setting.name)) : QString();
        text += QStringLiteral(",%1,%2,%3,%4,%5\n")
                    .arg(QString::number(result.over ? result.step : m_state.runs[trial].step), number(result.named("knn")), number(result.named("probe")),
                         number(result.loss), QLatin1String(stateOf(result)));
    }
    return text;
}

void SweepResults::paintTo(QPainter &painter, const QSize &size)
{
    if (m_views->currentIndex() == 0)
        m_canvas->paintTo(painter, size);
    else
        m_coordinates->paintTo(painter, size);
}

} // namespace pretext
