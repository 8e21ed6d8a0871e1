#include "tests/bench/window/trainingcost.h"

#include "app/dockarea.h"
#include "app/mainwindow.h"
#include "tests/bench/window/everypanel.h"
#include "widgets/run.h"

#include <QDockWidget>
#include <QTest>

#include <algorithm>
#include <cstdio>

namespace pretext::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kWarmUp = 2; // seconds before a measurement begins

/// Steps per second between two looks at the job's step.
template<class StepNow, class Wait>
double rate(StepNow stepNow, Wait wait, double seconds)
{
    while (stepNow() < 1)
        wait(0.05);
    wait(kWarmUp);
    const auto begun = Clock::now();
    const int64_t before = stepNow();
    wait(seconds);
    return double(stepNow() - before) / std::chrono::duration<double>(Clock::now() - begun).count();
}

double headless(const TrainerOptions &options, double seconds)
{
    Job job(options, std::make_unique<Lanes>());
    return rate([&] { return job.lanes().status.latest().step; }, [](double time) { std::this_thread::sleep_for(std::chrono::duration<double>(time)); },
                seconds);
}

double inWindow(MainWindow &window, const TrainerOptions &options, bool open, double seconds)
{
    if (open)
        showEveryPanel(window);
    else
        for (const PanelType &type : panelTypes())
            window.docks().dock(type.name)->hide();
    window.run().start(options);
    const double result = rate([&] { return window.run().status().step; }, [](double time) { QTest::qWait(int(time * 1000)); }, seconds);
    window.run().stop();
    return result;
}

double median(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
    return values[values.size() / 2];
}

} // namespace

void measureTrainingCost(MainWindow &window, const TrainerOptions &options, int rounds, double seconds)
{
    const std::pair<const char *, std::function<double()>> modes[] = {
        {"headless", [&] { return headless(options, seconds); }},
        {"window, panels open", [&] { return inWindow(window, options, true, seconds); }},
        {"window, panels closed", [&] { return inWindow(window, options, false, seconds); }},
    };
    modes[0].second(); // the first job also fills caches
    std::vector<double> rates[std::size(modes)];
    for (int round = 0; round < rounds; ++round)
        for (size_t mode = 0; mode < std::size(modes); ++mode)
            rates[mode].push_back(modes[mode].second());
    std::printf("training, steps a second   median   slower   each round\n");
    for (size_t mode = 0; mode < std::size(modes); ++mode) {
        std::printf("%-24s %8.2f %7.1f%%  ", modes[mode].first, median(rates[mode]), 100 * (1 - median(rates[mode]) / median(rates[0])));
        for (double value : rates[mode])
            std::printf(" %.2f", value);
        std::printf("\n");
    }
}

} // namespace pretext::bench
