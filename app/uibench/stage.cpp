#include "app/uibench/stage.h"

#include "app/uibench/synthetic.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/metrics/curveplot.h"

#include <QComboBox>
#include <QMouseEvent>
#include <QPushButton>
#include <QSlider>
#include <QWheelEvent>

#include <algorithm>
#include <stdexcept>

namespace pretext::uibench {

namespace {

constexpr int kHeatMapPairs = 1024, kViewPairs = 256, kTokens = 512, kMetricSteps = 1'000'000, kMapped = 20000;
constexpr int kPatienceSeconds = 60; // for what takes one or two
const QSize kPanelSize(1200, 860);

/// The largest snapshots with something that the panel asks for: of images, where both kinds have it, since their batches are larger.
std::vector<SnapshotPtr> snapshotsFor(const std::set<std::string> &wanted)
{
    const auto serves = [&wanted](const SnapshotPtr &snapshot) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const std::string &channel) { return snapshot->channels.contains(channel); });
    };
    std::vector<SnapshotPtr> snapshots;
    for (const int64_t step : {1, 2})
        if (serves(imagesOf(1, step)))
            snapshots.push_back(imagesOf(wanted.contains("similarity") ? kHeatMapPairs : kViewPairs, step));
        else if (serves(textOf(1, step)))
            snapshots.push_back(textOf(kTokens, step));
    return snapshots;
}

/// To and fro over the whole widget, never twice the same place in a row.
QPointF placeOf(const QWidget &widget, int frame)
{
    const qreal x = 0.05 + 0.9 * ((frame * 37) % 101) / 101., y = 0.05 + 0.9 * ((frame * 61) % 97) / 97.;
    return {x * widget.width(), y * widget.height()};
}

void sendMouse(QWidget &widget, QEvent::Type type, QPointF at, Qt::MouseButtons buttons)
{
    QMouseEvent event(type, at, widget.mapToGlobal(at), type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton, buttons, {});
    QCoreApplication::sendEvent(&widget, &event);
}

/// Within every panel's largest plot.
QPointF middleOf(const QWidget &widget)
{
    return {0.55 * widget.width(), 0.45 * widget.height()};
}

/// Eight steps in, eight out.
void turnWheel(QWidget &widget, int frame)
{
    const QPointF at = middleOf(widget);
    QWheelEvent event(at, widget.mapToGlobal(at), {}, QPoint(0, frame / 8 % 2 ? -120 : 120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&widget, &event);
}

} // namespace

Stage::Stage(FrameApplication &application, const PanelType &type)
    : m_application(application)
    , m_name(type.name)
    , m_panel(type.make({&m_workbench, &m_run, &m_selection}))
{
    for (QComboBox *choice : m_panel->findChildren<QComboBox *>())
        if (m_name == "tokenpredictions" && choice->accessibleName() == "What is shown")
            choice->setCurrentIndex(1); // a row of the batch: a sentence would want a model that answers
    m_snapshots = snapshotsFor(m_panel->wantedChannels());
    m_panel->resize(kPanelSize);
    m_panel->show();
    m_application.settle();
    if (m_name == "metrics")
        m_application.frame(m_panel.get(), [this] { showSteps(); }); // until they are drawn, which is no frame of those that follow
    if (m_name == "evaluation")
        evaluate();
    if (m_name == "embeddingmap")
        map();
    if (!m_snapshots.empty())
        m_application.frame(m_panel.get(), [this] { m_run.show(m_snapshots[0]); });
    m_application.settle();
}

void Stage::showSteps()
{
    constexpr int kAtOnce = 10000;
    for (int step = 1; step < kMetricSteps; step += kAtOnce)
        m_run.show(stepsOf(step, step + kAtOnce));
}

/// Of a few pictures; it waits for its first step.
void Stage::startJob(int64_t heldOut)
{
    TrainerOptions options;
    options.dataset = fewPictures(heldOut);
    options.config = makeConfig("simclr", "mlp", "few", options.dataset->info());
    options.config.batch = 16;
    options.startPaused = true;
    options.out = m_folder.filePath("run").toStdString();
    m_run.start(options);
}

void Stage::waitFor(const std::function<bool()> &done, const char *what)
{
    QElapsedTimer waited;
    waited.start();
    while (!done() && waited.elapsed() < 1000 * kPatienceSeconds)
        m_application.settle();
    if (!done())
        throw std::runtime_error(m_name.toStdString() + ": " + what + " is not there after " + std::to_string(kPatienceSeconds) + " seconds");
}

/// No snapshot has scores: they are those of a job's checkpoint. A hundred held-out pictures have as many rows and columns as any images.
void Stage::evaluate()
{
    startJob(100);
    for (QPushButton *button : m_panel->findChildren<QPushButton *>())
        if (button->text() == "Evaluate now")
            button->click();
    waitFor([this] { return !m_panel->csv().isEmpty(); }, "the evaluation");
    m_run.stop();
}

/// Nor has one a map, which is made of a job's weights: of those before and after a step, so that two take turns.
void Stage::map()
{
    const auto *slider = m_panel->findChild<QSlider *>();
    QComboBox *samples = mapChoice("samples"), *dimensions = mapChoice("dimensions");
    samples->setCurrentIndex(samples->count() - 1); // all
    startJob(kMapped);
    waitFor([this] { return !m_panel->csv().isEmpty(); }, "the first map");
    m_run.stepOnce();
    waitFor([slider] { return slider->maximum() > 0; }, "the second map");
    dimensions->setCurrentIndex(1);
    waitFor([this] { return !m_panel->csv().isEmpty(); }, "the map in space");
    m_run.stop();
    dimensions->setCurrentIndex(0); // what was made stays
}

QComboBox *Stage::mapChoice(const char *name) const
{
    return m_panel->findChild<QComboBox *>(QString::fromLatin1(name));
}

std::vector<FrameRow> Stage::drive(int frames)
{
    std::vector<FrameRow> rows;
    if (m_name == "metrics")
        rows.push_back(driven("new steps", frames, [this](int frame) {
            const int next = kMetricSteps + 1 + 10 * frame;
            m_run.show(stepsOf(next, next + 10));
        }));
    else if (auto *slider = m_panel->findChild<QSlider *>(); slider && m_name == "embeddingmap")
        rows.push_back(driven("new map", frames, [slider](int frame) { slider->setValue(frame % 2); }));
    else if (!m_snapshots.empty())
        rows.push_back(driven("new snapshot", frames, [this](int frame) { m_run.show(m_snapshots[size_t(frame + 1) % m_snapshots.size()]); }));
    QWidget *plot = m_panel->findChild<CurvePlot *>();
    if (QWidget *canvas = m_panel->findChild<CanvasWidget *>(); canvas || plot) {
        QWidget &moved = canvas ? *canvas : *plot;
        if (canvas)
            rows.push_back(driven("mouse", frames, [&](int frame) { sendMouse(moved, QEvent::MouseMove, placeOf(moved, frame), Qt::NoButton); }));
        rows.push_back(driven("wheel", frames, [&](int frame) { turnWheel(moved, frame); }));
        sendMouse(moved, QEvent::MouseButtonPress, middleOf(moved), Qt::LeftButton);
        rows.push_back(driven("drag", frames, [&](int frame) { sendMouse(moved, QEvent::MouseMove, placeOf(moved, frame + 1), Qt::LeftButton); }));
        sendMouse(moved, QEvent::MouseButtonRelease, middleOf(moved), Qt::NoButton);
        if (m_name == "embeddingmap")
            rows.push_back(turnMap(moved, frames));
    } else {
        rows.push_back(driven("repaint", frames, [this](int) { repaintAll(); }));
    }
    return rows;
}

/// All points in space, each frame seen from another side.
FrameRow Stage::turnMap(QWidget &canvas, int frames)
{
    mapChoice("dimensions")->setCurrentIndex(1);
    m_application.settle();
    sendMouse(canvas, QEvent::MouseButtonPress, middleOf(canvas), Qt::LeftButton);
    FrameRow row = driven("turn", frames, [&](int frame) { sendMouse(canvas, QEvent::MouseMove, placeOf(canvas, frame + 1), Qt::LeftButton); });
    sendMouse(canvas, QEvent::MouseButtonRelease, middleOf(canvas), Qt::NoButton);
    return row;
}

FrameRow Stage::driven(const std::string &cause, int frames, const std::function<void(int)> &act)
{
    FrameRow row{m_name.toStdString(), cause, {}};
    for (int frame = 0; frame < frames; ++frame) {
        const double time = m_application.frame(m_panel.get(), [&] { act(frame); });
        if (time >= 0)
            row.times.push_back(time);
        else if (++row.missed > 2)
            break;              // this does not change what the panel shows
        m_application.settle(); // the rest of it is no part of the next
    }
    std::sort(row.times.begin(), row.times.end());
    return row;
}

void Stage::repaintAll()
{
    m_panel->update();
    for (QWidget *child : m_panel->findChildren<QWidget *>())
        child->update();
}

} // namespace pretext::uibench
