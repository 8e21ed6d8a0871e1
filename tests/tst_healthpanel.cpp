// The Health panel: what it waits for, that its numbers are those of the weights, what it draws at which size, and how it is walked through.
#include "core/analysis/health.h"
#include "core/backend/backend.h"
#include "core/engine/runfolder.h"
#include "toydata.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/panels/healthmaker.h"
#include "widgets/panels/healthplots.h"
#include "widgets/plots/lineplot.h"
#include "widgets/progressing.h"
#include "widgets/request.h"
#include "widgets/run.h"
#include "widgets/scalarhistory.h"
#include "widgets/selection.h"
#include "widgets/snapshotpace.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace pretext;

namespace {

struct Seat
{
    Seat()
    {
        for (const PanelType &type : panelTypes())
            if (type.name == QStringLiteral("health"))
                panel.reset(type.make({&workbench, &run, &selection}));
        panel->resize(900, 700);
        panel->show();
    }
    ~Seat() { run.stop(); }
    void start(const TrainerOptions &options)
    {
        QSignalSpy started(&run, &Run::jobStarted);
        run.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 60000);
    }
    CanvasWidget *canvas() const { return panel->findChild<CanvasWidget *>(); }
    QString said() const { return dynamic_cast<CanvasContent &>(*panel).description(); }
    /// Of the last look; -1: none.
    int step() const
    {
        const auto match = QRegularExpression(QStringLiteral("Step (\\d+), ")).match(said());
        return match.hasMatch() ? match.captured(1).toInt() : -1;
    }
    std::vector<QString> drawn(QSizeF size) const
    {
        test::CatchingCanvas canvas(size, Theme::of(panel.get()));
        dynamic_cast<CanvasContent &>(*panel).draw(canvas);
        std::vector<QString> texts;
        for (const auto &[text, place] : canvas.texts)
            texts.push_back(text);
        return texts;
    }

    Workbench workbench;
    Run &run = *workbench.add();
    Selection selection;
    std::unique_ptr<Panel> panel;
};

Health someHealth(double scale)
{
    Health health{512, 4};
    health.spectrum = {scale, scale / 2, scale / 4, scale / 8};
    health.deviations = {0.1 * scale, 0.4 * scale, 0.2 * scale, 0.3 * scale};
    health.deviation = scale;
    health.effectiveRank = 3 * scale;
    health.alphaReq = 1;
    health.alignment = 0.5;
    health.uniformity = -scale;
    return health;
}

} // namespace

class HealthPanelTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { test::useOwnSettings("pretext-tst-healthpanel"); }

    void itSaysWhatItWaitsFor()
    {
        Seat seat;
        QVERIFY2(seat.said().contains(QStringLiteral("none before the first training step")), qPrintable(seat.said()));
        QVERIFY(seat.panel->csv().isEmpty());
    }

    void itsNumbersAreThoseOfTheWeights()
    {
        Seat seat;
        const QTemporaryDir folder;
        seat.start(toyOptions(4, folder.filePath("run").toStdString()));
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 4, 30000);
        TrainedEncoder trained = loadEncoder(folder.filePath("run").toStdString());
        const Autocast autocast(precisionNamed(trained.state.config.precision));
        const EncoderHealth health = healthOf(trained, ToyData());
        const QStringList lines = seat.panel->csv().split(u'\n', Qt::SkipEmptyParts);
        QVERIFY(lines.front().startsWith(QStringLiteral("step,alignment,uniformity,effective_rank")));
        QVERIFY(lines.size() >= 3); // the untrained encoder's comes first
        QVERIFY(lines[1].startsWith(QStringLiteral("0,")));
        const QStringList cells = lines.back().split(u',');
        QCOMPARE(cells[0], QStringLiteral("4"));
        QVERIFY(std::abs(cells[1].toDouble() - *health.embedding.alignment) < 1e-5);
        QVERIFY(std::abs(cells[3].toDouble() - *health.embedding.effectiveRank) < 1e-4);
        QVERIFY(std::abs(cells[9].toDouble() - *health.projection->deviation) < 1e-5);
    }

    /// At rest at its first step, it shows the untrained encoder.
    void aJobThatRestsIsLookedAt()
    {
        Seat seat;
        TrainerOptions options = toyOptions(100);
        options.startPaused = true;
        seat.start(options);
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 0, 30000);
        seat.run.stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 1, 30000);
        QTRY_VERIFY_WITH_TIMEOUT(seat.run.snapshot()->channel<LayerNorms>("gradient/layers"), 30000);
    }

    /// The gradient's parts are its whole.
    void layersMakeUpTheGradient()
    {
        Lanes lanes;
        lanes.wanted.set({"gradient/layers"});
        lanes.snapshotSeconds = 0;
        trainToy(toyOptions(2), lanes);
        const SnapshotPtr snapshot = lanes.snapshots.latest();
        const auto *norms = snapshot->channel<LayerNorms>("gradient/layers");
        QVERIFY(norms && norms->layers.size() > 2 && norms->layers.size() == norms->gradients.size());
        double squares = 0;
        for (const double length : norms->gradients)
            squares += length * length;
        const double whole = snapshot->scalars.at("gradient/norm");
        QVERIFY(std::abs(std::sqrt(squares) - whole) < 1e-5 * whole);
        QVERIFY(norms->layers.front().starts_with("encoder.") && norms->layers.back().starts_with("projector."));
    }

    void aCollapseIsSaid()
    {
        Seat seat;
        TrainerOptions options = toyOptions(150);
        options.config = toyConfig(150, "simsiam");
        options.config.knobs.set("stop_gradient", false);
        options.config.knobs.set("learning_rate", 0.03);
        seat.start(options);
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 150, 60000);
        QVERIFY2(seat.said().startsWith(QStringLiteral("Collapsed: the projections")), qPrintable(seat.said()));
        QVERIFY(std::ranges::any_of(seat.drawn({900, 700}), [](const QString &text) { return text.startsWith(QStringLiteral("Collapsed: the projections")); }));
    }

    void aLookBeforeAChangedKnobSaysSo()
    {
        Seat seat;
        TrainerOptions options = toyOptions(100);
        options.startPaused = true;
        seat.start(options);
        seat.run.stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 1, 30000);
        seat.workbench.requestOf(&seat.run)->setKnob("temperature", 0.7);
        const auto isOld = [&seat] { return seat.said().contains(QStringLiteral("temperature was changed at step 2, after this look")); };
        QTRY_VERIFY2_WITH_TIMEOUT(isOld(), qPrintable(seat.said()), 30000);
        seat.run.stepOnce();
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 2, 30000);
        QVERIFY2(!isOld(), qPrintable(seat.said()));
    }

    /// What takes seconds comes rarely, but soon after something changed.
    void aHurriedFollowerDoesNotWaitItsUsualTime()
    {
        Seat seat;
        int works = 0;
        const auto work = [](Progressing &) -> EncoderFollower::Done {
            for (const double begun = processorSeconds(); processorSeconds() - begun < 0.3;) {}
            return {[] {}, 0};
        };
        EncoderFollower follower(seat.run, {.showing = [] { return true; }, .prepare = [work](auto, auto) { return work; }}, nullptr);
        connect(&follower, &EncoderFollower::worked, &seat.run, [&works] { ++works; });
        connect(&seat.run, &Run::snapshotReady, &follower, &EncoderFollower::look);
        seat.run.want(&follower, {"encoder/weights"});
        seat.start(toyOptions(1000000));
        QTRY_VERIFY_WITH_TIMEOUT(works == 1, 60000);
        follower.hurry();
        QTRY_VERIFY_WITH_TIMEOUT(works == 2, 15000); // two processors would let it wait for more than half a minute
    }

    void plotsAreEnlargedAndWalkedThrough()
    {
        Seat seat;
        seat.start(toyOptions(3));
        QTRY_VERIFY_WITH_TIMEOUT(seat.step() == 3, 30000);
        const auto shows = [&](QSizeF size, HealthPlot plot) {
            const std::vector<QString> texts = seat.drawn(size);
            return std::ranges::any_of(texts, [&](const QString &text) { return !text.isEmpty() && titleOf(plot).startsWith(text.left(12)); });
        };
        for (const HealthPlot plot : {HealthPlot::spectrum, HealthPlot::deviation, HealthPlot::sphere, HealthPlot::rank})
            QVERIFY(shows({1600, 900}, plot));
        QTest::keyClick(seat.canvas(), Qt::Key_Right);
        QVERIFY(seat.said().contains(QStringLiteral("Plot 2 of ")) && seat.said().contains(titleOf(HealthPlot::deviation)));
        QTest::keyClick(seat.canvas(), Qt::Key_Return);
        QVERIFY(shows({900, 700}, HealthPlot::deviation) && !shows({900, 700}, HealthPlot::spectrum));
        QVERIFY(seat.panel->csv().startsWith(QStringLiteral("dimension,embedding,projection,untrained_embedding")));
        QTest::keyClick(seat.canvas(), Qt::Key_Escape);
        QVERIFY(shows({900, 700}, HealthPlot::spectrum));
        QTest::keyClick(seat.canvas(), Qt::Key_Left); // the first again
        QVERIFY(!shows({700, 260}, HealthPlot::gradient));
        const auto count = int(HealthPlot::gradient) + 1;
        for (int i = 0; i < count && !shows({700, 260}, HealthPlot::gradient); ++i) {
            const bool first = shows({700, 260}, HealthPlot::spectrum);
            dynamic_cast<CanvasContent &>(*seat.panel).wheel({100, 200}, -1);
            QVERIFY(!first || !shows({700, 260}, HealthPlot::spectrum)); // each turn brings one into view
        }
        QVERIFY(shows({700, 260}, HealthPlot::gradient));
        for (const QSizeF size : {QSizeF(120, 80), QSizeF(300, 900), QSizeF(1600, 200)})
            QVERIFY(!seat.drawn(size).empty()); // whatever room there is
    }

    /// What a run has written of its health before the window saw it comes first.
    void theCourseBeginsInTheRunsFile()
    {
        ScalarHistory history;
        for (int step = 1; step <= 40; ++step) {
            ScalarRow row{step, 0, {{"loss/total", 1}}};
            for (const char *name : {"uniformity", "alignment", "effective_rank"})
                row.values.emplace_back(std::string("health/") + name, step % 10 == 0 ? -double(step) : NAN);
            history.append(row);
        }
        const std::vector<HealthPoint> points = pointsIn(history, 35);
        QCOMPARE(points.size(), size_t(3));
        QCOMPARE(points.back().step, 30.);
        QCOMPARE(points.back().uniformity, -30.);
        QVERIFY(std::isnan(points.back().projectionRank));
        QVERIFY(pointsIn(ScalarHistory(), 35).empty());
    }

    void tablesHaveWhatIsDrawn()
    {
        const EncoderHealth now{7, someHealth(1), someHealth(0.1)}, before{0, someHealth(2), {}};
        const LayerNorms norms{{"encoder.a", "projector.b"}, {2, 0.5}};
        const HealthShown shown{&now, &before, {pointOf(before), pointOf(now)}, &norms, nullptr};
        const std::vector<HealthPlot> plots = plotsOf(shown);
        QVERIFY(std::ranges::find(plots, HealthPlot::gradient) != plots.end() && std::ranges::find(plots, HealthPlot::teacher) == plots.end());
        QCOMPARE(csvOf(HealthPlot::gradient, shown), QStringLiteral("layer,gradient\nencoder.a,2\nprojector.b,0.5\n"));
        QVERIFY(csvOf(HealthPlot::spectrum, shown).startsWith(QStringLiteral("direction,embedding,projection,untrained_embedding\n1,1,0.1,2\n2,0.5,0.05,1\n")));
        QVERIFY(csvOf(shown).endsWith(QStringLiteral("\n7,0.5,-1,3,1,1,0.5,-0.1,0.3,0.1\n")));
    }

    void rareLooksAreCheap()
    {
        QCOMPARE(workInterval(0.2, 2, 1), 12.5);
        QCOMPARE(workInterval(0, 2, 1), 2.);
        QCOMPARE(workInterval(100, 2, 1), 60.);
        QCOMPARE(workInterval(0.2, 2, 3), 3 * workInterval(0.2, 2, 1)); // what panels share
        QCOMPARE(workInterval(0.2, 16, 1), 2.);
    }

    /// A logarithmic axis leaves out what has no place on it, and a constant is drawn in the middle.
    void linesKeepToTheirAxes()
    {
        const auto ticks = [](const LineAxis &y, const std::vector<QPointF> &points) {
            Theme theme;
            test::CatchingCanvas canvas({400, 300}, theme);
            drawLines(canvas, {0, 0, 400, 300}, QStringLiteral("title"), {QStringLiteral("x")}, y, {{{}, Qt::black, points}});
            QStringList texts;
            for (const auto &[text, place] : canvas.texts)
                texts << text;
            return texts;
        };
        const QStringList decades = ticks({{}, true}, {{1, 1000}, {2, 0}, {3, 0.1}, {4, NAN}});
        QVERIFY2(decades.contains(QStringLiteral("1")) && decades.contains(QStringLiteral("100")), qPrintable(decades.join(u' ')));
        QVERIFY(ticks({{}, false, true}, {{1, 5}, {2, 5}}).contains(QStringLiteral("0")));
        QCOMPARE(ticks({}, {{1, NAN}}), QStringList{QStringLiteral("title")});
    }
};

QTEST_MAIN(HealthPanelTest)
#include "tst_healthpanel.moc"
