// Metrics: the loss and every other scalar over the steps, a mark where a knob changed, and other runs dropped on it.
#include "widgets/background.h"
#include "widgets/metrics/channellist.h"
#include "widgets/metrics/curveplot.h"
#include "widgets/metrics/differencetable.h"
#include "widgets/panel.h"
#include "widgets/trainingcontroller.h"

#include <QCheckBox>
#include <QDragEnterEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QPicture>
#include <QSlider>
#include <QTimer>
#include <QToolButton>

namespace pretext {

namespace {

constexpr int kRedrawMs = 500;      // a curve grows slowly, and drawing it takes as long as many canvases
constexpr double kSameDragSteps = 25; // knob changes this close together were one drag

QColor curveColour(size_t index, bool dark)
{
    // Okabe and Ito (2008), each ground beginning with those that stand out on it; yellow and black vanish on one of the two.
    static const QColor onLight[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
    static const QColor onDark[] = {"#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2"};
    return (dark ? onDark : onLight)[index % std::size(onLight)];
}

QString groupOf(const QString &channel) { return channel.section('/', 0, 0); }

} // namespace

class MetricsPanel : public Panel
{
public:
    explicit MetricsPanel(const PanelContext &context);
    void refresh() override;
    QString csv() const override;
    void paintTo(QPainter &painter, const QSize &size) override;

protected:
    void changeEvent(QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    QLayout *makeTools();
    void sayWhatItWaitsFor();
    void connectController();
    void updateCurves();
    void updateMarks();
    void addCurves(std::vector<Curve> &curves, const ScalarHistory &history, const QString &run, Qt::PenStyle style);
    void overlay(std::shared_ptr<OverlaidRun> run);
    void updateDifferences();

    CurvePlot *m_plot;
    ChannelList *m_channels;
    DifferenceTable *m_differences;
    QLabel *m_note;
    QToolButton *m_clear;
    QTimer *m_redraw;
    std::vector<std::shared_ptr<OverlaidRun>> m_overlays;
    bool m_reset = true; // what is drawn belongs to an earlier history
};

MetricsPanel::MetricsPanel(const PanelContext &context)
    : Panel(context)
    , m_plot(new CurvePlot(this))
    , m_channels(new ChannelList(this))
    , m_differences(new DifferenceTable(this))
    , m_note(new QLabel(this))
    , m_clear(new QToolButton(this))
    , m_redraw(new QTimer(this))
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
    m_plot->setToolTip(tr("Drag to move, turn the wheel to zoom, double-click to see all. Drop run folders here to compare them."));
    m_redraw->setSingleShot(true);
    m_redraw->setInterval(kRedrawMs);
    setAcceptDrops(true);
    connectController();
}

void MetricsPanel::changeEvent(QEvent *event)
{
    Panel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        updateCurves();
}

void MetricsPanel::sayWhatItWaitsFor()
{
    const TrainerState state = controller().status().state;
    const bool stands = state == TrainerState::paused || !controller().hasJob();
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
    m_clear->setText(tr("Remove other runs"));
    m_clear->hide();
    m_note->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget *tool : std::initializer_list<QWidget *>{label, smoothing, logarithmic, all, m_clear})
        row->addWidget(tool);
    row->addWidget(m_note, 1);
    connect(smoothing, &QSlider::valueChanged, this, [this](int value) { m_plot->setSmoothing(value / 100.0); });
    connect(logarithmic, &QCheckBox::toggled, m_plot, &CurvePlot::setLogarithmic);
    connect(all, &QToolButton::clicked, m_plot, &CurvePlot::resetView);
    connect(m_clear, &QToolButton::clicked, this, [this] {
        m_overlays.clear();
        updateCurves();
        updateDifferences();
    });
    connect(m_plot, &CurvePlot::omissionChanged, this, [this] { m_note->setText(m_plot->omission()); });
    return row;
}

void MetricsPanel::connectController()
{
    connect(m_redraw, &QTimer::timeout, this, &MetricsPanel::refresh);
    connect(&controller(), &TrainingController::rowsAppended, this, [this] {
        if (isShowing() && !m_redraw->isActive())
            m_redraw->start();
    });
    connect(&controller(), &TrainingController::historyReset, this, [this] {
        m_reset = true;
        m_plot->setCurves({}); // its vectors are gone
        m_plot->setMarks({});
        if (isShowing())
            m_redraw->start();
    });
    connect(&controller(), &TrainingController::eventHappened, this, [this](const Event &event) {
        if (event.kind == "knob" || event.kind == "rewind" || event.kind == "schedule")
            m_reset = true;
        if (isShowing() && !m_redraw->isActive())
            m_redraw->start();
    });
    connect(&controller(), &TrainingController::statusChanged, this, &MetricsPanel::sayWhatItWaitsFor);
    connect(m_channels, &QListWidget::itemChanged, this, &MetricsPanel::updateCurves);
    connect(&controller(), &TrainingController::jobStarted, this, &MetricsPanel::updateDifferences);
}

void MetricsPanel::refresh()
{
    if (m_redraw->isActive() && !m_reset)
        return; // snapshots come more often than curves need drawing
    m_reset |= m_channels->follow(controller().history());
    if (m_reset) {
        m_reset = controller().history().empty(); // there is nothing to draw yet, and known channels would not tell that there is
        updateCurves();
        updateMarks();
    } else {
        m_plot->extend();
    }
}

void MetricsPanel::addCurves(std::vector<Curve> &curves, const ScalarHistory &history, const QString &run, Qt::PenStyle style)
{
    for (const QString &channel : m_channels->ticked()) {
        const auto column = history.columns.find(channel.toStdString());
        if (column == history.columns.end())
            continue;
        const QString label = run.isEmpty() ? channel : tr("%1, %2").arg(run, channel);
        curves.push_back({label, groupOf(channel), curveColour(curves.size(), palette().color(QPalette::Base).lightness() < 128), style, &history.steps, &column->second});
    }
}

void MetricsPanel::updateCurves()
{
    std::vector<Curve> curves;
    addCurves(curves, controller().history(), m_overlays.empty() ? QString() : tr("this run"), Qt::SolidLine);
    for (const auto &run : m_overlays)
        addCurves(curves, run->history, run->name, Qt::DashLine);
    m_plot->setCurves(curves);
}

void MetricsPanel::updateMarks()
{
    std::vector<Mark> marks;
    std::string last, before;
    for (const Event &event : controller().events()) {
        if (event.kind == "rewind")
            marks.clear();
        if (event.kind == "schedule") { // the planned end has moved: where a jump of the learning rate comes from
            marks.push_back({static_cast<double>(event.step), tr("%1 → %2 steps, %3").arg(QString::fromStdString(event.before), QString::fromStdString(event.after),
                             QString::fromStdString(event.name))});
            last.clear();
        }
        if (event.kind != "knob")
            continue;
        const bool sameDrag = !marks.empty() && last == event.name && event.step - marks.back().step < kSameDragSteps;
        if (!sameDrag) {
            marks.push_back({});
            before = event.before;
        }
        last = event.name;
        marks.back() = {static_cast<double>(event.step), QStringLiteral("%1 %2 → %3").arg(QString::fromStdString(event.name),
                        QString::fromStdString(before), QString::fromStdString(event.after))};
    }
    m_plot->setMarks(marks);
}

void MetricsPanel::overlay(std::shared_ptr<OverlaidRun> run)
{
    std::erase_if(m_overlays, [&](const auto &other) { return other->name == run->name; });
    m_overlays.push_back(std::move(run));
    updateCurves();
    updateDifferences();
}

void MetricsPanel::updateDifferences()
{
    m_clear->setVisible(!m_overlays.empty());
    m_differences->compare(controller().runningConfig(), m_overlays);
}

void MetricsPanel::dragEnterEvent(QDragEnterEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls())
        if (QFileInfo::exists(url.toLocalFile() + "/metrics.csv"))
            event->acceptProposedAction();
}

void MetricsPanel::dropEvent(QDropEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls()) {
        const std::filesystem::path folder = url.toLocalFile().toStdString();
        inBackground(this, [folder] { return readRun(folder); }, [this](std::shared_ptr<OverlaidRun> run) { overlay(std::move(run)); },
                     [this](const QString &line) { m_note->setText(line); });
    }
    event->acceptProposedAction();
}

QString MetricsPanel::csv() const
{
    const ScalarHistory &history = controller().history();
    QString text = QStringLiteral("step,seconds");
    for (const auto &[name, values] : history.columns)
        text += ',' + QString::fromStdString(name);
    for (size_t i = 0; i < history.size(); ++i) {
        text += QStringLiteral("\n%1,%2").arg(history.steps[i], 0, 'f', 0).arg(history.seconds[i], 0, 'g', 10);
        for (const auto &[name, values] : history.columns)
            text += ',' + (std::isnan(values[i]) ? QString() : QString::number(values[i], 'g', 10));
    }
    return text + '\n';
}

void MetricsPanel::paintTo(QPainter &painter, const QSize &size)
{
    QPicture picture; // QCustomPlot draws only through its own painter
    QCPPainter recorder;
    recorder.begin(&picture);
    recorder.setMode(QCPPainter::pmVectorized);
    m_plot->toPainter(&recorder, size.width(), size.height());
    recorder.end();
    painter.drawPicture(0, 0, picture);
}

Panel *makeMetricsPanel(const PanelContext &context) { return new MetricsPanel(context); }

} // namespace pretext
