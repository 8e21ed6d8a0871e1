// Hours of use: the real window trains while somebody turns knobs, changes methods and moves panels without end. Once warm, memory, open
// handles and threads must stay flat; exits 1 where they do not, or where a job failed. No time is measured, so that a busy machine only
// does less in an hour. Started by tests/bench/soak; --help lists the options.
#include "app/mainwindow.h"
#include "app/runkeeper.h"
#include "app/settings.h"
#include "app/theme.h"
#include "app/waitpassively.h"
#include "core/engine/openmarker.h"
#include "tests/bench/soaking/hand.h"
#include "tests/bench/soaking/process.h"
#include "tests/bench/soaking/trend.h"
#include "widgets/run.h"
#include "widgets/runs/userruns.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <cstdio>
#include <fstream>

using namespace pretext;

namespace {

constexpr double kMemoryShare = 0.05; // that memory may have grown by in the end
constexpr size_t kFewestJudged = 10;  // minutes: in fewer, what is kept for the first time looks like growth
constexpr int kActionMs = 150, kActionsAJob = 100, kRunsKept = 3;

struct Minute
{
    bench::Holdings held;
    int64_t steps = 0;
    int jobs = 0;
};

/// A text of a few thousand sentences, so that its tokenizer is soon learned.
std::string writeText(const QTemporaryDir &folder)
{
    const std::string path = folder.filePath("text.txt").toStdString();
    std::ofstream file(path);
    constexpr const char *kWho[] = {"the ship", "a bird", "one child", "the old king", "my brother"}, *kDoes[] = {"sees", "follows", "finds", "leaves"};
    for (int i = 0; i < 2000; ++i)
        file << "Today " << kWho[i % 5] << ' ' << kDoes[i / 5 % 4] << ' ' << kWho[i / 20 % 5] << " by the " << (i % 7 < 3 ? "river" : "road") << ", day "
             << i % 97 << ".\n";
    return path;
}

class Soak
{
public:
    Soak(MainWindow &window, bench::Hand &hand) : m_window(window), m_hand(hand)
    {
        Run &run = window.run();
        QObject::connect(&run, &Run::jobStarted, [this] {
            ++m_now.jobs;
            m_last = 0;
        });
        QObject::connect(&run, &Run::statusChanged, [this, &run] {
            m_now.steps += std::max<int64_t>(0, run.status().step - m_last);
            m_last = run.status().step;
        });
        QObject::connect(&run, &Run::failed, [this](const QString &why) {
            std::fprintf(stderr, "a job failed: %s\n", qPrintable(why));
            ++m_failures;
        });
    }

    void run(double minutes);
    /// Prints what became of memory, handles and threads after the first `warm` minutes; false where one of them grew. Ten minutes at least are
    /// needed to say so.
    bool judge(double warm) const;
    int failures() const { return m_failures; }

private:
    Minute minute();
    void clearRuns();

    MainWindow &m_window;
    bench::Hand &m_hand;
    std::vector<Minute> m_minutes;
    Minute m_now;
    int64_t m_last = 0; // the running job's step
    int m_failures = 0;
};

void Soak::run(double minutes)
{
    std::printf("| minute | jobs | steps | memory MB | heap MB | handles | threads |\n|---|---|---|---|---|---|---|\n");
    for (double passed = 0; passed < minutes; ++passed) {
        m_minutes.push_back(minute());
        const Minute &m = m_minutes.back();
        std::printf("| %zu | %d | %lld | %.0f | %.0f | %.0f | %.0f |\n", m_minutes.size(), m.jobs, static_cast<long long>(m.steps), m.held.memory, m.held.heap,
                    m.held.handles, m.held.threads);
        std::fflush(stdout);
        clearRuns();
    }
}

/// Its figures are the medians of those after each action.
Minute Soak::minute()
{
    m_now = {};
    std::vector<double> memory, heap, handles, threads;
    QElapsedTimer since;
    since.start();
    for (int action = 0; since.elapsed() < 60'000; ++action) {
        action % kActionsAJob == 0 ? m_hand.changeJob() : m_hand.act();
        QTest::qWait(kActionMs);
        const bench::Holdings held = bench::holdingsNow();
        memory.push_back(held.memory);
        heap.push_back(held.heap);
        handles.push_back(held.handles);
        threads.push_back(held.threads);
    }
    m_now.held = {bench::medianOf(memory), bench::medianOf(heap), bench::medianOf(handles), bench::medianOf(threads)};
    return m_now;
}

/// The window keeps every run for the user; in hours of new ones they would fill the disk.
void Soak::clearRuns()
{
    m_window.runs().finish();
    const RunStore store = userRuns();
    std::vector<std::filesystem::path> runs = store.folders(); // their names begin with the date
    for (size_t i = 0; i + kRunsKept < runs.size(); ++i)
        if (openedBy(runs[i]) == 0)
            std::filesystem::remove_all(runs[i]);
}

bool Soak::judge(double warm) const
{
    const auto judgedWell = [&](const char *name, auto figure, double share, double least) {
        std::vector<double> figures;
        for (size_t i = size_t(warm); i < m_minutes.size(); ++i)
            figures.push_back(figure(m_minutes[i].held));
        const bench::Trend trend = bench::trendOf(figures);
        const bool judged = figures.size() >= kFewestJudged, flat = bench::isFlat(trend, std::max(share * trend.middle, least));
        std::printf("%-10s median %.0f, %+.1f in %zu minutes along the trend, %.1f around it: %s\n", name, trend.middle, trend.growth, figures.size(),
                    trend.scatter,
                    !judged ? "too short to be judged"
                    : flat  ? "flat"
                            : "GROWS");
        return flat || !judged;
    };
    std::printf("\nAfter a warm-up of %.0f minutes:\n", warm);
    const bool memory = judgedWell(
        "memory MB", [](const bench::Holdings &held) { return held.memory; }, kMemoryShare, 5);
    judgedWell( // no verdict of its own: it tells where growth comes from
        "heap MB", [](const bench::Holdings &held) { return held.heap; }, kMemoryShare, 5);
    const bool handles = judgedWell(
        "handles", [](const bench::Holdings &held) { return held.handles; }, 0, 2);
    const bool threads = judgedWell(
        "threads", [](const bench::Holdings &held) { return held.threads; }, 0, 2);
    return memory && handles && threads;
}

} // namespace

int main(int argc, char **argv)
{
    waitPassively(argv);
    QApplication::setStyle(makeStyle());
    QApplication application(argc, argv);
    QApplication::setApplicationName("pretext-soak");
    QStandardPaths::setTestModeEnabled(true);
    QCommandLineParser parser;
    parser.addHelpOption();
    parser.addOptions({{"minutes", "How long.", "N", "60"},
                       {"warm-up", "Minutes that are not judged; a third of all where that is less.", "N", "10"},
                       {"seed", "Of what is done.", "N", "1"}});
    parser.process(application);
    const double minutes = std::max(1., parser.value("minutes").toDouble());
    settings().clear();
    applyAppearance(Appearance::light);
    QTemporaryDir folder;
    bool well = false;
    {
        MainWindow window;
        window.setRemembers(false);
        window.resize(1600, 900);
        window.show();
        if (!QTest::qWaitForWindowExposed(&window))
            return 1;
        bench::Hand hand(window, {"shapes", writeText(folder)}, parser.value("seed").toUInt());
        Soak soak(window, hand);
        soak.run(minutes);
        well = soak.judge(std::min(parser.value("warm-up").toDouble(), std::floor(minutes / 3))) && soak.failures() == 0;
        std::printf("Done:");
        for (const auto &[what, times] : hand.done())
            std::printf(" %d %s;", times, what.c_str());
        std::printf(" %d jobs failed.\n", soak.failures());
        window.run().stop();
    }
    std::filesystem::remove_all(runsRoot().parent_path());
    settings().clear();
    return well ? 0 : 1;
}
