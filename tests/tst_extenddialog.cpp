// Moving the planned end in the window: the learning rate's choices in numbers, and that the chosen one is what the job does.
#include "app/extenddialog.h"
#include "core/engine/lengthening.h"
#include "widgets/run.h"

#include "jobfixture.h"

#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QTest>

using namespace pretext;

class TestExtendDialog : public QObject
{
    Q_OBJECT

private slots:
    void theChoiceIsSaidAndTaken();
    void aConstantRateAsksNothing();
};

void TestExtendDialog::theChoiceIsSaidAndTaken()
{
    Run run;
    TrainerOptions options = test::shapesJob();
    options.config.steps = 2;
    options.startPaused = false;
    run.start(options);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::ended, 30000);

    ExtendDialog dialog(&run, nullptr);
    dialog.findChild<QSpinBox *>()->setValue(3);
    RunConfig config = run.config();
    for (const ScheduleChange change : {ScheduleChange::hold, ScheduleChange::rewarm, ScheduleChange::stretch}) {
        const auto *choice = dialog.findChild<QRadioButton *>(nameOf(change));
        QVERIFY2(choice->text().endsWith(QString::fromStdString(scheduleChangeText(config, 2, 5, change))), qPrintable(choice->text()));
    }
    QVERIFY(dialog.findChild<QRadioButton *>("hold")->isChecked());
    dialog.findChild<QRadioButton *>("rewarm")->setChecked(true);
    dialog.reject();
    QCOMPARE(run.status().plannedSteps, int64_t(2));

    dialog.findChild<QPushButton *>("train")->click();
    QTRY_COMPARE_WITH_TIMEOUT(run.status().step, int64_t(5), 30000);
    const auto &events = run.events();
    const auto moved = std::find_if(events.begin(), events.end(), [](const Event &event) { return event.kind == "schedule"; });
    QVERIFY(moved != events.end());
    QCOMPARE(moved->name, std::string("rewarm"));
    QCOMPARE(moved->after, std::string("5"));
    QCOMPARE(run.status().plan, changedPlan({}, ScheduleChange::rewarm, 2, 2, 5));
}

void TestExtendDialog::aConstantRateAsksNothing()
{
    Run run;
    TrainerOptions options = test::shapesJob();
    options.config.steps = 2;
    options.config.knobs.set("schedule", std::string("constant"));
    run.start(options);
    QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::paused, 30000);
    ExtendDialog dialog(&run, nullptr);
    dialog.show();
    QVERIFY(!dialog.findChild<QRadioButton *>("stretch")->isVisible());
}

QTEST_MAIN(TestExtendDialog)
#include "tst_extenddialog.moc"
