// The time slider of the window: what it says, its keys, and that every panel shows the step under its handle.
#include "app/dockarea.h"
#include "app/stepdialog.h"
#include "app/timebar.h"
#include "jobfixture.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/controls/stepslider.h"
#include "widgets/lookback.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include <QAction>
#include <QDockWidget>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>

using namespace pretext;

class TestTimeBar : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void cleanup() { m_window.reset(); }
    void ticksAndKeysLeadThroughTheSteps();
    void everyPanelShowsTheStep();
    void aFarStepSaysHowLongItTakesAndCanBeGivenUp();
    void theStepIsForkedAndGoneBackTo();
    void aRunWithoutAFolderSaysSo();

private:
    void takeSteps(int count);
    bool shows(int64_t step) const { return run().looksBack() && run().shownStep() == step; }
    Run &run() const { return m_window->run(); }
    TimeBar &bar() const { return m_window->time(); }
    QString said(const QString &panel) const { return dynamic_cast<CanvasContent &>(*m_window->docks().panel(panel)).description(); }

    QString drawn(const QString &panel) const
    {
        Panel *widget = m_window->docks().panel(panel);
        test::CatchingCanvas canvas({900, 700}, Theme::of(widget));
        dynamic_cast<CanvasContent &>(*widget).draw(canvas);
        QStringList texts;
        for (const auto &[text, place] : canvas.texts)
            texts << text;
        return texts.join(u' ');
    }

    QTemporaryDir m_folder;
    int m_runs = 0;
    std::unique_ptr<MainWindow> m_window;
};

void TestTimeBar::initTestCase()
{
    qputenv("PRETEXT_UNLISTED", "1");
    test::useOwnSettings("pretext-tst-timebar");
}

void TestTimeBar::init()
{
    m_window = test::shownWindow({1280, 720});
    QVERIFY(m_window);
}

/// Of a new run, paused after each; every pause keeps a checkpoint.
void TestTimeBar::takeSteps(int count)
{
    TrainerOptions options = test::shapesJob((m_folder.path() + "/run").toStdString() + std::to_string(++m_runs));
    options.config.steps = 50;
    run().start(options);
    QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::paused, 30000);
    for (int step = 1; step <= count; ++step) {
        run().stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(run().status().step == step && run().status().state == TrainerState::paused, 30000);
    }
    QTRY_VERIFY_WITH_TIMEOUT(bar().slider().isEnabled() && bar().slider().isAtOnce(count), 10000);
}

void TestTimeBar::ticksAndKeysLeadThroughTheSteps()
{
    takeSteps(4);
    StepSlider &slider = bar().slider();
    QCOMPARE(bar().text(), QString("Time: step 4, now"));
    QVERIFY(slider.isNow());
    auto *now = bar().findChild<QPushButton *>("now");
    QVERIFY(!now->isVisible());
    QTest::keyClick(&slider, Qt::Key_Left);
    QTRY_VERIFY_WITH_TIMEOUT(shows(3), 30000);
    QTRY_COMPARE(bar().text(), QString("Step 3 of 50 is shown; training is paused"));
    QVERIFY(now->isVisible());
    QTest::keyClick(&slider, Qt::Key_Home);
    QTRY_VERIFY_WITH_TIMEOUT(shows(0), 30000);
    QTest::keyClick(&slider, Qt::Key_PageDown);
    QTRY_VERIFY_WITH_TIMEOUT(shows(1), 30000);
    QTest::mouseClick(&slider, Qt::LeftButton, {}, {slider.width() / 2 + 2, slider.height() / 2}); // beside the tick of step 2
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    run().stepOnce(); // the run goes on, and the step stays
    QTRY_COMPARE_WITH_TIMEOUT(run().status().step, 5, 30000);
    QVERIFY(shows(2) && slider.value() == 2 && slider.maximum() == 5);
    QTest::keyClick(&slider, Qt::Key_Escape);
    QVERIFY(!run().looksBack() && slider.isNow() && !now->isVisible());
    QCOMPARE(bar().text(), QString("Time: step 5, now"));
    const auto trigger = [this](QKeySequence keys) {
        for (QAction *action : m_window->findChildren<QAction *>())
            if (action->shortcut() == keys)
                return action->trigger();
        QFAIL("no action has that shortcut");
    };
    trigger(Qt::Key_BracketLeft);
    QTRY_VERIFY_WITH_TIMEOUT(run().looksBack(), 30000);
    trigger(Qt::CTRL | Qt::Key_L);
    QVERIFY(!run().looksBack());
}

void TestTimeBar::everyPanelShowsTheStep()
{
    for (const char *panel : {"viewpairs", "similarity", "health", "neighbours", "embeddingmap"})
        if (!m_window->docks().dock(panel))
            QFAIL(panel);
    for (const char *panel : {"health", "neighbours", "embeddingmap", "viewpairs", "similarity"}) { // side by side, each in sight
        m_window->docks().dock(panel)->setFloating(true);
        m_window->docks().show(panel);
    }
    takeSteps(4);
    const auto says = [&](const char *panel, const QString &step) { return said(panel).contains(step); };
    for (const char *panel : {"health", "neighbours", "embeddingmap"})
        QTRY_VERIFY2_WITH_TIMEOUT(says(panel, "tep 4"), qPrintable(said(panel)), 10000);
    bar().slider().setValue(2);
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    for (const char *panel : {"health", "neighbours", "embeddingmap"})
        QTRY_VERIFY2_WITH_TIMEOUT(says(panel, "tep 2"), qPrintable(said(panel)), 10000);
    QVERIFY2(drawn("similarity").contains("Step 2:"), qPrintable(drawn("similarity"))); // at once, with its snapshot
    bar().showNow();
    QVERIFY2(drawn("similarity").contains("Step 4:"), qPrintable(drawn("similarity")));
    for (const char *panel : {"health", "neighbours", "embeddingmap"})
        QTRY_VERIFY2_WITH_TIMEOUT(says(panel, "tep 4"), qPrintable(said(panel)), 10000);
}

void TestTimeBar::aFarStepSaysHowLongItTakesAndCanBeGivenUp()
{
    TrainerOptions options = test::shapesJob((m_folder.path() + "/far").toStdString());
    options.config.steps = 0;
    options.startPaused = false;
    run().start(options);
    QTRY_VERIFY_WITH_TIMEOUT(run().status().step >= 200, 60000);
    run().pause();
    QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::paused, 30000);
    const int64_t newest = run().status().step, far = newest - 2;
    QTRY_VERIFY_WITH_TIMEOUT(bar().slider().isAtOnce(1), 10000); // after the only checkpoint before the newest
    auto *cancel = bar().findChild<QPushButton *>("cancelStep");
    auto *meanwhile = bar().findChild<QLabel *>("meanwhile");
    const auto begin = [&] {
        run().lookBack().show(far);
        QVERIFY(cancel->isVisible() && meanwhile->isVisible());
        QVERIFY(run().lookBack().secondsLeft() > 0.);
    };
    begin();
    QCOMPARE(*run().lookBack().secondsLeft(), run().status().timings.total / 1000 * double(far)); // none was taken again yet
    QCOMPARE(meanwhile->text(), QStringLiteral("the panels show step %1 until then").arg(QLocale().toString(qlonglong(newest))));
    cancel->click();
    QVERIFY(!run().lookBack().asked() && !run().looksBack() && !cancel->isVisible());
    QVERIFY(bar().slider().isNow());

    run().lookBack().show(1);
    QTRY_VERIFY_WITH_TIMEOUT(shows(1), 30000);
    begin();
    QCOMPARE(meanwhile->text(), QStringLiteral("the panels show step 1 until then"));
    cancel->click();
    QVERIFY(shows(1) && run().lookBack().asked() == 1 && bar().slider().value() == 1 && !cancel->isVisible());
    QTest::qWait(200);
    QVERIFY(shows(1) && run().lookBack().progress().isEmpty());
    begin(); // what was given up can be asked for again
    QTRY_VERIFY_WITH_TIMEOUT(shows(far), 60000);
    QVERIFY(!run().lookBack().secondsLeft());
}

void TestTimeBar::theStepIsForkedAndGoneBackTo()
{
    takeSteps(3);
    const std::filesystem::path folder = run().path();
    bar().slider().setValue(2);
    QTRY_VERIFY_WITH_TIMEOUT(shows(2), 30000);
    bar().findChild<QPushButton *>("goBackHere")->click();
    StepDialog *dialog = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((dialog = m_window->findChild<StepDialog *>()), 10000);
    QCOMPARE(dialog->findChild<QSpinBox *>()->value(), 2);
    dialog->reject();
    bar().findChild<QPushButton *>("forkHere")->click();
    QTRY_VERIFY_WITH_TIMEOUT(run().path() != folder && run().hasJob() && run().status().state == TrainerState::paused, 30000);
    QVERIFY(run().config().parent == (Parent{folder, 2}));
    QVERIFY(!run().looksBack());
    QCOMPARE(run().status().step, 2);
}

void TestTimeBar::aRunWithoutAFolderSaysSo()
{
    QCOMPARE(bar().text(), QString("Time: no run is open"));
    run().start(test::shapesJob());
    QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::paused, 30000);
    run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(run().status().step, 1, 30000);
    QVERIFY2(bar().text().contains("keeps no folder"), qPrintable(bar().text()));
    QVERIFY(!bar().slider().isEnabled());
}

QTEST_MAIN(TestTimeBar)
#include "tst_timebar.moc"
