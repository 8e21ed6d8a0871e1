// The panel of sweeps: what a form makes of settings, and a sweep that is begun, paused, stopped and gone on with from the window, as one of the command line is.
#include "core/engine/runfolder.h"
#include "core/engine/runlock.h"
#include "core/engine/sweeprequest.h"
#include "core/engine/sweeptrials.h"
#include "core/engine/sweptsetting.h"
#include "jobfixture.h"
#include "painting.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/runs/userruns.h"
#include "widgets/selection.h"
#include "widgets/sweeps/commandtext.h"
#include "widgets/sweeps/sweepfolders.h"
#include "widgets/sweeps/sweepform.h"
#include "widgets/request.h"
#include "widgets/scalarhistory.h"
#include "widgets/sweeps/sweepmap.h"
#include "widgets/sweeps/sweepplan.h"
#include "widgets/sweeps/sweepwords.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <set>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

class TestSweepsPanel : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        qunsetenv("PRETEXT_UNLISTED");
        useOwnSettings("pretext-tst-sweepspanel");
    }
    void init();
    void cleanup();
    void aPlanSaysWhatItIs();
    void anotherMethodKeepsThePlan();
    void anEstimateIsSteady();
    void theLineIsTheSweep();
    void aMapHasTheResults();
    void oneResultIsOneColour();
    void aNarrowPanelCutsNothingOff();
    void aSweepIsTrainedBesideTheWindow();
    void aSweepIsStoppedAndGoneOnWith();
    void mistakesAreSaid();

private:
    QPushButton *button(const QString &text) const;
    bool says(const QString &text) const;
    void fill(const QString &values, int steps);
    QComboBox *sweeps() const { return m_panel->findChild<QComboBox *>(); }

    std::unique_ptr<Workbench> m_workbench;
    Run *m_run = nullptr;
    Selection m_selection;
    std::unique_ptr<Panel> m_panel;
};

void TestSweepsPanel::init()
{
    m_workbench = std::make_unique<Workbench>();
    m_run = m_workbench->add();
    for (const PanelType &type : panelTypes())
        if (type.name == "sweeps")
            m_panel.reset(type.make({m_workbench.get(), m_run, &m_selection}));
    m_panel->resize(900, 500);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    m_run->start(shapesJob());
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 30000);
}

void TestSweepsPanel::cleanup()
{
    m_panel.reset();
    m_workbench->stop();
    m_workbench.reset();
    fs::remove_all(userRuns().data());
}

QPushButton *TestSweepsPanel::button(const QString &text) const
{
    for (QPushButton *one : m_panel->findChildren<QPushButton *>())
        if (one->text() == text && one->isEnabled())
            return one;
    return nullptr;
}

bool TestSweepsPanel::says(const QString &text) const
{
    for (const QLabel *label : m_panel->findChildren<QLabel *>())
        if (label->isVisible() && label->text().contains(text))
            return true;
    return false;
}

void TestSweepsPanel::fill(const QString &values, int steps)
{
    for (QLineEdit *line : m_panel->findChild<SweepForm *>()->findChildren<QLineEdit *>())
        if (line->accessibleName() == "values")
            line->setText(values);
    m_panel->findChild<SweepForm *>()->findChild<QDoubleSpinBox *>()->setValue(steps);
}

void TestSweepsPanel::aPlanSaysWhatItIs()
{
    const RunConfig config = m_run->config();
    const std::shared_ptr<const Dataset> dataset = m_run->dataset();
    SweepRequest asked{.settings = {{"temperature", "0.05,0.1,0.2"}, {"seed", "1,2,3"}}, .steps = 90};
    const auto inWords = [&](double secondsPerStep) { return planInWords(sweepOf(asked, *dataset, trialsOf(config, *dataset)), secondsPerStep); };
    QVERIFY((wordsOf(asked) == std::vector<std::string>{"--set", "temperature=0.05,0.1,0.2", "--set", "seed=1,2,3", "--steps", "90"}));
    QCOMPARE(inWords(0), QString("9 trials of 90 steps."));
    QCOMPARE(inWords(0.1), QString("9 trials of 90 steps: about 1 min at the pace of this window's run.")); // 81 s
    asked.halving = 3;
    QCOMPARE(inWords(0), QString("9 trials of 10 steps, the best 3 to 30, the best 1 to 90."));
    asked.steps = 0;
    asked.minutes = 9; // 9 trials of a minute, three of two more, one of six more
    QVERIFY2(inWords(0).contains("about 20 min"), qPrintable(inWords(0)));
    QVERIFY(std::ranges::count(wordsOf(asked), "--minutes") == 1);
    asked.settings[0].second = "0.05..0.5";
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, inWords(0));
    asked.random = 27;
    QVERIFY(inWords(0).startsWith("27 trials"));
    asked.settings[1].first = "temperature";
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, inWords(0));
    asked = {.settings = {{"method", "simclr,byol"}, {"temperature", "0.1,0.2"}}, .steps = 9};
    QCOMPARE(inWords(0), QString("3 trials of 9 steps. temperature is left out of the trials with byol, which has no such knob."));
    QCOMPARE(QString::fromStdString(valuesAround(config, "seed")), QString("1,2,3"));
    QCOMPARE(valuesIn(valuesAround(config, "temperature")).size(), size_t(4));
    for (const char *named : {"method", "encoder", "precision"}) { // which can be begun as they are
        asked = {.settings = {{named, valuesAround(config, named)}}, .steps = 9};
        QVERIFY2(inWords(0).startsWith("2 trials") || inWords(0).startsWith("3 trials"), qPrintable(inWords(0)));
    }
}

/// Its setting, where the other has none of that name, makes room for one that all have, and comes back with it.
void TestSweepsPanel::anotherMethodKeepsThePlan()
{
    Request &request = *m_workbench->requestOf(m_run);
    const RunConfig before = request.config();
    const auto setting = [this] {
        for (const QComboBox *box : m_panel->findChild<SweepForm *>()->findChildren<QComboBox *>())
            if (box->accessibleName() == "setting")
                return box->currentText();
        return QString();
    };
    fill("0.3,0.4", 8);
    QCOMPARE(setting(), QString("temperature"));
    request.setConfig(makeConfig("rotation", "mlp", "shapes", m_run->dataset()->info()), "method = rotation");
    QCOMPARE(setting(), QString("learning_rate"));
    QVERIFY(button("Start"));
    request.setConfig(before, "method = simclr");
    QCOMPARE(setting(), QString("temperature"));
    QVERIFY(says("2 trials of 8 steps"));
}

void TestSweepsPanel::anEstimateIsSteady()
{
    ScalarHistory history;
    double now = 0;
    for (int step = 1; step <= 200; ++step)
        history.append({step, now += step > 150 ? 1 : 0.1, {}}); // ten times slower while something else runs
    QVERIFY(std::abs(steadySecondsPerStep(history) - 0.1) < 1e-9);
    QCOMPARE(steadySecondsPerStep(ScalarHistory()), 0.);
    SweepState state; // one trial done, slowly, and another under way beside other work
    state.sweep.steps = 100;
    state.sweep.trials.resize(3);
    state.trials = {{0, {.over = true, .step = 100, .loss = {}, .results = {}}}, {1, {}}, {2, {}}};
    state.runs.resize(3);
    state.runs[0].step = 100;
    state.runs[0].seconds = 50;
    state.runs[1].step = 10;
    state.runs[1].seconds = 50;
    QCOMPARE(state.secondsLeft(), 0.5 * 190);
    SteadyTime left;
    left.take("/sweep", 100);
    left.take("/sweep", 1000);
    QVERIFY(left.seconds() > 100 && left.seconds() < 300);
    left.take("/other", 1000);
    QCOMPARE(left.seconds(), 1000.);
    const std::pair<double, const char *> told[] = {{3, "about 10 s"},   {44, "about 40 s"},         {61, "about 1 min"},   {1740, "about 30 min"},
                                                    {3590, "about 1 h"}, {5000, "about 1 h 30 min"}, {36000, "about 10 h"}, {41234, "about 11 h"}};
    for (const auto &[seconds, words] : told)
        QCOMPARE(aboutSoLong(seconds), QString(words));
}

/// What the form trains, and what the line that it shows does in a terminal: the same trials, without a file that nobody else has.
void TestSweepsPanel::theLineIsTheSweep()
{
    RunConfig config = m_run->config();
    config.knobs.setText("weight_decay", "0.05");
    const SweepRequest asked{.settings = {{"method", "simclr,byol"}, {"temperature", "0.1,0.2"}, {"batch", "4,8"}}, .steps = 2};
    const Sweep planned = sweepOf(asked, *m_run->dataset(), trialsOf(config, *m_run->dataset()));
    const fs::path folder = fs::path(userRuns().data()) / "by-line";
    QString line = QString::fromStdString(sweepLine(asked, config, *m_run->dataset()) + " --out '" + folder.string() + "'");
    QVERIFY2(line.startsWith("pretext sweep --dataset ") && !line.contains("--config"), qPrintable(line));
    QProcess terminal;
    terminal.start("sh", {"-c", line.replace(0, 7, PRETEXT_BINARY)});
    QVERIFY(terminal.waitForFinished(60000));
    QVERIFY2(terminal.exitCode() == 0, terminal.readAllStandardError().constData());
    const Sweep there = readSweep(folder);
    QCOMPARE(there.trials.size(), size_t(6)); // byol has no temperature
    QCOMPARE(planned.trials.size(), size_t(6));
    for (size_t trial = 0; trial < 6; ++trial)
        QCOMPARE(toJson(there.trials[trial].config).dump(), toJson(planned.trials[trial].config).dump());
    QCOMPARE(there.trials[0].config.knobs.real("weight_decay"), 0.05);
    QCOMPARE(there.trials[5].config.method, std::string("byol"));
    QCOMPARE(there.trials[5].config.batch, int64_t(8));
}

void TestSweepsPanel::aMapHasTheResults()
{
    SweepState state;
    state.folder = "/somewhere";
    state.sweep.swept = {{"a", {"1", "2"}}, {"b", {"x", "y"}}, {"seed", {"1", "2"}}};
    state.sweep.steps = 10;
    size_t number = 0;
    for (const Settings &settings : gridOf(state.sweep.swept)) {
        state.sweep.trials.push_back({settings, m_run->config()});
        RunSummary run;
        if (number < 6)
            run.path = trialFolder(state.folder, number);
        state.runs.push_back(run);
        TrialResult result{.over = number < 5, .step = 10, .results = {{"knn", 0.1 * double(number)}}};
        state.trials.push_back({number++, result});
    }
    state.trials[4].result.failed = true;
    SweepMap map;
    std::vector<size_t> opened;
    map.setOpener([&](size_t trial) { opened.push_back(trial); });
    map.show(state, 0, 1, "knn");
    const auto picture = [&] { return painted(QSize(400, 300), [&](Canvas &canvas) { map.draw(canvas); }); };
    picture();
    QVERIFY(map.key(Qt::Key_Right, {}) && map.key(Qt::Key_Up, {})); // from the cell at the lower left: a=1 b=x, then a=1 b=y
    QVERIFY2(map.description().contains("trial-0003, step 10: 20 %; trial-0004, step 10: 30 %"), qPrintable(map.description()));
    QVERIFY(map.key(Qt::Key_Return, {}));
    QCOMPARE(opened, (std::vector<size_t>{3})); // the better one
    QVERIFY(map.key(Qt::Key_Down, {}) && map.key(Qt::Key_Right, {}));
    QVERIFY2(map.description().contains("trial-0005, failed") && map.description().contains("trial-0006, to come"), qPrintable(map.description()));
    map.show(state, 0, -1, "knn");
    QVERIFY(picture() != painted(QSize(400, 300), [](Canvas &) {}));
}

/// The bar beside a map invents no range around it.
void TestSweepsPanel::oneResultIsOneColour()
{
    SweepState state;
    state.folder = "/somewhere";
    state.sweep.swept = {{"a", {"1", "2"}}};
    state.sweep.steps = 10;
    for (size_t trial = 0; trial < 2; ++trial) {
        state.sweep.trials.push_back({{{"a", std::to_string(trial + 1)}}, m_run->config()});
        state.runs.emplace_back();
        state.trials.push_back({trial, TrialResult{.over = trial == 0, .step = 10, .loss = {}, .results = {{"knn", 0.286}}}});
    }
    SweepMap map;
    map.show(state, 0, -1, "knn");
    const QImage picture = painted(QSize(400, 200), [&](Canvas &canvas) { map.draw(canvas); });
    std::set<QRgb> colours; // that are no grey
    for (int y = 0; y < picture.height(); ++y)
        for (int x = picture.width() - 50; x < picture.width(); ++x)
            if (const QColor colour = picture.pixelColor(x, y); colour.hsvSaturation() > 30)
                colours.insert(colour.rgb());
    QCOMPARE(colours.size(), size_t(1));
}

/// At 360 pixels and less all of the form stands within the panel, or is scrolled to.
void TestSweepsPanel::aNarrowPanelCutsNothingOff()
{
    for (const int width : {360, 300}) {
        m_panel->resize(width, 500);
        QTest::qWait(50);
        QVERIFY2(m_panel->width() == width, qPrintable(QString::number(m_panel->width())));
        for (const QWidget *part : m_panel->findChildren<QWidget *>()) {
            const QWidget *parent = part->parentWidget();
            if (!part->isVisible() || part->isWindow() || parent->inherits("QComboBox") || parent->inherits("QAbstractScrollArea"))
                continue;
            const QRect place(part->mapTo(m_panel.get(), QPoint()), part->size());
            QVERIFY2(place.left() >= 0 && place.right() < width, qPrintable(QString("%1 %2").arg(part->metaObject()->className()).arg(place.right())));
            QVERIFY2(part->width() >= part->minimumSizeHint().width(), part->metaObject()->className());
        }
    }
    const auto *command = m_panel->findChild<CommandText *>();
    QVERIFY(command->toPlainText().startsWith("pretext sweep ") && !command->toPlainText().contains('\n'));
    QVERIFY(command->height() > 2 * command->fontMetrics().height()); // its line is broken
}

void TestSweepsPanel::aSweepIsTrainedBesideTheWindow()
{
    QTRY_VERIFY(says("All trials have what Controls show"));
    fill("0.1,0.5", 8);
    QVERIFY(says("2 trials of 8 steps"));
    QSignalSpy came(m_workbench.get(), &Workbench::runsCame); // for the sum of what runs take on disk
    m_run->play();
    QTRY_COMPARE(m_run->status().state, TrainerState::playing);
    QVERIFY(button("Start"));
    button("Start")->click();
    QTRY_COMPARE_WITH_TIMEOUT(m_run->status().state, TrainerState::paused, 10000); // so that the trials have the processor
    QTRY_VERIFY_WITH_TIMEOUT(says("2 of 2 trials are done"), 60000);
    QVERIFY(says("Best: temperature 0.") && says("This window's run was paused"));
    QVERIFY(!came.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(!button("Stop") && !button("Continue"), 20000);
    const fs::path folder = sweeps()->currentData().toString().toStdString();
    QCOMPARE(folder.parent_path(), userRuns().data() / "sweeps");
    for (size_t trial = 0; trial < 2; ++trial) // the config is the window's
        QCOMPARE(loadConfig(trialFolder(folder, trial) / "config.json").encoder, m_run->config().encoder);
    QVERIFY2(m_panel->csv().contains("trial-0002,0.5,8,") && m_panel->csv().contains(",done\n"), qPrintable(m_panel->csv()));
    QSignalSpy opened(m_workbench.get(), &Workbench::runRequested);
    auto *canvas = m_panel->findChild<CanvasWidget *>();
    QTest::qWait(100);
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Right);
    QTest::keyClick(canvas, Qt::Key_Return);
    QCOMPARE(opened.size(), 1);
    QCOMPARE(opened[0][0].toString(), QString::fromStdString(trialFolder(folder, 1).string()));
    m_run->play();
    QTRY_VERIFY(!says("This window's run was paused"));
}

void TestSweepsPanel::aSweepIsStoppedAndGoneOnWith()
{
    fill("0.1,0.5", 100000);
    button("Start")->click();
    QTRY_VERIFY_WITH_TIMEOUT(says("about") && button("Pause"), 60000);
    const fs::path folder = sweeps()->currentData().toString().toStdString(), run = trialFolder(folder, 0);
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(run / "metrics.csv") && !readMetrics(run / "metrics.csv").rows.empty(), 20000);
    button("Pause")->click();
    QTRY_VERIFY(says("paused"));
    QTest::qWait(200);
    const auto size = fs::file_size(run / "metrics.csv");
    QTest::qWait(400);
    QCOMPARE(fs::file_size(run / "metrics.csv"), size); // it stands still
    button("Continue")->click();
    QTRY_VERIFY(fs::file_size(run / "metrics.csv") > size);
    button("Stop")->click();
    QTRY_VERIFY_WITH_TIMEOUT(says("nobody trains it now"), 20000);
    const size_t rows = readMetrics(run / "metrics.csv").rows.size();
    QProcess terminal; // another process goes on with it
    terminal.start(PRETEXT_BINARY, {"sweep", "--out", QString::fromStdString(folder.string())});
    QTRY_VERIFY_WITH_TIMEOUT(says("Another process trains it"), 30000);
    terminal.terminate();
    QVERIFY(terminal.waitForFinished(20000));
    QTRY_VERIFY_WITH_TIMEOUT(button("Continue"), 20000);
    QVERIFY(readMetrics(run / "metrics.csv").rows.size() > rows);
    button("Continue")->click(); // and so does the window, which ends it when it goes
    QTRY_VERIFY_WITH_TIMEOUT(!writerOf(run).empty(), 30000);
    m_panel.reset();
    QVERIFY(writerOf(run).empty());
}

void TestSweepsPanel::mistakesAreSaid()
{
    fill("0.1,abc", 8);
    QVERIFY(says("abc") && !says("[knob]") && !button("Start"));
    fill("0.1..0.5", 8);
    QVERIFY(says("range") && !button("Start"));
    const fs::path broken = userRuns().data() / "sweeps" / "broken";
    fs::create_directories(broken);
    std::ofstream(broken / "sweep.json") << "{}";
    m_panel->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(sweeps()->count(), 2, 10000);
    sweeps()->setCurrentIndex(1);
    QTRY_VERIFY(says("is no sweep that this program reads") && !button("Continue"));
}

QTEST_MAIN(TestSweepsPanel)
#include "tst_sweepspanel.moc"
