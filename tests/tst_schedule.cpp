// The learning rate of a run whose end moves, on resume or because the machine's load has changed; and the steps that fit into minutes.
#include "core/engine/lengthening.h"
#include "core/engine/pacer.h"
#include "core/nn/optimizer.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>

using namespace pretext;

namespace {

float factorAt(const SchedulePlan &plan, int64_t steps, int64_t step, const char *schedule = "cosine")
{
    return scheduleFactor(schedule, step, steps, plan, 0.05f);
}

float unmoved(int64_t step, int64_t steps)
{
    return scheduleFactor("cosine", double(step), double(steps), 0.05f);
}

/// A machine on a simulated clock: seconds of a step, by the time it begins. Trains for `budget` seconds, planned from the first step's speed.
struct Simulation
{
    double budget = 600;
    std::function<double(double)> secondsPerStep;
    double elapsed = 2; // of starting
    int64_t step = 0, planned = 0;
    int plans = 0;

    double run()
    {
        planned = std::llround((budget - elapsed) / secondsPerStep(elapsed));
        Pacer pacer(budget, planned, elapsed);
        while (step < planned) {
            elapsed += secondsPerStep(elapsed);
            ++step;
            if (const auto again = pacer.look(step, elapsed)) {
                Q_ASSERT(*again >= step);
                planned = *again;
                ++plans;
            }
        }
        return elapsed / budget;
    }
};

RunConfig cosineRun(int64_t steps)
{
    RunConfig config;
    config.steps = steps;
    config.knobs = KnobSet(optimizerKnobs());
    return config;
}

} // namespace

class TestSchedule : public QObject
{
    Q_OBJECT

private slots:
    void withoutAPlanNothingChanges()
    {
        for (const int64_t steps : {1, 3, 20, 977, 4096})
            for (int64_t step = 0; step < steps; ++step)
                QCOMPARE(factorAt({}, steps, step), unmoved(step, steps));
    }

    void holdKeepsTheLastRate()
    {
        const SchedulePlan plan = changedPlan({}, ScheduleChange::hold, 20, 20, 200);
        for (int64_t step = 0; step < 20; ++step)
            QCOMPARE(factorAt(plan, 200, step), unmoved(step, 20)); // a repeated run takes the same steps
        QVERIFY(unmoved(19, 20) > 0);
        for (const int64_t step : {20, 21, 100, 199})
            QCOMPARE(factorAt(plan, 200, step), unmoved(19, 20));
        // Once more, and resumed in the middle: still the same.
        const SchedulePlan again = changedPlan(plan, ScheduleChange::hold, 200, 200, 300);
        QCOMPARE(again, plan);
        QCOMPARE(factorAt(again, 300, 299), unmoved(19, 20));
    }

    void holdBeforeTheEndGoesOnAsPlanned()
    {
        const SchedulePlan plan = changedPlan({}, ScheduleChange::hold, 7, 20, 40);
        for (int64_t step = 0; step < 20; ++step)
            QCOMPARE(factorAt(plan, 40, step), unmoved(step, 20));
        QCOMPARE(factorAt(plan, 40, 39), unmoved(19, 20));
    }

    void anEarlierEndCutsItShort()
    {
        const SchedulePlan plan = changedPlan({}, ScheduleChange::hold, 7, 20, 12);
        for (int64_t step = 0; step < 12; ++step)
            QCOMPARE(factorAt(plan, 12, step), unmoved(step, 20));
        QCOMPARE(changedPlan(plan, ScheduleChange::hold, 12, 12, 20), SchedulePlan()); // back to what it was
        QCOMPARE(changedPlan({}, ScheduleChange::rewarm, 7, 20, 12), plan);            // no steps are added that it could warm up in
    }

    void rewarmIsASecondSchedule()
    {
        for (const int64_t step : {int64_t(12), int64_t(20)}) {
            const SchedulePlan plan = changedPlan({}, ScheduleChange::rewarm, step, 20, 120);
            for (int64_t i = 0; i < 20; ++i)
                QCOMPARE(factorAt(plan, 120, i), unmoved(i, 20));
            for (int64_t i = 20; i < 120; ++i)
                QCOMPARE(factorAt(plan, 120, i), unmoved(i - 20, 100));
        }
    }

    void stretchIsTheWholeSchedule()
    {
        QCOMPARE(changedPlan(changedPlan({}, ScheduleChange::rewarm, 20, 20, 120), ScheduleChange::stretch, 60, 120, 200), SchedulePlan());
    }

    void aRunWithoutEndKeepsItsRate()
    {
        const SchedulePlan held = changedPlan({}, ScheduleChange::hold, 50, 0, 100);
        QCOMPARE(factorAt(held, 100, 3), 1.f);
        QCOMPARE(factorAt(held, 100, 99), 1.f);
        const SchedulePlan warmed = changedPlan({}, ScheduleChange::rewarm, 50, 0, 150);
        QCOMPARE(factorAt(warmed, 150, 49), 1.f);
        QCOMPARE(factorAt(warmed, 150, 50), unmoved(0, 100));
        for (const SchedulePlan &plan : {held, warmed})
            checkPlan(plan);
    }

    void plannedAgainItDoesNotJump()
    {
        SchedulePlan plan;
        int64_t steps = 1000;
        for (const auto &[step, after] : {std::pair<int64_t, int64_t>{30, 700}, {300, 500}, {400, 2000}}) { // the first in the warm-up
            const float before = factorAt(plan, steps, step);
            plan = fittedPlan(plan, step, steps, after);
            steps = after;
            checkPlan(plan);
            QCOMPARE(factorAt(plan, steps, step), before);
        }
        double largest = 0;
        for (int64_t step = 1; step < steps; ++step)
            largest = std::max(largest, double(std::abs(factorAt(plan, steps, step) - factorAt(plan, steps, step - 1))));
        QVERIFY2(largest < 0.03, qPrintable(QString::number(largest))); // the warm-up's own steps
        QVERIFY(factorAt(plan, steps, steps - 1) < 1e-4);               // and it still ends at its end
        QCOMPARE(plan.size(), size_t(4));                               // each piece is remembered, so that the run can be taken again
        for (int64_t step = 0; step < 30; ++step)
            QCOMPARE(factorAt(plan, steps, step), unmoved(step, 1000));
    }

    void damagedPlansAreRefused()
    {
        const double nan = std::nan("");
        for (const SchedulePlan &plan : {SchedulePlan{{1, 20, 0, 20}},
                                         {{0, 0, 0, 20}},
                                         {{0, 20, -1, 20}},
                                         {{0, 20, 20, 20}},
                                         {{0, 20, 0, nan}},
                                         {{0, 20, nan, 20}},
                                         {{0, 20, 0, 20}, {0, 30, 0, 20}},
                                         {{0, 20, 0, 20}, {-4, 30, 0, 20}}})
            QVERIFY_EXCEPTION_THROWN(checkPlan(plan), std::invalid_argument);
        checkPlan({{0, 20, 0, 20}, {20, 30, 0, 10}});
    }

    void theChoiceIsSaidInNumbers()
    {
        RunConfig config = cosineRun(20);
        config.knobs.set("learning_rate", 0.01);
        const std::string text = lengtheningText(config, 20, 200, ScheduleChange::hold);
        QCOMPARE(QString::fromStdString(text), QString("200 steps instead of 20: the learning rate is 6.82e-05 now; with hold it keeps 6.82e-05, to step 200; "
                                                       "with rewarm it rises again from step 21 on, up to "
                                                       "0.01, and falls to 8.44e-07 at step 200; with stretch it is 0.00993 at the next step, and falls to "
                                                       "6.83e-07 at step 200, as in a run of so many from "
                                                       "the start; hold is what was chosen"));
        QVERIFY(lengtheningText(config, 20, 20, ScheduleChange::hold).empty());
        config.knobs.set("schedule", std::string("constant"));
        QVERIFY(lengtheningText(config, 20, 200, ScheduleChange::hold).empty());
    }

    void aConfigKeepsItsPlan()
    {
        RunConfig config;
        config.image = {32, 32, 3};
        config.knobs = KnobSet(knobsOf(config.method, config.encoder, config.image));
        config.steps = 900;
        QVERIFY(!toJson(config).contains("plan")); // of a run whose end never moved, config.json is as it always was
        config.plan = fittedPlan({}, 300, 1000, 900);
        const nlohmann::json written = nlohmann::json::parse(toJson(config).dump());
        QVERIFY(configFromJson(written).plan == config.plan);
        for (int64_t step = 0; step < 900; ++step)
            QCOMPARE(learningRateAt(configFromJson(written), step), learningRateAt(config, step));
    }

    void contradictingLengthsAreRefused_data()
    {
        QTest::addColumn<QString>("fields");
        QTest::addColumn<QString>("words");
        QTest::newRow("steps and minutes") << R"({"steps": 5, "minutes": 2})"
                                           << "minutes is 2; steps is 5";
        QTest::newRow("negative steps") << R"({"steps": -5})"
                                        << "steps is -5";
        QTest::newRow("a plan without steps") << R"({"plan": [{"begin": 0, "end": 9, "from": 0, "length": 9}]})"
                                              << "plan";
        QTest::newRow("a plan that is no list") << R"({"steps": 9, "plan": 3})"
                                                << "plan is 3; it must be a list";
        QTest::newRow("a plan's unknown field") << R"({"steps": 9, "plan": [{"end": 9, "length": 9, "form": 1}]})"
                                                << "form; did you mean from?";
        QTest::newRow("a plan that goes back") << R"({"steps": 9, "plan": [{"end": 9, "length": 9}, {"begin": 0, "end": 9, "length": 9}]})"
                                               << "segment 2";
        QTest::newRow("a plan's text") << R"({"steps": 9, "plan": [{"end": "late"}]})"
                                       << R"(end is "late")";
    }

    void contradictingLengthsAreRefused()
    {
        QFETCH(QString, fields);
        QFETCH(QString, words);
        try {
            configFromJson(nlohmann::json::parse(fields.toStdString()));
            QFAIL("it was taken");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains(words), error.what());
        }
    }

    void aQuietMachineIsPlannedOnce()
    {
        uint32_t state = 1;
        Simulation noisy{.secondsPerStep = [&](double) { // a tenth up and down, and a stall of two seconds now and then
            state = state * 1664525 + 1013904223;
            return 0.1 * (0.9 + 0.2 * (state >> 8) / double(1 << 24)) + (state % 997 == 0 ? 2 : 0);
        }};
        const double share = noisy.run();
        QVERIFY2(std::abs(share - 1) < 0.15, qPrintable(QString::number(share)));
        QVERIFY(noisy.plans <= 1); // the stalls add up to more than the first steps told
        Simulation quiet{.secondsPerStep = [](double) { return 0.1; }};
        QVERIFY(std::abs(quiet.run() - 1) < 0.01);
        QCOMPARE(quiet.plans, 0);
    }

    void aChangingLoadEndsInTime_data()
    {
        QTest::addColumn<double>("at"); // share of the budget from which on the load is another
        QTest::addColumn<double>("factor");
        QTest::addColumn<double>("step"); // seconds
        for (const double at : {0.02, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95})
            for (const double factor : {0.1, 0.3, 0.5, 2., 4., 20.})
                for (const double step : {0.01, 1.})
                    QTest::addRow("at %g, times %g, of %g s", at, factor, step) << at << factor << step;
    }

    void aChangingLoadEndsInTime()
    {
        QFETCH(double, at);
        QFETCH(double, factor);
        QFETCH(double, step);
        Simulation simulation{.secondsPerStep = [&](double now) { return now < at * 600 ? step : factor * step; }};
        const double share = simulation.run();
        QVERIFY2(std::abs(share - 1) <= 0.15, qPrintable(QString("%1 of the time, %2 plans").arg(share).arg(simulation.plans)));
        QVERIFY(simulation.plans <= 6);
    }

    void aLoadThatComesAndGoesEndsInTime()
    {
        for (const double period : {30., 100., 250.}) {
            Simulation simulation{.secondsPerStep = [period](double now) { return std::fmod(now, period) < period / 2 ? 0.05 : 0.2; }};
            const double share = simulation.run();
            QVERIFY2(std::abs(share - 1) <= 0.15, qPrintable(QString("%1 of the time with a period of %2 s").arg(share).arg(period)));
        }
    }
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
