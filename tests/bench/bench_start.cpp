// How long a start takes: from the process' birth to the window on the screen, and to the first training step shown in it. Starts the workbench
// again and again, on a session and settings of its own; the first start, which fills caches, does not count. Needs a display.
#include "app/mainwindow.h"
#include "app/waitpassively.h"
#include "app/window.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/run.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTimer>
#include <QWindow>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace pretext;

namespace {

constexpr const char *kBirth = "PRETEXT_BENCH_BIRTH"; // in the child's environment; also what makes it the child

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); // the same clock in every process
}

void tell(const char *what)
{
    std::printf("%s %.4f\n", what, now() - std::atof(std::getenv(kBirth)));
    std::fflush(stdout);
}

/// Sees the window's events without changing the window: a frame is on the screen when its update request has been handled.
class Watcher : public QObject
{
public:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Show && !m_window)
            if (auto *window = qobject_cast<MainWindow *>(watched)) {
                m_window = window;
                connect(&window->run(), &Run::snapshotReady, this, [this] {
                    const SnapshotPtr snapshot = m_window->run().snapshot(); // null where a job begins
                    m_trained |= snapshot && snapshot->step > 0;
                });
            }
        if (!m_window)
            return false;
        if (event->type() == QEvent::Expose && !m_visible && m_window->windowHandle() && m_window->windowHandle()->isExposed())
            QTimer::singleShot(0, this, [this] { seen(); }); // its handler paints and flushes
        if (event->type() == QEvent::Paint && m_trained && watched->parent() && qobject_cast<CanvasWidget *>(watched->parent()))
            QTimer::singleShot(0, this, [this] { stepSeen(); });
        return false;
    }

private:
    void seen()
    {
        if (!std::exchange(m_visible, true))
            tell("visible");
    }

    void stepSeen()
    {
        if (std::exchange(m_done, true))
            return;
        tell("step");
        QApplication::exit(0);
    }

    MainWindow *m_window = nullptr;
    bool m_visible = false, m_trained = false, m_done = false;
};

void watchIfChild()
{
    if (std::getenv(kBirth))
        qApp->installEventFilter(new Watcher);
}

struct TimedStart
{
    double visible = 0, step = 0;
};

TimedStart startOnce()
{
    setenv(kBirth, std::to_string(now()).c_str(), 1);
    FILE *child = popen("exec /proc/$PPID/exe", "r");
    TimedStart start;
    char what[16];
    double seconds;
    while (child && std::fscanf(child, "%15s %lf", what, &seconds) == 2)
        (std::string(what) == "visible" ? start.visible : start.step) = seconds;
    if (!child || pclose(child) != 0 || start.step == 0)
        throw std::runtime_error("a start failed");
    return start;
}

void report(const char *what, std::vector<double> seconds)
{
    std::sort(seconds.begin(), seconds.end());
    std::printf("%-22s %6.2f %6.2f %6.2f\n", what, seconds[seconds.size() / 2], seconds.front(), seconds.back());
}

} // namespace

Q_COREAPP_STARTUP_FUNCTION(watchIfChild)

int main(int argc, char **argv)
{
    if (std::getenv(kBirth)) {
        waitPassively(argv);
        return runWindow(argc, argv);
    }
    const QTemporaryDir home; // no settings, and runs that go with it
    for (const char *place : {"XDG_CONFIG_HOME", "XDG_DATA_HOME"})
        setenv(place, home.path().toUtf8().constData(), 1);
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    std::vector<double> visible, step;
    startOnce();
    for (int round = 0; round < rounds; ++round) {
        const TimedStart start = startOnce();
        visible.push_back(start.visible);
        step.push_back(start.step);
    }
    std::printf("seconds from exec      median  least   most\n");
    report("window visible", visible);
    report("first step shown", step);
    return 0;
}
