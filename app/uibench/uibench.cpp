#include "app/uibench/uibench.h"

#include "app/cli/table.h"
#include "app/theme.h"
#include "app/uibench/frames.h"
#include "app/uibench/synthetic.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/selection.h"
#include "widgets/trainingcontroller.h"

#include <nlohmann/json.hpp>

#include <QMouseEvent>
#include <QStandardPaths>
#include <QWheelEvent>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace pretext {

namespace {

using uibench::FrameApplication;

constexpr double kStutterMs = 33; // a frame that takes longer is seen
constexpr int kHeatMapPairs = 1024, kViewPairs = 256, kTokens = 512, kMetricSteps = 1'000'000;
const QSize kPanelSize(1200, 860);

/// What a panel was driven with, and how long the frames took.
struct FrameRow { std::string panel, cause; std::vector<double> times; int missed = 0; };

/// A panel in a window of its own, with what it shows.
class Stage
{
public:
    Stage(FrameApplication &application, const PanelType &type) : m_application(application), m_name(type.name), m_panel(type.make({&m_controller, &m_selection}))
    {
        prepare();
        m_panel->resize(kPanelSize);
        m_panel->show();
        m_application.settle();
        constexpr int kAtOnce = 10000;
        for (int step = 1; m_name == "metrics" && step < kMetricSteps; step += kAtOnce)
            m_controller.show(uibench::stepsOf(step, step + kAtOnce));
        if (!m_snapshots.empty())
            m_application.frame(m_panel.get(), [this] { m_controller.show(m_snapshots[0]); });
        m_application.settle();
    }

    std::vector<FrameRow> drive(int frames)
    {
        std::vector<FrameRow> rows;
        if (m_name == "metrics")
            rows.push_back(driven("new steps", frames, [this](int frame) {
                const int next = kMetricSteps + 1 + 10 * frame;
                m_controller.show(uibench::stepsOf(next, next + 10));
            }));
        else if (!m_snapshots.empty())
            rows.push_back(driven("new snapshot", frames, [this](int frame) { m_controller.show(m_snapshots[size_t(frame + 1) % m_snapshots.size()]); }));
        if (auto *canvas = m_panel->findChild<CanvasWidget *>()) {
            rows.push_back(driven("mouse", frames, [&](int frame) { moveMouse(*canvas, frame); }));
            rows.push_back(driven("wheel", frames, [&](int frame) { turnWheel(*canvas, frame); }));
        } else {
            rows.push_back(driven("repaint", frames, [this](int) { repaintAll(); }));
        }
        return rows;
    }

private:
    void prepare()
    {
        for (int64_t step : {1, 2})
            if (m_name == "similarity" || m_name == "histogram")
                m_snapshots.push_back(uibench::imagesOf(kHeatMapPairs, step));
            else if (m_name == "viewpairs")
                m_snapshots.push_back(uibench::imagesOf(kViewPairs, step));
            else if (m_name == "tokenpredictions" || m_name == "objectives" || m_name == "attention")
                m_snapshots.push_back(uibench::textOf(kTokens, step));
    }

    FrameRow driven(const std::string &cause, int frames, const std::function<void(int)> &act)
    {
        FrameRow row{m_name.toStdString(), cause, {}};
        for (int frame = 0; frame < frames; ++frame) {
            const double time = m_application.frame(m_panel.get(), [&] { act(frame); });
            if (time >= 0)
                row.times.push_back(time);
            else if (++row.missed > 2)
                break; // this does not change what the panel shows
            m_application.settle(); // the rest of it is no part of the next
        }
        std::sort(row.times.begin(), row.times.end());
        return row;
    }

    void repaintAll()
    {
        m_panel->update();
        for (QWidget *child : m_panel->findChildren<QWidget *>())
            child->update();
    }

    /// To and fro over the whole canvas, never twice the same place in a row.
    static QPointF placeOf(const QWidget &canvas, int frame)
    {
        const qreal x = 0.05 + 0.9 * ((frame * 37) % 101) / 101., y = 0.05 + 0.9 * ((frame * 61) % 97) / 97.;
        return {x * canvas.width(), y * canvas.height()};
    }

    static void moveMouse(QWidget &canvas, int frame)
    {
        const QPointF at = placeOf(canvas, frame);
        QMouseEvent event(QEvent::MouseMove, at, canvas.mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
        QCoreApplication::sendEvent(&canvas, &event);
    }

    static void turnWheel(QWidget &canvas, int frame)
    {
        const QPointF at = placeOf(canvas, 3);
        QWheelEvent event(at, canvas.mapToGlobal(at), {}, QPoint(0, frame / 8 % 2 ? -120 : 120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&canvas, &event);
    }

    FrameApplication &m_application;
    QString m_name;
    std::vector<SnapshotPtr> m_snapshots;
    TrainingController m_controller;
    Selection m_selection;
    std::unique_ptr<Panel> m_panel;
};

double quantile(const FrameRow &row, double share)
{
    return row.times.empty() ? 0 : row.times[size_t(share * double(row.times.size() - 1))];
}

std::string shown(double milliseconds)
{
    char text[32];
    std::snprintf(text, sizeof text, "%7.1f", milliseconds);
    return text;
}

void print(const std::vector<FrameRow> &rows, bool openGL)
{
    std::vector<std::vector<std::string>> lines{{"panel", "cause", "    p50", "    p95", "    p99", ""}};
    for (const FrameRow &row : rows)
        lines.push_back({row.panel, row.cause, shown(quantile(row, 0.5)), shown(quantile(row, 0.95)), shown(quantile(row, 0.99)),
                         row.times.empty() ? "not painted" : quantile(row, 0.95) > kStutterMs ? "stutters" : ""});
    std::cout << (openGL ? "OpenGL" : "QPainter") << " canvases; milliseconds that the window's thread is busy with a frame" << std::endl;
    printTable(std::cout, lines);
}

void printJson(const std::vector<FrameRow> &rows, bool openGL)
{
    nlohmann::json json{{"canvases", openGL ? "OpenGL" : "QPainter"}, {"panels", nlohmann::json::array()}};
    for (const FrameRow &row : rows)
        json["panels"].push_back({{"panel", row.panel}, {"cause", row.cause}, {"frames", row.times.size()}, {"p50_ms", quantile(row, 0.5)},
                                  {"p95_ms", quantile(row, 0.95)}, {"p99_ms", quantile(row, 0.99)}});
    std::cout << json.dump(2) << std::endl;
}

} // namespace

int benchUi(const UiBenchOptions &options)
{
    const char *const displays[] = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"};
    if (std::none_of(std::begin(displays), std::end(displays), [](const char *display) { return std::getenv(display) != nullptr; }))
        throw std::runtime_error("--ui needs a display; without one, run it under xvfb-run");
    QApplication::setApplicationName("pretext-bench-ui");
    QStandardPaths::setTestModeEnabled(true);
    QApplication::setStyle(makeStyle());
    char name[] = "pretext";
    char *arguments[] = {name, nullptr};
    int count = 1;
    FrameApplication application(count, arguments);
    applyAppearance(Appearance::light);
    std::vector<FrameRow> rows;
    bool openGL = false;
    {
        QWidget probe;
        struct Nothing : CanvasContent { void draw(Canvas &) override {} } nothing;
        openGL = CanvasWidget(nothing, &probe).usesOpenGL();
    }
    for (const PanelType &type : panelTypes()) {
        Stage stage(application, type);
        for (FrameRow &row : stage.drive(options.frames))
            rows.push_back(std::move(row));
    }
    options.json ? printJson(rows, openGL) : print(rows, openGL);
    return std::any_of(rows.begin(), rows.end(), [](const FrameRow &row) { return quantile(row, 0.95) > kStutterMs; }) ? 1 : 0;
}

} // namespace pretext
