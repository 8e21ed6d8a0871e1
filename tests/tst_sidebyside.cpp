// Two runs side by side in the window: forked from the one that is open, in lock-step with it, twice in every panel that shows one run, with knobs that are
// turned in both or in one, and ended with either of the two.
#include "app/dockarea.h"
#include "app/extenddialog.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runkeeper.h"
#include "app/runs.h"
#include "app/session.h"
#include "app/stepdialog.h"
#include "core/engine/rowfile.h"
#include "widgets/controls/knobeditor.h"
#include "widgets/controls/linkbutton.h"
#include "widgets/panelpair.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QToolButton>
#include <QUndoStack>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace pretext;

class TestSideBySide : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { test::useOwnSettings("pretext-tst-sidebyside"); }
    void init();
    void cleanup();
    void cleanupTestCase() { std::filesystem::remove_all(runsRoot().parent_path()); }

    void aForkStandsBesideItsParentAtTheSameStep();
    void bothShowTheSameBeforeTheirFirstStep();
    void aPauseDuringAnEvaluationIsAcknowledged();
    void closingLeavesBothAtOneStep();
    void whatIsAskedOfOneBothDo();
    void aLinkedKnobIsTurnedInBothAnotherInOne();
    void panelsStandTwiceAndShareTheirChoices();
    void whatScrollsInOneScrollsInTheOther();
    void theDifferenceIsRightLessLeftOfTheSameCells();
    void aChainBesideAKnobGivesEachRunItsOwn();
    void endingKeepsTheLeftAndSavesTheRight();
    void endingWithTheRightGoesOnFromItsLastStep();
    void rewindingLeadsBothToWhereTheyParted();
    void goingBackTakesBothToTheSameStep();
    void whereTheLeftCannotGoBackTheRightStays();
    void aCrashedPairIsOfferedTogether();
    void aSessionOpensBothWithTheirLinks();
    void aForkOfAnEndedRunIsGivenMoreSteps();

private:
    Run &left() { return m_window->run(); }
    Run &right() { return *m_window->workbench().sideBySide()->right(); }
    SideBySide &together() { return *m_window->workbench().sideBySide(); }
    bool bothPaused() { return left().status().state == TrainerState::paused && right().status().state == TrainerState::paused; }
    void choose(const QString &entry);
    void fork();
    void play(int steps);

    std::unique_ptr<MainWindow> m_window;
};

void TestSideBySide::init()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
    const auto dataset = openDataset("shapes");
    TrainerOptions options;
    options.config = makeConfig("simclr", "mlp", "shapes", dataset->info());
    options.config.batch = 8;
    options.config.threads = 1;
    options.dataset = dataset;
    options.out = m_window->runs().newPath(options.config);
    left().start(options);
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step >= 5, 30000);
}

void TestSideBySide::cleanup()
{
    m_window.reset();
}

void TestSideBySide::choose(const QString &entry)
{
    for (QAction *action : m_window->findChildren<QAction *>())
        if (action->text().remove('&').startsWith(entry)) {
            action->trigger();
            return;
        }
    QFAIL(qPrintable(entry));
}

void TestSideBySide::fork()
{
    choose("Fork here and watch both");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workbench().sideBySide() && bothPaused(), 30000);
}

void TestSideBySide::play(int steps)
{
    const qint64 before = left().status().step;
    left().play();
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step >= before + steps, 30000);
    left().pause();
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused(), 30000);
}

void TestSideBySide::aForkStandsBesideItsParentAtTheSameStep()
{
    fork();
    QVERIFY(right().path() != left().path());
    QCOMPARE(right().config().parent->run, left().path());
    QCOMPARE(right().status().step, left().status().step);
    QCOMPARE(right().dataset(), left().dataset()); // opened once
    play(6);
    QCOMPARE(right().status().step, left().status().step);
    QTRY_COMPARE_WITH_TIMEOUT(right().history().steps.empty() ? 0. : right().history().steps.back(), left().history().steps.back(), 30000);
    const auto &mine = left().history().columns.at("loss/total"), &its = right().history().columns.at("loss/total");
    for (size_t i = 1; i <= its.size(); ++i)
        QCOMPARE(its[its.size() - i], mine[mine.size() - i]); // bit for bit, as nothing was changed
    QTRY_VERIFY_WITH_TIMEOUT(together().both().left, 30000);
    QCOMPARE(together().both().left->step, together().both().right->step);
    QCOMPARE(together().title(&left()), QStringLiteral("left"));
}

/// The parent had taken steps, the fork none.
void TestSideBySide::bothShowTheSameBeforeTheirFirstStep()
{
    fork();
    QTRY_VERIFY_WITH_TIMEOUT(together().both().left, 30000); // of one step and one batch
    QCOMPARE(left().snapshot()->step, left().status().step);
    QCOMPARE(right().snapshot()->indices, left().snapshot()->indices);
    const auto similarity = [](Run &run) { return run.snapshot()->channel<Matrix>("similarity"); };
    QTRY_VERIFY_WITH_TIMEOUT(similarity(left()) && similarity(right()), 30000);
    QCOMPARE(similarity(right())->values, similarity(left())->values);
    const auto batch = left().snapshot()->indices;
    const int64_t next = left().status().step + 1;
    choose("One step");
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused() && left().snapshot()->step == next && right().snapshot()->step == next, 30000);
    QVERIFY(left().snapshot()->indices != batch); // that was the last step's
}

namespace {

/// Looks as long as the test likes.
std::atomic<bool> g_looking = false, g_mayLookOn = false;

class SlowObserver : public Observer
{
public:
    const std::vector<std::string> &columns() const override { return m_columns; }
    void follow(const ScalarRow &) override {}
    std::vector<double> look(const EncoderCopy &) override
    {
        g_looking = true;
        while (!g_mayLookOn)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return {1};
    }
    std::string news() override { return {}; }

private:
    std::vector<std::string> m_columns{"evaluation/knn"};
};

} // namespace

void TestSideBySide::aPauseDuringAnEvaluationIsAcknowledged()
{
    fork();
    TrainerOptions options = right().options();
    m_window->workbench().endSideBySide();
    options.config.evaluateEvery = 4;
    options.observer = [](const RunConfig &, const Dataset &) -> std::unique_ptr<Observer> { return std::make_unique<SlowObserver>(); };
    options.out = m_window->runs().newPath(options.config);
    m_window->workbench().putBeside(std::move(options));
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused() && right().status().step > 0, 30000);
    g_looking = false;
    g_mayLookOn = false;
    auto *doing = m_window->findChild<QLabel *>("doing");
    QVERIFY(doing && !doing->isVisible());
    left().play();
    QTRY_VERIFY_WITH_TIMEOUT(g_looking, 30000);
    QTRY_VERIFY_WITH_TIMEOUT(doing->isVisible() && doing->text().startsWith("right run: evaluating step"), 30000);
    choose("Play or pause");
    QTRY_VERIFY2_WITH_TIMEOUT(doing->text().endsWith("pauses after it"), qPrintable(doing->text()), 30000);
    QVERIFY(right().isPausing() && !bothPaused());
    choose("Play or pause"); // goes on after all
    QTRY_VERIFY_WITH_TIMEOUT(!right().isPausing() && !doing->text().contains("pauses"), 30000);
    choose("Play or pause");
    g_mayLookOn = true;
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused(), 30000);
    QCOMPARE(right().status().step, left().status().step);
    QTRY_VERIFY_WITH_TIMEOUT(!doing->isVisible(), 30000);
    left().play();
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step > right().config().parent->step + 8, 30000); // nothing is left of the pause
}

void TestSideBySide::closingLeavesBothAtOneStep()
{
    fork();
    const auto mine = left().path(), its = right().path();
    left().play();
    QTRY_VERIFY_WITH_TIMEOUT(left().history().steps.size() > 8, 30000);
    m_window->close();
    QCOMPARE(stepOf(checkpointsIn(its).back()), stepOf(checkpointsIn(mine).back()));
    QVERIFY(stepOf(checkpointsIn(mine).back()) > 8);
}

void TestSideBySide::whatIsAskedOfOneBothDo()
{
    fork();
    const qint64 before = left().status().step;
    choose("One step");
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused() && left().status().step == before + 1 && right().status().step == before + 1, 30000);
    right().togglePlay();
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step > before + 3 && right().status().step > before + 3, 30000);
    choose("Play or pause");
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused(), 30000);
    QCOMPARE(right().status().step, left().status().step);
}

void TestSideBySide::aLinkedKnobIsTurnedInBothAnotherInOne()
{
    fork();
    Request &mine = *together().request(&left()), &its = *together().request(&right());
    mine.setKnob("temperature", 0.3);
    QTRY_VERIFY_WITH_TIMEOUT(left().config().knobs.real("temperature") == 0.3 && right().config().knobs.real("temperature") == 0.3, 30000);
    together().setLinked("temperature", false);
    its.setKnob("temperature", 0.7);
    QTRY_COMPARE_WITH_TIMEOUT(right().config().knobs.real("temperature"), 0.7, 30000);
    QCOMPARE(left().config().knobs.real("temperature"), 0.3);
    QCOMPARE(together().title(&left()), QStringLiteral("temperature 0.3"));
    QCOMPARE(together().title(&right()), QStringLiteral("temperature 0.7"));
    QVERIFY(together().isLinked("learning_rate") && !together().isLinked("temperature") && !together().canLink("projector.width"));
    play(4);
    const auto &lossOfMine = left().history().columns.at("loss/total"), &lossOfIts = right().history().columns.at("loss/total");
    QVERIFY(lossOfMine.back() != lossOfIts.back());

    mine.undoStack()->undo(); // the right one's, which was the last
    QTRY_COMPARE_WITH_TIMEOUT(right().config().knobs.real("temperature"), 0.3, 30000);
    mine.undoStack()->redo();
    together().setLinked("temperature", true);
    QTRY_COMPARE_WITH_TIMEOUT(right().config().knobs.real("temperature"), 0.3, 30000);
    QCOMPARE(left().config().knobs.real("temperature"), 0.3);
}

void TestSideBySide::panelsStandTwiceAndShareTheirChoices()
{
    DockArea &docks = m_window->docks();
    QPointer<Panel> similarity = docks.panel("similarity");
    fork();
    auto *pair = qobject_cast<PanelPair *>(docks.dock("similarity")->widget());
    QVERIFY(pair && pair->left() == similarity && pair->right()->isShowing());
    for (const char *whole : {"lesson", "runs", "metrics", "controls"})
        QVERIFY(!qobject_cast<PanelPair *>(docks.dock(whole)->widget()));
    play(3);
    QTRY_VERIFY_WITH_TIMEOUT(right().snapshot() && right().snapshot()->channels.contains("similarity"), 30000); // it is asked for what it shows
    auto *shows = pair->findChild<QComboBox *>();
    QVERIFY(shows);
    shows->setCurrentIndex(1);
    QTRY_VERIFY_WITH_TIMEOUT(right().snapshot()->channels.contains("similarity/softmax"), 30000);
    QVERIFY(pair->findChild<QLabel *>("right")->text().contains("right"));

    docks.show("histogram"); // what lies behind a tab asks for nothing, in both
    docks.show("metrics");
    QVERIFY(!static_cast<PanelPair *>(docks.dock("histogram")->widget())->right()->isShowing());
    choose("Go on with the left run");
    QCOMPARE(docks.dock("similarity")->widget(), similarity.data());
    QVERIFY(similarity->isShowing());
    QVERIFY(m_window->findChildren<PanelPair *>().isEmpty());
}

void TestSideBySide::whatScrollsInOneScrollsInTheOther()
{
    m_window->resize(1000, 600);
    fork();
    m_window->docks().show("viewpairs");
    auto *pair = static_cast<PanelPair *>(m_window->docks().dock("viewpairs")->widget());
    auto &mine = dynamic_cast<CanvasContent &>(*pair->left()), &its = dynamic_cast<CanvasContent &>(*pair->right());
    const Selection &selection = *m_window->findChild<Selection *>();
    const auto lowest = [&](CanvasContent &panel) { // row of the batch that is shown last
        int row = -1;
        for (int y = pair->height() - 60; row < 0 && y > 0; y -= 5) {
            panel.hover({40, qreal(y)});
            row = selection.hovered().row;
            panel.leave();
        }
        return row;
    };
    QTRY_VERIFY_WITH_TIMEOUT(lowest(mine) >= 0 && lowest(mine) == lowest(its), 30000);
    const int before = lowest(mine);
    mine.wheel({40, 40}, -20);
    QVERIFY(lowest(mine) > before);
    QCOMPARE(lowest(its), lowest(mine));
    its.wheel({40, 40}, 20);
    QCOMPARE(lowest(its), before);
    QCOMPARE(lowest(mine), before);
}

void TestSideBySide::theDifferenceIsRightLessLeftOfTheSameCells()
{
    fork();
    auto *pair = qobject_cast<PanelPair *>(m_window->docks().dock("similarity")->widget());
    auto *difference = pair->findChild<QToolButton *>("difference");
    QVERIFY(difference && difference->isVisible());
    together().setLinked("temperature", false);
    together().request(&right())->setKnob("temperature", 1.);
    together().setLinked("learning_rate", false);
    together().request(&right())->setKnob("learning_rate", 0.05);
    difference->click();
    play(12);
    QTRY_VERIFY_WITH_TIMEOUT(together().both().left && together().both().left->step == left().status().step, 30000);
    const auto *mine = together().both().left->channel<Matrix>("similarity"), *its = together().both().right->channel<Matrix>("similarity");
    QVERIFY(mine && its && mine->rows == 16);
    QTRY_VERIFY_WITH_TIMEOUT(!pair->left()->csv().isEmpty(), 30000);
    const QStringList lines = pair->left()->csv().split('\n');
    double largest = 0;
    for (int row = 0; row < 16; ++row)
        for (int column = 0; column < 16; ++column) {
            const double shown = lines[row + 1].split(',')[column + 1].toDouble(), real = double(its->at(row, column)) - double(mine->at(row, column));
            QVERIFY2(qAbs(shown - real) < 1e-5, qPrintable(QStringLiteral("%1 %2").arg(shown).arg(real)));
            largest = std::max(largest, qAbs(real));
        }
    QVERIFY(largest > 0.01);
    difference->click();
    QTRY_VERIFY_WITH_TIMEOUT(qAbs(pair->left()->csv().split('\n')[1].split(',')[1].toDouble() - 1) < 1e-3, 30000); // a view with itself
    QVERIFY(pair->right()->width() > 50);
}

void TestSideBySide::aChainBesideAKnobGivesEachRunItsOwn()
{
    fork();
    const auto editors = [&](const char *knob) {
        QList<KnobEditor *> shown;
        for (KnobEditor *editor : m_window->findChildren<KnobEditor *>())
            if (editor->knob().name == knob && editor->isVisible())
                shown << editor;
        return shown;
    };
    QCOMPARE(editors("temperature").size(), 1);
    editors("temperature")[0]->link().click();
    QTRY_COMPARE_WITH_TIMEOUT(editors("temperature").size(), 2, 30000);
    QVERIFY(!together().isLinked("temperature"));
    emit editors("temperature")[1]->edited(0.6);
    QTRY_COMPARE_WITH_TIMEOUT(right().config().knobs.real("temperature"), 0.6, 30000);
    QVERIFY(left().config().knobs.real("temperature") != 0.6);
    QVERIFY(!editors("encoder.width").size() || !editors("encoder.width")[0]->isEnabled());
    auto *all = m_window->findChild<LinkButton *>("linkAll");
    QVERIFY(all && !all->isLinked());
    all->click();
    QTRY_COMPARE_WITH_TIMEOUT(right().config().knobs.real("temperature"), left().config().knobs.real("temperature"), 30000);
    QVERIFY(all->isLinked());
    QTRY_COMPARE_WITH_TIMEOUT(editors("temperature").size(), 1, 30000);
    m_window->workbench().requestAlone(false);
    QTRY_VERIFY_WITH_TIMEOUT(!m_window->workbench().sideBySide(), 30000);
    QVERIFY(!all->isVisible());
}

void TestSideBySide::endingKeepsTheLeftAndSavesTheRight()
{
    fork();
    play(3);
    const auto folder = right().path();
    const qint64 step = right().status().step;
    choose("Go on with the left run");
    QVERIFY(!m_window->workbench().sideBySide());
    QVERIFY(left().hasJob());
    QCOMPARE(stepOf(checkpointsIn(folder).back()), step);
    left().play();
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step > step + 3, 30000); // at nobody's turn but its own
    fork();                                                           // and again
    QVERIFY(right().path() != folder);
}

void TestSideBySide::endingWithTheRightGoesOnFromItsLastStep()
{
    fork();
    together().setLinked("temperature", false);
    together().request(&right())->setKnob("temperature", 0.7);
    play(3);
    const auto folder = right().path(), parent = left().path();
    const qint64 step = right().status().step;
    choose("Go on with the right run");
    QVERIFY(!m_window->workbench().sideBySide());
    QTRY_VERIFY_WITH_TIMEOUT(left().path() == folder && left().status().state == TrainerState::paused, 30000);
    QCOMPARE(left().status().step, step);
    QCOMPARE(left().config().knobs.real("temperature"), 0.7);
    QCOMPARE(stepOf(checkpointsIn(parent).back()), step); // of the one that was let go
}

void TestSideBySide::rewindingLeadsBothToWhereTheyParted()
{
    fork();
    const qint64 parted = left().status().step;
    play(4);
    QVERIFY(left().status().step > parted);
    choose("Rewind");
    auto *question = m_window->findChild<QMessageBox *>("rewind");
    QVERIFY(question && question->text().contains("where they parted") && left().status().step > parted);
    for (QAbstractButton *button : question->buttons())
        if (question->buttonRole(button) == QMessageBox::AcceptRole)
            button->click();
    QTRY_VERIFY_WITH_TIMEOUT(bothPaused() && left().status().step == parted && right().status().step == parted, 30000);
    play(2);
    QCOMPARE(right().status().step, left().status().step);
}

void TestSideBySide::goingBackTakesBothToTheSameStep()
{
    fork();
    const qint64 parted = left().status().step;
    const auto mine = left().path(), its = right().path();
    play(6);
    left().play(); // it may be asked while both train
    m_window->workbench().requestStep(parted + 3);
    StepDialog *dialog = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((dialog = m_window->findChild<StepDialog *>()), 30000);
    auto *back = dialog->findChild<QPushButton *>("goBack");
    dialog->findChild<QSpinBox *>()->setValue(int(parted) - 1);
    QVERIFY(!back->isEnabled()); // the right one was never there
    dialog->findChild<QSpinBox *>()->setValue(int(parted) + 3);
    QVERIFY(back->isEnabled());
    back->click();
    const auto isThere = [&](Run &run) { return run.hasJob() && run.status().state == TrainerState::paused && run.status().step == parted + 3; };
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workbench().sideBySide() && isThere(left()) && isThere(right()), 30000);
    QVERIFY(left().path() == mine && right().path() == its);
    play(3);
    QCOMPARE(right().status().step, left().status().step);
    QTRY_COMPARE_WITH_TIMEOUT(right().history().steps.front(), double(parted) + 1, 10000); // and its curve is whole
    QTRY_COMPARE_WITH_TIMEOUT(left().history().steps.front(), 1., 10000);
}

void TestSideBySide::whereTheLeftCannotGoBackTheRightStays()
{
    fork();
    const qint64 parted = left().status().step;
    play(4);
    const qint64 step = right().status().step;
    const auto folder = left().path(), config = folder / "config.json", aside = folder / "aside.json";
    m_window->workbench().requestStep(parted + 2);
    StepDialog *dialog = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((dialog = m_window->findChild<StepDialog *>()), 30000);
    std::filesystem::rename(config, aside); // the disk lost it
    dialog->findChild<QPushButton *>("goBack")->click();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("config.json"), 30000);
    std::filesystem::rename(aside, config);
    m_window->opener().openRun(QString::fromStdString(folder.string()), true, true); // a job begins on the left, another than was waited for
    QTRY_VERIFY_WITH_TIMEOUT(left().hasJob() && left().status().state == TrainerState::paused && left().status().step == step, 30000);
    QTest::qWait(1000); // the right one would be taken back in the background
    QVERIFY(m_window->workbench().sideBySide() && right().hasJob());
    QCOMPARE(right().status().step, step);
    QVERIFY(!m_window->findChild<StepDialog *>());
}

void TestSideBySide::aCrashedPairIsOfferedTogether()
{
    fork();
    play(3);
    const QString parent = QString::fromStdString(left().path().string()), forked = QString::fromStdString(right().path().string());
    const qint64 step = left().status().step;
    m_window.reset(); // as if killed: both are whole, and marked as open by a process that is gone
    m_window = test::shownWindow();
    emit m_window->runs().crashedPairFound(parent, forked);
    QPushButton *resume = nullptr;
    for (QPushButton *button : m_window->findChildren<QPushButton *>())
        if (button->text() == QLatin1String("Resume both"))
            resume = button;
    QVERIFY(resume);
    resume->click();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workbench().sideBySide() && bothPaused(), 30000);
    QCOMPARE(left().path().string(), parent.toStdString());
    QCOMPARE(right().path().string(), forked.toStdString());
    QCOMPARE(left().status().step, step);
    QCOMPARE(right().status().step, step);
    play(2);
    QCOMPARE(right().status().step, left().status().step);
}

void TestSideBySide::aSessionOpensBothWithTheirLinks()
{
    fork();
    together().setLinked("learning_rate", false); // though it has one value in both
    together().setLinked("temperature", false);
    together().request(&right())->setKnob("temperature", 0.7);
    play(3);
    const auto mine = left().path(), its = right().path();
    const qint64 step = left().status().step;
    Session session;
    session.config = left().config();
    session.sideBySide = SessionPair{mine, its, together().apart()};
    session.sample = {Split::train, 5};
    QTemporaryDir folder;
    const QString file = folder.filePath("session.json");
    writeSession(file, session);
    QCOMPARE(readSession(file).sideBySide->apart, together().apart());

    m_window.reset();
    m_window = test::shownWindow();
    m_window->opener().openAny(file);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workbench().sideBySide() && bothPaused(), 30000);
    QVERIFY(left().path() == mine && right().path() == its);
    QVERIFY(left().status().step == step && right().status().step == step);
    QVERIFY(!together().isLinked("learning_rate") && !together().isLinked("temperature") && together().isLinked("weight_decay"));
    QCOMPARE(right().config().knobs.real("temperature"), 0.7);
    QCOMPARE(m_window->selection().sample(), session.sample);

    std::filesystem::remove_all(its); // what is left of it
    m_window.reset();
    m_window = test::shownWindow();
    m_window->opener().openAny(file);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->notices().text().contains("not there any more"), 30000);
    QTRY_VERIFY_WITH_TIMEOUT(left().hasJob(), 30000);
    QVERIFY(!m_window->workbench().sideBySide() && left().path() != mine);
}

void TestSideBySide::aForkOfAnEndedRunIsGivenMoreSteps()
{
    TrainerOptions options = left().options();
    options.config.steps = 6;
    options.out = m_window->runs().newPath(options.config);
    left().start(options);
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step == 6 && left().status().state == TrainerState::ended, 30000);
    choose("Fork here and watch both");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->workbench().sideBySide() && right().status().state == TrainerState::ended, 30000);
    QVERIFY2(m_window->notices().text().contains("no steps left"), qPrintable(m_window->notices().text()));
    QPushButton *more = nullptr;
    for (QPushButton *button : m_window->notices().findChildren<QPushButton *>())
        if (button->text().startsWith("Train past the end"))
            more = button;
    QVERIFY(more);
    more->click();
    auto *dialog = m_window->findChild<ExtendDialog *>();
    QVERIFY(dialog);
    QCOMPARE(dialog->findChild<QSpinBox *>()->value(), 6); // as many again
    dialog->findChild<QPushButton *>("train")->click();
    QTRY_VERIFY_WITH_TIMEOUT(left().status().step == 12 && right().status().step == 12, 30000);
    QTRY_COMPARE_WITH_TIMEOUT(right().status().state, TrainerState::ended, 30000);
}

QTEST_MAIN(TestSideBySide)
#include "tst_sidebyside.moc"
