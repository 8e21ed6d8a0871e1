// Metrics: the loss and every other scalar over the steps, a mark where a knob changed, and other runs dropped on it.
#include "widgets/elidedlabel.h"
#include "widgets/help/glossary.h"
#include "widgets/metrics/channellist.h"
#include "widgets/metrics/curvelist.h"
#include "widgets/metrics/curveplot.h"
#include "widgets/metrics/differencetable.h"
#include "widgets/metrics/eventmarks.h"
#include "widgets/metrics/legendbutton.h"
#include "widgets/metrics/overlaidruns.h"
#include "widgets/metrics/seedmeans.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "widgets/workbench.h"

#include <QCoreApplication>
#include <QCheckBox>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMimeData>
#include <QSlider>
#include <QTimer>
#include <QToolButton>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kRedrawMs = 500; // a curve grows slowly, and drawing it takes as long as many canvases

} // namespace

class MetricsPanel : public Panel, public ShowsRuns
{
    Q_DECLARE_TR_FUNCTIONS(pretext::MetricsPanel)
public:
    explicit MetricsPanel(const PanelContext &context);
    bool showsAllRuns() const override { return true; }
    void refresh() override;
    void showRun(const std::filesystem::path &folder) override;
    void showRuns(const std::vector<std::filesystem::path> &folders) override;
    QString csv() const override;
    void paintTo(QPainter &painter, const QSize &size) override;

protected:
    void changeEvent(QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QLayout *makeTools();
    void offerStep(double pointedAt, QPoint global);
    void sayWhatItWaitsFor();
    void connectRun();
    void updateCurves();
    void updateMarks();
    void followOther();
    void overlaysChanged();
    bool drawsMeans() const { return m_means->isVisibleTo(this) && m_means->isChecked(); }
    bool drawsOwn() const { return m_comparesOwn || m_overlays->empty() || workbench().sideBySide(); }
    bool followChannels();
    void updateDifferences();

    CurvePlot *m_plot;
    ChannelList *m_channels;
    DifferenceTable *m_differences;
    ElidedLabel *m_note;
    QToolButton *m_clear;
    QCheckBox *m_means; // over seeds
    QTimer *m_redraw;
    OverlaidRuns *m_overlays;
    std::vector<SeedMean> m_groups; // of them, while their means are drawn
    bool m_comparesOwn = true;      // the run that is open was chosen, too
    bool m_reset = true;            // what is drawn belongs to an earlier history
};

MetricsPanel::MetricsPanel(const PanelContext &context)
    : Panel(context)
    , m_plot(new CurvePlot(this))
    , m_channels(new ChannelList(this))
    , m_differences(new DifferenceTable(this))
    , m_note(new ElidedLabel(this))
    , m_clear(new QToolButton(this))
    , m_means(new QCheckBox(tr("Mean over seeds"), this))
    , m_redraw(new QTimer(this))
    , m_overlays(new OverlaidRuns([this] { return isShowing(); }, this))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(3);
    column->addLayout(makeTools());
    auto *row = new QHBoxLayout;
    column->addLayout(row, 1);
    row->addWidget(m_channels);
    row->addWidget(m_plot, 1);
    row->addWidget(m_differences);
    sayWhatItWaitsFor();
    setTerm(m_channels, "word/channel");
    setTerm(m_differences, "part/other runs");
    m_plot->setToolTip(tr("Drag to move, turn the wheel to zoom, double-click to see all. Drop run folders here to compare them."));
    m_redraw->setSingleShot(true);
    m_redraw->setInterval(kRedrawMs);
    setAcceptDrops(true);
    connectRun();
}

void MetricsPanel::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateCurves();
}

void MetricsPanel::sayWhatItWaitsFor()
{
    const TrainerState state = run().status().state;
    const bool stands = state == TrainerState::paused || !run().hasJob();
    if (state == TrainerState::ended)
        return m_plot->setEmptyText(tr("No step was taken here, and none is left; Run > Train past the end gives it more."));
    m_plot->setEmptyText(stands ? tr("The curves begin with the first training step. Press Space to train, or drop a run's folder here.")
                                : tr("The curves begin with the first training step, which is being prepared."));
}

QLayout *MetricsPanel::makeTools()
{
    auto *row = new QHBoxLayout;
    auto *label = new QLabel(tr("Smoothing"), this);
    auto *smoothing = new QSlider(Qt::Horizontal, this);
    smoothing->setRange(0, 99);
    smoothing->setFixedWidth(100);
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Weight of the past in an exponential average; the curve itself stays visible behind it."));
    label->setBuddy(smoothing);
    auto *logarithmic = new QCheckBox(tr("Log axis"), this);
    logarithmic->setFocusPolicy(Qt::TabFocus);
    auto *all = new QToolButton(this);
    all->setText(tr("Show all"));
    m_clear->hide();
    m_means->hide();
    m_means->setObjectName("means");
    m_means->setFocusPolicy(Qt::TabFocus);
    m_means->setToolTip(
        tr("Runs that differ in nothing but the seed are drawn as one: their mean, as far as all of them go, in a band from the lowest to the highest."));
    setTerm(m_means, "part/mean over seeds");
    m_note->setForegroundRole(QPalette::PlaceholderText);
    setTerm(smoothing, "part/smoothing");
    setTerm(label, "part/smoothing");
    setTerm(logarithmic, "part/log axis");
    setTerm(all, "part/show all");
    setTerm(m_clear, "part/other runs");
    for (QWidget *tool : std::initializer_list<QWidget *>{label, smoothing, logarithmic, all, new LegendButton(m_plot, this), m_means, m_clear})
        row->addWidget(tool);
    row->addWidget(m_note, 1);
    connect(smoothing, &QSlider::valueChanged, this, [this](int value) { m_plot->setSmoothing(value / 100.0); });
    connect(logarithmic, &QCheckBox::toggled, m_plot, &CurvePlot::setLogarithmic);
    connect(all, &QToolButton::clicked, m_plot, &CurvePlot::resetView);
    connect(m_clear, &QToolButton::clicked, m_overlays, &OverlaidRuns::clear);
    connect(m_means, &QCheckBox::toggled, this, [this] {
        updateCurves();
        updateDifferences();
    });
    connect(m_plot, &CurvePlot::menuRequested, this, &MetricsPanel::offerStep);
    connect(m_plot, &CurvePlot::omissionChanged, this, [this] { m_note->setText(m_plot->omission()); });
    return row;
}

/// What can be done with the step that was pointed at.
void MetricsPanel::offerStep(double pointedAt, QPoint global)
{
    const std::vector<double> &steps = run().history().steps;
    if (steps.empty() || run().path().empty())
        return;
    const qint64 step = qRound64(std::clamp(pointedAt, std::max(0.0, steps.front() - 1), steps.back())); // of a fork the first step is its parent's next
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName("step");
    menu->addAction(tr("&Go back to step %1, or fork from it …").arg(QLocale().toString(qlonglong(step))), this,
                    [this, step] { workbench().requestStep(step); });
    menu->popup(global);
}

void MetricsPanel::connectRun()
{
    connect(m_redraw, &QTimer::timeout, this, &MetricsPanel::refresh);
    connect(&run(), &Run::rowsAppended, this, [this] {
        if (isShowing() && !m_redraw->isActive())
            m_redraw->start();
    });
    connect(&run(), &Run::historyReset, this, [this] {
        m_reset = true;
        m_plot->setCurves({}); // its vectors are gone
        m_plot->setMarks({});
        if (isShowing())
            m_redraw->start();
    });
    connect(&run(), &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind == "knob" || event.kind == "rewind" || event.kind == "schedule")
            m_reset = true;
        if (isShowing() && !m_redraw->isActive())
            m_redraw->start();
    });
    connect(&run(), &Run::shownStepChanged, this, &MetricsPanel::updateMarks);
    connect(&run(), &Run::statusChanged, this, &MetricsPanel::sayWhatItWaitsFor);
    connect(m_channels, &QListWidget::itemChanged, this, &MetricsPanel::updateCurves);
    connect(&run(), &Run::jobStarted, this, [this] {
        m_overlays->keepOnly([this](const OverlaidRun &other) { // not what is this run now, and nothing of other data
            return other.folder != run().path() && other.config.dataset == run().config().dataset;
        });
        m_plot->resetView();
        updateCurves();
        updateDifferences();
    });
    connect(&run(), &Run::knobAcknowledged, this, &MetricsPanel::updateDifferences);
    connect(&workbench(), &Workbench::sideBySideChanged, this, &MetricsPanel::followOther);
    connect(&workbench(), &Workbench::sideBySideEnds, this, [this] { m_plot->setCurves({}); });
    connect(m_overlays, &OverlaidRuns::aboutToChange, this, [this] { m_plot->setCurves({}); });
    connect(m_overlays, &OverlaidRuns::changed, this, &MetricsPanel::overlaysChanged);
    connect(m_overlays, &OverlaidRuns::said, m_note, &ElidedLabel::setText);
    connect(m_overlays, &OverlaidRuns::grown, this, [this] {
        updateMarks();
        drawsMeans() ? updateCurves() : m_plot->extend();
    });
}

/// The run beside this one is drawn with it.
void MetricsPanel::followOther()
{
    m_reset = true;
    updateDifferences();
    if (SideBySide *together = workbench().sideBySide()) {
        connect(together->right(), &Run::rowsAppended, together, [this] {
            if (isShowing() && !m_redraw->isActive())
                m_redraw->start();
        });
        connect(together->right(), &Run::historyReset, together, [this] {
            m_reset = true;
            m_plot->setCurves({}); // its vectors are gone
            if (isShowing())
                m_redraw->start();
        });
        connect(together, &SideBySide::titlesChanged, this, [this] { m_reset = true; });
        connect(together->right(), &Run::eventHappened, together, [this](const Event &event) { m_reset |= event.kind == "knob" || event.kind == "schedule"; });
    }
    if (isShowing())
        m_redraw->start();
}

void MetricsPanel::refresh()
{
    if (m_redraw->isActive() && !m_reset)
        return; // snapshots come more often than curves need drawing
    m_reset |= followChannels();
    if (m_reset) {
        const SideBySide *together = workbench().sideBySide();
        m_reset = run().history().empty()
                  || (together && together->right()->history().empty()); // there is nothing to draw yet, and known channels would not tell that there is
        updateCurves();
        updateMarks();
    } else {
        m_plot->extend();
    }
}

void MetricsPanel::updateCurves()
{
    CurveList curves(m_channels->ticked(), palette());
    if (const SideBySide *together = workbench().sideBySide())
        curves.addBoth(*together);
    else if (drawsOwn())
        curves.add(run().history(), m_overlays->empty() ? QString() : tr("this run"), Qt::SolidLine);
    m_plot->setCurves({}); // what it draws may be about to go
    m_groups = drawsMeans() ? meansOverSeeds(m_overlays->all()) : std::vector<SeedMean>();
    if (drawsMeans())
        curves.addMeans(m_groups);
    else
        curves.addRuns(m_overlays->all());
    m_plot->setCurves(curves.all());
    m_channels->showPens(curves.pens());
}

void MetricsPanel::updateMarks()
{
    // Where nothing runs here, the run that is shown from its folder alone has the marks.
    const bool ofFolder = !run().hasJob() && m_overlays->all().size() == 1;
    const SideBySide *together = workbench().sideBySide();
    std::vector<Mark> marks = together     ? marksOfBoth(run().events(), together->right()->events(), together->parting())
                              : ofFolder   ? marksOf(m_overlays->all().front()->events)
                              : drawsOwn() ? marksOf(run().events())
                                           : std::vector<Mark>();
    if (drawsOwn() && run().looksBack()) {
        const auto shown = double(run().shownStep());
        const auto after = std::ranges::find_if(marks, [&](const Mark &mark) { return mark.step > shown; });
        marks.insert(after, Mark{shown, tr("step %1 is shown").arg(QLocale().toString(qlonglong(run().shownStep()))), true});
    }
    m_plot->setMarks(marks);
}

void MetricsPanel::overlaysChanged()
{
    m_comparesOwn |= m_overlays->empty();
    const std::vector<SeedMean> groups = meansOverSeeds(m_overlays->all());
    m_means->setVisible(std::ranges::any_of(groups, [](const SeedMean &group) { return group.runs.size() > 1; }));
    followChannels();
    updateCurves();
    updateMarks();
    updateDifferences();
}

void MetricsPanel::showRuns(const std::vector<std::filesystem::path> &folders)
{
    m_comparesOwn = folders.size() < 2 || std::ranges::find(folders, run().path()) != folders.end();
    m_overlays->set(folders, run().path());
}

bool MetricsPanel::followChannels()
{
    std::vector<const ScalarHistory *> histories{&run().history()};
    if (const SideBySide *together = workbench().sideBySide())
        histories.push_back(&together->right()->history());
    for (const auto &run : m_overlays->all())
        histories.push_back(&run->history);
    return m_channels->follow(histories);
}

void MetricsPanel::updateDifferences()
{
    m_clear->setVisible(!m_overlays->empty());
    m_clear->setText(drawsOwn() ? tr("Remove other runs") : tr("Back to the open run"));
    const size_t first = workbench().sideBySide() ? 2 : drawsOwn() ? 1 : 0; // of the others, in the order of the curves
    const std::vector<size_t> groups = groupsOf(m_overlays->all());
    std::vector<size_t> places{0};
    for (size_t run = 0; run < m_overlays->all().size(); ++run)
        places.push_back(first + (drawsMeans() ? groups[run] : run));
    m_differences->compare(run().hasJob() && drawsOwn() ? &run().config() : nullptr, m_overlays->all(), places);
}

void MetricsPanel::dragEnterEvent(QDragEnterEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls())
        if (QFileInfo::exists(url.toLocalFile() + "/metrics.csv"))
            event->acceptProposedAction();
}

void MetricsPanel::dropEvent(QDropEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls())
        showRun(url.toLocalFile().toStdString());
    event->acceptProposedAction();
}

void MetricsPanel::showRun(const std::filesystem::path &folder)
{
    m_comparesOwn = true;
    m_overlays->add(folder);
}

QString MetricsPanel::csv() const
{
    const SideBySide *together = workbench().sideBySide();
    if (!together && m_overlays->empty())
        return csvOf(run().history());
    std::vector<std::pair<QString, const ScalarHistory *>> runs;
    if (drawsOwn())
        runs.emplace_back(QString::fromStdString(run().path().filename().string()), &run().history());
    if (together)
        runs.emplace_back(QString::fromStdString(together->right()->path().filename().string()), &together->right()->history());
    for (const auto &other : m_overlays->all())
        runs.emplace_back(other->name, &other->history);
    return csvOf(runs);
}

void MetricsPanel::paintTo(QPainter &painter, const QSize &size)
{
    m_plot->paintTo(painter, size);
}

Panel *makeMetricsPanel(const PanelContext &context)
{
    return new MetricsPanel(context);
}

} // namespace pretext
