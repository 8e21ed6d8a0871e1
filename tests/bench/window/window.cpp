// The window's benchmark: how soon it answers while a training step takes about a second, and what it costs the training of the default
// session. Prints two tables; asserts nothing, since times depend on the machine. See CONTRIBUTING.md.
#include "app/mainwindow.h"
#include "app/settings.h"
#include "app/theme.h"
#include "app/waitpassively.h"
#include "tests/bench/window/everypanel.h"
#include "tests/bench/window/inputlatency.h"
#include "tests/bench/window/timedapplication.h"
#include "tests/bench/window/trainingcost.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/run.h"

#include <QCommandLineParser>
#include <QStandardPaths>
#include <QTest>

#include <cstdio>

using namespace pretext;

namespace {

TrainerOptions defaultSession()
{
    TrainerOptions options;
    options.dataset = openDefaultDataset();
    options.config = defaultConfig(*options.dataset);
    return options;
}

void latency(bench::TimedApplication &application, MainWindow &window, int64_t batch, int inputs)
{
    TrainerOptions options = defaultSession();
    options.config.batch = batch;
    window.run().start(options);
    while (window.run().status().step < 2)
        QTest::qWait(50);
    std::printf("%s canvases, batch %lld, a step takes %.0f ms\n", window.findChild<CanvasWidget *>()->usesOpenGL() ? "OpenGL" : "QPainter",
                static_cast<long long>(batch), window.run().status().timings.total);
    bench::showEveryPanel(window);
    bench::measureInputLatency(application, window, inputs);
    window.run().stop();
}

} // namespace

int main(int argc, char **argv)
{
    waitPassively(argv);
    QApplication::setStyle(makeStyle());
    bench::TimedApplication application(argc, argv);
    QApplication::setApplicationName("pretext-bench-window");
    QStandardPaths::setTestModeEnabled(true);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({{"inputs", "Inputs of each kind; 0 leaves this part out.", "N", "200"},
                       {"batch", "Batch while inputs are timed; a step should take about a second.", "N", "1024"},
                       {"rounds", "Rounds of training; 0 leaves this part out.", "N", "5"},
                       {"seconds", "Seconds of training measured in each.", "S", "8"}});
    parser.process(application);
    applyAppearance(Appearance::light);
    MainWindow window;
    window.setRemembers(false);
    window.resize(1900, 1000);
    window.show();
    if (!QTest::qWaitForWindowExposed(&window))
        return 1;
    if (const int inputs = parser.value("inputs").toInt(); inputs > 0)
        latency(application, window, parser.value("batch").toLongLong(), inputs);
    if (const int rounds = parser.value("rounds").toInt(); rounds > 0)
        bench::measureTrainingCost(window, defaultSession(), rounds, parser.value("seconds").toDouble());
    return 0;
}
