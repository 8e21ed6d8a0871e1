#include "app/uibench/uibench.h"

#include "app/cli/cli.h"
#include "app/cli/table.h"
#include "app/theme.h"
#include "app/uibench/stage.h"
#include "widgets/canvaswidget/canvaswidget.h"

#include <nlohmann/json.hpp>

#include <QStandardPaths>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace pretext {

namespace {

using uibench::FrameApplication;
using uibench::FrameRow;
using uibench::Stage;

constexpr double kStutterMs = 33; // a frame that takes longer is seen

/// The least time that at least this share of the frames did not exceed.
double quantile(const FrameRow &row, double share)
{
    return row.times.empty() ? 0 : row.times[size_t(std::ceil(share * double(row.times.size()))) - 1];
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
                         row.times.empty()                  ? "not painted"
                         : quantile(row, 0.95) > kStutterMs ? "stutters"
                                                            : ""});
    std::cout << (openGL ? "OpenGL" : "QPainter") << " canvases; milliseconds that the window's thread is busy with a frame" << std::endl;
    printTable(std::cout, lines);
}

void printJson(const std::vector<FrameRow> &rows, bool openGL)
{
    nlohmann::json json{{"canvases", openGL ? "OpenGL" : "QPainter"}, {"panels", nlohmann::json::array()}};
    for (const FrameRow &row : rows)
        json["panels"].push_back({{"panel", row.panel},
                                  {"cause", row.cause},
                                  {"frames", row.times.size()},
                                  {"p50_ms", quantile(row, 0.5)},
                                  {"p95_ms", quantile(row, 0.95)},
                                  {"p99_ms", quantile(row, 0.99)}});
    std::cout << json.dump(2) << std::endl;
}

std::string panelNames()
{
    QStringList names;
    for (const PanelType &type : panelTypes())
        names << type.name;
    return names.join(QStringLiteral(", ")).toStdString();
}

std::vector<PanelType> chosenPanels(const std::vector<std::string> &names)
{
    std::vector<PanelType> chosen;
    for (const PanelType &type : panelTypes())
        if (names.empty() || std::find(names.begin(), names.end(), type.name.toStdString()) != names.end())
            chosen.push_back(type);
    for (const std::string &name : names)
        if (std::none_of(chosen.begin(), chosen.end(), [&](const PanelType &type) { return type.name.toStdString() == name; }))
            throw UsageError("--row " + name + ": with --ui it is one of " + panelNames());
    return chosen;
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
        struct Nothing : CanvasContent
        {
            void draw(Canvas &) override {}
        } nothing;
        openGL = CanvasWidget(nothing, &probe).usesOpenGL();
    }
    for (const PanelType &type : chosenPanels(options.panels)) {
        Stage stage(application, type);
        for (FrameRow &row : stage.drive(options.frames))
            rows.push_back(std::move(row));
    }
    options.json ? printJson(rows, openGL) : print(rows, openGL);
    return std::any_of(rows.begin(), rows.end(), [](const FrameRow &row) { return quantile(row, 0.95) > kStutterMs; }) ? 1 : 0;
}

} // namespace pretext
