// Every panel of the table, by being there: shown without a job, with channels missing, with NaN, with one sample, tiny and large, and through two
// hundred updates. Anything that Qt warns about fails.
#include "batchfixture.h"
#include "jobfixture.h"
#include "textfixture.h"
#include "toydata.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "core/ssl/share.h"
#include "widgets/panel.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QBuffer>
#include <QComboBox>
#include <QStandardItemModel>
#include <QPainter>
#include <QSvgGenerator>
#include <QtTest>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

using namespace pretext;

namespace {

QStringList warnings;

void collect(QtMsgType type, const QMessageLogContext &, const QString &message)
{
    // The offscreen platform says so of every window.
    if (type >= QtWarningMsg && type != QtInfoMsg && !message.contains(QStringLiteral("plugin does not support")))
        warnings << message;
}

/// A panel of the table with a run of its own.
struct Bench
{
    explicit Bench(const QString &name)
    {
        for (const PanelType &type : panelTypes())
            if (type.name == name)
                panel.reset(type.make({&workbench, &run, &selection}));
        panel->resize(480, 320);
    }
    void show()
    {
        panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(panel.get()));
    }
    CanvasWidget *canvas() const { return panel->findChild<CanvasWidget *>(); }
    QString said() const { return canvas()->accessibleDescription(); }

    Workbench workbench;
    Run &run = *workbench.add();
    Selection selection;
    std::unique_ptr<Panel> panel;
};

/// Takes another of what the panel's lists of choices offer.
void choose(Bench &bench, int index)
{
    for (QComboBox *box : bench.panel->findChildren<QComboBox *>())
        if (!box->isEditable() && box->parentWidget() == bench.panel.get())
            box->setCurrentIndex(std::min(index, box->count() - 1));
}

/// What a user may do to any panel: look at it, hover, click, scroll, type, save.
void use(Bench &bench)
{
    QTest::qWait(20);
    QVERIFY(!bench.panel->grab().isNull());
    bench.panel->csv();
    QBuffer buffer;
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize({300, 200});
    QPainter painter(&generator);
    bench.panel->paintTo(painter, {300, 200});
    painter.end();
    QVERIFY(!buffer.data().isEmpty());
    QWidget *target = bench.canvas() ? static_cast<QWidget *>(bench.canvas()) : bench.panel.get();
    const QPoint middle = target->rect().center();
    QTest::mouseMove(target, middle);
    QTest::mouseClick(target, Qt::LeftButton, {}, middle);
    for (int key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_Left, Qt::Key_Up, Qt::Key_PageDown, Qt::Key_End, Qt::Key_Return, Qt::Key_Home, Qt::Key_Escape})
        QTest::keyClick(target, Qt::Key(key));
    QWheelEvent wheel(middle, target->mapToGlobal(middle), {}, QPoint(0, 120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(target, &wheel);
    bench.selection.selectPlace(1 << 20); // of a larger batch that is gone
    bench.selection.hover({1 << 20, 1 << 20});
    QTest::qWait(20);
    for (const int other : {1, 0}) { // last the first again
        choose(bench, other);
        QTest::qWait(5);
        QVERIFY(!bench.panel->grab().isNull());
        bench.panel->csv();
    }
}

void eachPanel()
{
    QTest::addColumn<QString>("name");
    for (const PanelType &type : panelTypes())
        QTest::newRow(qPrintable(type.name)) << type.name;
}

/// Each panel with a batch of images, and with one of text.
void eachPanelAndModality()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("text");
    for (const PanelType &type : panelTypes())
        for (const bool text : {false, true})
            QTest::newRow(qPrintable(type.name + (text ? QStringLiteral(" of text") : QString()))) << type.name << text;
}

std::shared_ptr<Snapshot> snapshotOf(bool text, int pairs, int64_t step = 1)
{
    return text ? test::makeTextSnapshot(pairs, step) : test::makeSnapshot(pairs, step);
}

} // namespace

class PanelsTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QStandardPaths::setTestModeEnabled(true); // of the panel of runs
        qunsetenv("PRETEXT_UNLISTED");
        qInstallMessageHandler(collect);
    }
    void cleanupTestCase() { qInstallMessageHandler(nullptr); }
    void init() { warnings.clear(); }
    void cleanup() { QVERIFY2(warnings.isEmpty(), qPrintable(warnings.join(u'\n'))); }

    void withoutAJob_data() { eachPanel(); }
    void withoutAJob()
    {
        QFETCH(QString, name);
        Bench bench(name);
        bench.show();
        use(bench);
    }

    void withMissingChannels_data() { eachPanelAndModality(); }
    void withMissingChannels()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.show();
        bench.run.show(std::make_shared<Snapshot>());
        use(bench);
        const auto whole = snapshotOf(text, 6);
        for (const auto &[channel, value] : whole->channels) { // each alone, and all but each
            auto only = std::make_shared<Snapshot>(*whole);
            only->channels = {{channel, value}};
            bench.run.show(only);
            QTest::qWait(5);
            auto without = std::make_shared<Snapshot>(*whole);
            without->channels.erase(channel);
            without->labels.clear();
            without->knobs.clear();
            bench.run.show(without);
            use(bench);
        }
        auto misshapen = std::make_shared<Snapshot>(*whole);
        misshapen->channels["similarity"] = Matrix{3, 3, std::vector<float>(9)};
        misshapen->channels["embeddings"] = Matrix{2, 2, std::vector<float>(1)};
        misshapen->channels["views/pixels"] = ImageBatch{Image{4, 4, 3, {1, 2, 3}}};
        misshapen->channels["views/records"] = std::vector<ViewRecord>(1);
        const TokenRowView row{0, "text", {"[CLS]"}, {{7, "a", TokenAction::moved, 99}}, {"b"}, {"c", "d"}, 50};
        misshapen->channels["tokens/rows"] = TokenRowViews{row, {}};
        misshapen->channels["tokens/predictions"] = TokenPredictions{{0, 900, {}, 0, 0, 0, {}}, {-1, -7, "x", 0, 0, 0, {}}};
        misshapen->channels["tokens/attention"] = AttentionView{{"a", "b"}, 3, 5, {1}, {}};
        misshapen->channels["tokens/positions"] = AccuracyBins{{"a", "b"}, {0.5f}, {}};
        misshapen->channels["answer/sentence"] = Answer{};
        bench.run.show(misshapen);
        use(bench);
    }

    void withNan_data() { eachPanelAndModality(); }
    void withNan()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.show();
        bench.run.show(text ? test::makeNanTextSnapshot(6) : test::makeNanSnapshot(6));
        use(bench);
    }

    void withSentencePairs_data() { eachPanel(); }
    void withSentencePairs()
    {
        QFETCH(QString, name);
        Bench bench(name);
        bench.show();
        const auto whole = test::makeSentencePairs(6);
        bench.run.show(whole);
        use(bench);
        for (const auto &[channel, value] : whole->channels) {
            auto without = std::make_shared<Snapshot>(*whole);
            without->channels.erase(channel);
            bench.run.show(without);
            use(bench);
        }
        bench.run.show(test::makeNanSentencePairs(6));
        use(bench);
        auto misshapen = std::make_shared<Snapshot>(*whole);
        misshapen->channels["tokens/rows"] = TokenRowViews(2);
        misshapen->channels["tokens/attention"] = AttentionView{{"a", "b"}, 1, 1, {1}, {1, 1, 1, 1}};
        bench.run.show(misshapen);
        use(bench);
        for (const QSize size : {QSize(40, 20), QSize(20, 400), QSize(600, 30), QSize(1400, 900)}) {
            bench.run.show(test::makeSentencePairs(3));
            bench.panel->resize(size);
            use(bench);
        }
        bench.run.show(test::makeSnapshot(4)); // the next job's
        use(bench);
    }

    void theAttentionUnderTheKeysIsSpoken()
    {
        Bench bench(QStringLiteral("attention"));
        bench.run.show(test::makeSentencePairs(2));
        bench.show();
        bench.canvas()->setFocus();
        for (const Qt::Key key : {Qt::Key_Right, Qt::Key_Down, Qt::Key_Down, Qt::Key_Right})
            QTest::keyClick(bench.canvas(), key);
        QVERIFY2(bench.said().startsWith(QStringLiteral("“lord” (2) attends to “the” (1) with weight 0.3333")), qPrintable(bench.said()));
        for (int i = 0; i < 2; ++i)
            QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QVERIFY2(bench.said().contains(QStringLiteral("hides it")), qPrintable(bench.said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY2(bench.said().contains(QStringLiteral("layer 1, head 2")), qPrintable(bench.said()));
    }

    void whatWasPaintedIsTold()
    {
        Bench bench(QStringLiteral("reconstruction"));
        bench.run.show(test::makeSnapshot(3)); // of 16 patches 4 were seen
        bench.show();
        QTest::qWait(20);
        auto &content = dynamic_cast<CanvasContent &>(*bench.panel);
        QVERIFY2(content.description().startsWith(QStringLiteral("Image 1 of 3.")), qPrintable(content.description()));
        QVERIFY2(content.description().contains(QStringLiteral("12 patches hidden, error 0.250")), qPrintable(content.description()));
        test::CatchingCanvas canvas({900, 500}, Theme::of(bench.canvas()));
        content.draw(canvas);
        const auto drawn = [&](const QString &wanted) { return std::ranges::count(canvas.texts, wanted, [](const auto &text) { return text.first; }); };
        for (const char *name : {"given", "seen", "painted", "error"})
            QCOMPARE(drawn(QString::fromUtf8(name)), 1);
        content.key(Qt::Key_Right, {});
        QVERIFY2(content.description().startsWith(QStringLiteral("Image 2 of 3.")), qPrintable(content.description()));
        QCOMPARE(bench.panel->csv().section(u'\n', 2, 2), QStringLiteral("1,1001,12,0.25"));
    }

    void theAllSeeingMaskTakesNoRoom()
    {
        for (const bool causal : {true, false}) {
            Bench bench(QStringLiteral("attention"));
            auto snapshot = test::makeSentencePairs(2);
            auto &view = std::get<AttentionView>(snapshot->channels["tokens/attention"]);
            if (!causal)
                std::ranges::fill(view.visible, uint8_t(1));
            bench.run.show(snapshot);
            bench.show();
            QTest::qWait(20);
            test::CatchingCanvas canvas({900, 900}, Theme::of(bench.canvas()));
            dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
            const auto drawn = [&](const QString &part) {
                return std::ranges::any_of(canvas.texts, [&](const auto &one) { return one.first.contains(part); });
            };
            QCOMPARE(drawn(QStringLiteral("mask")), causal);
            QCOMPARE(drawn(QStringLiteral("hidden by the objective")), causal);
            QVERIFY(!bench.panel->findChild<QComboBox *>()->isVisible()); // there is no decoder
        }
    }

    void theAttentionOfADecoderIsChosen()
    {
        Bench bench(QStringLiteral("attention"));
        auto snapshot = test::makeSentencePairs(2);
        snapshot->channels["tokens/decoder-attention"] =
            AttentionView{.pieces = {"[CLS]", "▁he"}, .layers = 1, .heads = 1, .weights = {1, 0, 0.25f, 0.75f}, .visible = {1, 0, 1, 1}};
        snapshot->channels["tokens/cross-attention"] = AttentionView{.pieces = {"[CLS]", "▁he"},
                                                                     .layers = 1,
                                                                     .heads = 2,
                                                                     .weights = {0.1f, 0.2f, 0.7f, 0.3f, 0.3f, 0.4f, 1, 0, 0, 0.5f, 0.125f, 0.375f},
                                                                     .visible = {1, 1, 1, 1, 1, 1},
                                                                     .others = {"▁the", "▁lord", "▁is"}};
        bench.run.show(snapshot);
        bench.show();
        auto *parts = bench.panel->findChild<QComboBox *>();
        QTRY_VERIFY(parts->isVisible());
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().contains(QStringLiteral("over 9 tokens")), qPrintable(said()));
        parts->setCurrentText(QStringLiteral("Cross"));
        QVERIFY(bench.panel->wantedChannels().contains("tokens/cross-attention"));
        QTRY_VERIFY2(said().contains(QStringLiteral("head 1 of 2, over 2 tokens")) && said().contains(QStringLiteral("of the encoder")), qPrintable(said()));
        bench.canvas()->setFocus();
        for (const Qt::Key key : {Qt::Key_Right, Qt::Key_Right, Qt::Key_Right, Qt::Key_Down, Qt::Key_Down}) // to the last cell, and no further
            QTest::keyClick(bench.canvas(), key);
        QVERIFY2(said().startsWith(QStringLiteral("“he” (1) attends to “is” (2) with weight 0.4000")), qPrintable(said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY2(said().contains(QStringLiteral("with weight 0.3750")), qPrintable(said()));
        const QStringList lines = bench.panel->csv().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 1 + 2 * 2 * 3);
        QCOMPARE(lines[6], QStringLiteral("1,1,1,\"▁he\",2,\"▁is\",1,0.400000006"));
        test::CatchingCanvas canvas({900, 500}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
        QVERIFY(std::ranges::none_of(canvas.texts, [](const auto &one) { return one.first.contains(QStringLiteral("mask")); }));
        parts->setCurrentText(QStringLiteral("Decoder"));
        QTRY_VERIFY2(said().contains(QStringLiteral("of “he”")) || bench.panel->csv().contains(QStringLiteral("1,1,1,\"▁he\",1,\"▁he\",1,0.75")),
                     qPrintable(bench.panel->csv()));
        auto later = test::makeSentencePairs(2); // of another job, without a decoder
        bench.run.show(later);
        QTRY_VERIFY2(said().contains(QStringLiteral("“")) || said().contains(QStringLiteral("over 9 tokens")), qPrintable(said()));
        QVERIFY(!parts->isVisible());
    }

    void aPatchThatIsClickedShowsItsOwnAttention()
    {
        Bench bench(QStringLiteral("attention"));
        bench.run.show(test::makeSnapshot(3)); // 4 x 4 patches behind a class token
        bench.show();
        QTest::qWait(20);
        auto &content = dynamic_cast<CanvasContent &>(*bench.panel);
        test::CatchingCanvas canvas({900, 500}, Theme::of(bench.canvas()));
        content.draw(canvas);
        QVERIFY2(content.description().contains(QStringLiteral("layer 1 of 2, head 1 of 2, what the class token attends to")),
                 qPrintable(content.description()));
        QPointF lastPatch;
        for (int x = 899; x > 0 && lastPatch.isNull(); x -= 5)
            for (int y = 499; y > 0 && lastPatch.isNull(); y -= 5) {
                content.hover(QPointF(x, y));
                if (content.description().contains(QStringLiteral("attends to the patch in row 4, column 4")))
                    lastPatch = QPointF(x, y);
            }
        QVERIFY2(content.description().endsWith(QStringLiteral("with weight 0.1111.")), qPrintable(content.description())); // 17 of 153
        content.click(lastPatch);
        content.leave();
        QVERIFY2(content.description().contains(QStringLiteral("what the patch in row 4, column 4 attends to")), qPrintable(content.description()));
        content.key(Qt::Key_Left, {});
        content.key(Qt::Key_PageDown, {});
        QVERIFY2(content.description().contains(QStringLiteral("layer 2 of 2, head 1 of 2, what the patch in row 4, column 3")),
                 qPrintable(content.description()));
        QVERIFY(bench.panel->csv().contains(QStringLiteral("2,2,16,\"4, 4\",0,\"class\",1,")));
        content.key(Qt::Key_Escape, {});
        QVERIFY2(content.description().contains(QStringLiteral("what the class token attends to")), qPrintable(content.description()));
    }

    void negativesWithoutLabelsAreNamedByTheirNumbers()
    {
        Bench bench(QStringLiteral("histogram"));
        auto unlabelled = std::make_shared<Snapshot>(*test::makeSnapshot(2)); // samples 1000 and 1001
        std::ranges::fill(unlabelled->labels, -1);
        bench.run.show(unlabelled);
        bench.show();
        QTest::qWait(20);
        test::CatchingCanvas canvas({1200, 600}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
        const auto drawn = [&](const QString &wanted) { return std::ranges::count(canvas.texts, wanted, [](const auto &text) { return text.first; }); };
        QCOMPARE(drawn(QStringLiteral("samples 1000 / 1001")), 3); // rows 0 and 1, 0 and 3, 2 and 3
        QCOMPARE(drawn(QStringLiteral("samples 1001 / 1000")), 1); // rows 1 and 2
    }

    void withoutLabelsNoTextCoversAnother()
    {
        Bench bench(QStringLiteral("similarity"));
        auto unlabelled = std::make_shared<Snapshot>(*test::makeSnapshot(6));
        std::ranges::fill(unlabelled->labels, -1);
        bench.run.show(unlabelled);
        bench.show();
        QTest::qWait(20);
        test::CatchingCanvas canvas({480, 300}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
        const auto title = std::ranges::find_if(canvas.texts, [](const auto &drawn) { return drawn.first.startsWith(QStringLiteral("Step 1: cosine")); });
        QVERIFY(title != canvas.texts.end());
        QVERIFY(canvas.placeOf(QStringLiteral("view 1")).y() - title->second.y() > lineHeight(canvas, kSmall) - 2);
    }

    void withOneSample_data() { eachPanelAndModality(); }
    void withOneSample()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.show();
        bench.run.show(snapshotOf(text, 1));
        use(bench);
    }

    void atEverySize_data() { eachPanelAndModality(); }
    void atEverySize()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.run.show(snapshotOf(text, 6));
        bench.show();
        choose(bench, 1);
        for (const QSize size : {QSize(1, 1), QSize(40, 20), QSize(20, 400), QSize(600, 30), QSize(360, 240), QSize(1400, 900)}) {
            bench.panel->resize(size);
            QTest::qWait(20);
            QVERIFY(!bench.panel->grab().isNull());
            QImage image(size, QImage::Format_RGB32);
            QPainter painter(&image);
            bench.panel->paintTo(painter, size);
        }
        use(bench);
    }

    void twoHundredUpdates_data() { eachPanelAndModality(); }
    void twoHundredUpdates()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.show();
        for (int step = 1; step <= 200; ++step) {
            bench.run.show(snapshotOf(text, 1 + step % 9, step));
            if (step % 10 == 0)
                QTest::qWait(5);
        }
        use(bench);
    }

    void hiddenPanelsCostNothing_data() { eachPanelAndModality(); }
    void hiddenPanelsCostNothing()
    {
        QFETCH(QString, name);
        QFETCH(bool, text);
        Bench bench(name);
        bench.show();
        QTest::qWait(100);
        bench.panel->hide();
        QVERIFY(!bench.panel->isShowing());
        if (!bench.canvas())
            return;
        const int paints = bench.canvas()->paints();
        for (int step = 1; step <= 10; ++step)
            bench.run.show(snapshotOf(text, 6, step));
        QTest::qWait(60);
        QCOMPARE(bench.canvas()->paints(), paints);
        QVERIFY(bench.panel->csv().isEmpty() || name == QStringLiteral("metrics"));
    }

    void anEmptyCanvasSaysWhatItWaitsFor_data() { eachPanel(); }
    void anEmptyCanvasSaysWhatItWaitsFor()
    {
        QFETCH(QString, name);
        Bench bench(name);
        bench.show();
        if (!bench.canvas())
            return;
        bench.canvas()->setFocus();
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QMouseEvent move(QEvent::MouseMove, QPointF(9, 9), QPointF(9, 9), Qt::NoButton, Qt::NoButton, {});
        QCoreApplication::sendEvent(bench.canvas(), &move);
        QVERIFY2(bench.said().contains(QStringLiteral("training step")), qPrintable(bench.said()));
    }

    void panelsAreMadeForARun()
    {
        Workbench workbench;
        Selection selection;
        std::vector<std::unique_ptr<Panel>> panels;
        for (Run *run : {workbench.add(), workbench.add()})
            for (const PanelType &type : panelTypes())
                if (type.name == QStringLiteral("metrics")) {
                    panels.emplace_back(type.make({&workbench, run, &selection}))->resize(480, 320);
                    panels.back()->show();
                }
        for (size_t i = 0; i < 2; ++i) {
            TrainerOptions options = test::shapesJob();
            options.config.seed = 7 + i;
            options.config.steps = 2 + int64_t(i);
            options.startPaused = false;
            workbench.runs()[i]->start(options);
        }
        for (size_t i = 0; i < 2; ++i) { // both train at once
            QTRY_COMPARE_WITH_TIMEOUT(workbench.runs()[i]->status().state, TrainerState::ended, 30000);
            QCOMPARE(workbench.runs()[i]->status().failure, std::string());
        }
        const QStringList first = panels[0]->csv().trimmed().split(u'\n'), second = panels[1]->csv().trimmed().split(u'\n');
        QCOMPARE(first.size(), 1 + 2);
        QCOMPARE(second.size(), 1 + 3);
        QCOMPARE(first[0], second[0]);
        QVERIFY(first[1].section(u',', 2) != second[1].section(u',', 2)); // of two seeds, seconds left out
    }

    void aPairSelectedInOneIsSelectedInAll()
    {
        Workbench workbench;
        Run &run = *workbench.add();
        Selection selection;
        std::map<QString, std::unique_ptr<Panel>> panels;
        for (const PanelType &type : panelTypes()) {
            panels[type.name].reset(type.make({&workbench, &run, &selection}));
            panels[type.name]->resize(480, 320);
            panels[type.name]->show();
        }
        run.show(test::makeSnapshot(6));
        auto *views = panels[QStringLiteral("viewpairs")]->findChild<CanvasWidget *>();
        QTest::qWait(100);
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(views, Qt::Key_Right);
        QTest::keyClick(views, Qt::Key_Return);
        QCOMPARE(selection.place(), 3);
        selection.hover({});
        auto *similarity = panels[QStringLiteral("similarity")]->findChild<CanvasWidget *>();
        QMouseEvent move(QEvent::MouseMove, QPointF(1, 1), QPointF(1, 1), Qt::NoButton, Qt::NoButton, {});
        QCoreApplication::sendEvent(similarity, &move);
        QVERIFY2(similarity->accessibleDescription().contains(QStringLiteral("sample 1003")), qPrintable(similarity->accessibleDescription()));
        QTest::keyClick(similarity, Qt::Key_Down);
        QTest::keyClick(similarity, Qt::Key_Return);
        QCOMPARE(selection.cell(), (Cell{4, 9}));
        QCOMPARE(selection.place(), 4);
    }

    void aSampleStaysSelectedFromStepToStep()
    {
        Workbench workbench;
        Run &run = *workbench.add();
        Selection selection;
        std::map<QString, std::unique_ptr<Panel>> panels;
        for (const PanelType &type : panelTypes()) {
            panels[type.name].reset(type.make({&workbench, &run, &selection}));
            panels[type.name]->resize(480, 320);
            panels[type.name]->show();
        }
        const auto said = [&](const char *name) { return dynamic_cast<const CanvasContent &>(*panels[QString::fromUtf8(name)]).description(); };
        const auto showSamples = [&](std::vector<int64_t> samples, int64_t step) {
            auto snapshot = std::make_shared<Snapshot>(*test::makeSnapshot(int(samples.size()), step));
            snapshot->indices = std::move(samples);
            run.show(snapshot);
        };
        showSamples({20, 21, 22, 23}, 1);
        QTest::qWait(50);
        auto &similarity = dynamic_cast<CanvasContent &>(*panels[QStringLiteral("similarity")]);
        selection.hover({2, 5}); // view 1 of sample 22, view 2 of sample 21
        similarity.key(Qt::Key_Return, {});
        selection.hover({});
        QCOMPARE(selection.sample(), (Sample{Split::train, 22}));
        for (const auto &[samples, place] : {std::pair(std::vector<int64_t>{22, 20, 21, 23}, 0), {{1, 21, 3, 22}, 3}}) {
            showSamples(samples, 2 + place);
            QVERIFY2(said("viewpairs").startsWith(QStringLiteral("Pair %1 of 4: ").arg(place + 1)), qPrintable(said("viewpairs")));
            QVERIFY2(said("viewpairs").contains(QStringLiteral("sample 22.")), qPrintable(said("viewpairs")));
            QVERIFY2(said("reconstruction").startsWith(QStringLiteral("Image %1 of 4").arg(place + 1)), qPrintable(said("reconstruction")));
            QVERIFY2(said("similarity").contains(QRegularExpression(QStringLiteral("Row: view 1 of .*sample 22\\. Column: view 2 of .*sample 21\\."))),
                     qPrintable(said("similarity")));
        }
        showSamples({1, 2, 3, 4}, 6); // without it: what is in the place where it was selected
        QVERIFY2(said("viewpairs").startsWith(QStringLiteral("Pair 3 of 4: ")), qPrintable(said("viewpairs")));
        QVERIFY2(said("viewpairs").contains(QStringLiteral("The selected sample, 22, is not in this batch: sample 3 is in its place.")),
                 qPrintable(said("viewpairs")));
        QVERIFY2(said("similarity").contains(QRegularExpression(QStringLiteral("Row: view 1 of .*sample 3\\. Column: view 2 of .*sample 2\\."))),
                 qPrintable(said("similarity")));
        showSamples({9, 8, 7, 22}, 7); // and back
        QVERIFY2(said("viewpairs").startsWith(QStringLiteral("Pair 4 of 4: ")) && !said("viewpairs").contains(QStringLiteral("not in this batch")),
                 qPrintable(said("viewpairs")));
    }

    /// One view of each sample, or five of two sizes: each is drawn, named and written, and no other is waited for.
    void asManyViewsAreShownAsThereAre_data()
    {
        QTest::addColumn<int>("views");
        for (const int views : {1, 3, 8})
            QTest::newRow(QByteArray::number(views)) << views;
    }
    void asManyViewsAreShownAsThereAre()
    {
        QFETCH(int, views);
        Bench bench(QStringLiteral("viewpairs"));
        const auto snapshot = test::makeSnapshot(6);
        snapshot->views = views;
        ImageBatch images;
        std::vector<ViewRecord> records;
        for (int view = 0; view < views; ++view)
            for (int pair = 0; pair < 6; ++pair) {
                images.push_back(test::patternImage(pair % 4, uint32_t(pair), view < 2 ? 16 : 8, 1));
                records.emplace_back();
                records.back().add("rotation", {float(10 * view + 10)});
            }
        snapshot->channels["views/pixels"] = std::move(images);
        snapshot->channels["views/records"] = std::move(records);
        bench.run.show(snapshot);
        bench.show();
        const QString header = bench.panel->csv().section(u'\n', 0, 0);
        QCOMPARE(header.count(QStringLiteral("view ")), views);
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        for (int view = 1; view <= views; ++view)
            QVERIFY2(bench.said().contains(QStringLiteral("View %1: rotated %2°").arg(view).arg(10 * view)), qPrintable(bench.said()));
        QVERIFY2(!bench.said().contains(QStringLiteral("not recorded")), qPrintable(bench.said()));
        QCOMPARE(bench.said().contains(QStringLiteral("cosine")), views > 1);
        // The frames of the views, each in its colour.
        QImage picture(600, 400, QImage::Format_RGB32);
        QPainter painter(&picture);
        bench.panel->paintTo(painter, picture.size());
        painter.end();
        std::set<QRgb> colours;
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                colours.insert(picture.pixel(x, y) | 0xff000000);
        for (int view = 0; view < 8; ++view)
            QCOMPARE(colours.contains(labelColour(view).rgb()), view < views);
    }

    /// Of three views each is a positive of the two others, in the heat map and the histogram alike.
    void allViewsOfASampleArePositives()
    {
        auto snapshot = test::makeSnapshot(6);
        snapshot->views = 3;
        Matrix cosine{18, 18, std::vector<float>(18 * 18)};
        for (int row = 0; row < 18; ++row)
            for (int column = 0; column < 18; ++column)
                cosine.values[size_t(row * 18 + column)] = row == column ? 1 : row % 6 == column % 6 ? 0.75f : 0.25f;
        for (const char *channel : {"similarity/softmax", "similarity/gradient", "similarity/teacher"})
            snapshot->channels.erase(channel);
        snapshot->channels["similarity"] = cosine;
        Bench map(QStringLiteral("similarity")), histogram(QStringLiteral("histogram"));
        for (Bench *bench : {&map, &histogram}) {
            bench->run.show(snapshot);
            bench->show();
        }
        const auto said = [](const Bench &bench) { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        for (const int column : {8, 14}) {
            map.selection.hover({2, column});
            QVERIFY2(said(map).startsWith(QStringLiteral("cosine 0.750.")) && said(map).contains(QStringLiteral("A positive pair")), qPrintable(said(map)));
        }
        QVERIFY2(said(map).contains(QStringLiteral("Column: view 3 of label 2, sample 1002")), qPrintable(said(map)));
        QVERIFY2(said(histogram).startsWith(QStringLiteral("Mean cosine of positives 0.750, of negatives 0.250.")), qPrintable(said(histogram)));
        test::CatchingCanvas canvas({900, 500}, Theme::of(map.canvas()));
        dynamic_cast<CanvasContent &>(*map.panel).draw(canvas);
        for (const char *name : {"view 1", "view 2", "view 3"})
            QVERIFY2(canvas.placeOf(QString::fromLatin1(name)).x() >= 0, name);
    }

    void theArrowsSpeakTheCellsValue()
    {
        Bench bench(QStringLiteral("similarity"));
        const auto snapshot = test::makeSnapshot(6);
        bench.run.show(snapshot);
        bench.show();
        bench.selection.hover({2, 4});
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QCOMPARE(bench.selection.hovered(), (Cell{2, 5}));
        const float cosine = snapshot->channel<Matrix>("similarity")->at(2, 5);
        const QString value = QString::number(cosine, 'f', 3).replace(u'-', QChar(0x2212));
        QVERIFY2(bench.said().startsWith(QStringLiteral("cosine ") + value), qPrintable(bench.said()));
        QVERIFY(bench.said().contains(QStringLiteral("sample 1002")) && bench.said().contains(QStringLiteral("sample 1005")));
    }

    void byLabelPutsClassesTogether()
    {
        Bench bench(QStringLiteral("similarity"));
        bench.run.show(test::makeSnapshot(6)); // labels 0 1 2 3 0 1
        bench.show();
        bench.panel->findChildren<QComboBox *>().at(1)->setCurrentIndex(1);
        const QStringList header = bench.panel->csv().section(u'\n', 0, 0).split(u',');
        const QStringList expected{QStringLiteral("sample/view"), QStringLiteral("1000/1"), QStringLiteral("1000/2"), QStringLiteral("1004/1"),
                                   QStringLiteral("1004/2"),      QStringLiteral("1001/1"), QStringLiteral("1001/2"), QStringLiteral("1005/1"),
                                   QStringLiteral("1005/2"),      QStringLiteral("1002/1"), QStringLiteral("1002/2"), QStringLiteral("1003/1"),
                                   QStringLiteral("1003/2")};
        QCOMPARE(header, expected);
    }

    void softmaxRowsSumToOneAndSharesLeaveThePositiveOut()
    {
        Bench bench(QStringLiteral("similarity"));
        bench.run.show(test::makeSnapshot(6));
        bench.show();
        for (int mode : {1, 2}) {
            bench.panel->findChildren<QComboBox *>().at(0)->setCurrentIndex(mode);
            const QStringList fields = bench.panel->csv().section(u'\n', 3, 3).split(u','); // row 2
            double sum = 0;
            for (qsizetype i = 1; i < fields.size(); ++i)
                sum += fields[i].toDouble();
            QVERIFY(std::abs(sum - 1) < 1e-5);
            QVERIFY(fields[1 + 2].isEmpty());
            QCOMPARE(fields[1 + 8].isEmpty(), mode == 2);
        }
    }

    void theCovarianceIsOfDimensionsAndSelectsNothing()
    {
        Bench bench(QStringLiteral("similarity"));
        auto snapshot = test::makeSnapshot(6);
        snapshot->channels["covariance"] = Matrix{3, 3, {1, 0.25f, 0, 0.25f, 2, -0.5f, 0, -0.5f, 3}};
        bench.run.show(snapshot);
        bench.show();
        bench.panel->findChildren<QComboBox *>().at(0)->setCurrentIndex(3);
        QCOMPARE(bench.panel->csv(), QStringLiteral("dimension,0,1,2\n0,1,0.25,0\n1,0.25,2,-0.5\n2,0,-0.5,3\n"));
        QTest::keyClick(bench.canvas(), Qt::Key_Down);
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QTest::keyClick(bench.canvas(), Qt::Key_Return);
        QVERIFY2(bench.said().startsWith(QStringLiteral("covariance \u22120.500. Row: dimension 1. Column: dimension 2.")), qPrintable(bench.said()));
        QCOMPARE(bench.selection.hovered(), Cell());
        QCOMPARE(bench.selection.cell(), Cell());
    }

    void theCrossCorrelationSaysWhatItsCellsMean()
    {
        Bench bench(QStringLiteral("similarity"));
        auto snapshot = test::makeSnapshot(6);
        snapshot->channels["cross-correlation"] = Matrix{2, 2, {0.75f, 0.25f, -0.5f, 1}};
        bench.run.show(snapshot);
        bench.show();
        bench.panel->findChildren<QComboBox *>().at(0)->setCurrentIndex(4);
        QCOMPARE(bench.panel->csv(), QStringLiteral("dimension,0,1\n0,0.75,0.25\n1,-0.5,1\n"));
        QTest::keyClick(bench.canvas(), Qt::Key_Down);
        QVERIFY2(bench.said().startsWith(QStringLiteral("cross-correlation \u22120.500. Row: dimension 1. Column: dimension 0. Two dimensions,")),
                 qPrintable(bench.said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QVERIFY2(bench.said().startsWith(QStringLiteral("cross-correlation 1.000. Row: dimension 1. Column: dimension 1. One dimension in both views")),
                 qPrintable(bench.said()));
    }

    void aMatrixThatTheMethodDoesNotMakeIsSaidToBeMissing()
    {
        Bench bench(QStringLiteral("similarity"));
        auto snapshot = test::makeSnapshot(6);
        snapshot->offered = {"similarity", "similarity/softmax"};
        snapshot->channels.erase("similarity/softmax"); // offered, and nobody wanted it until now
        bench.run.show(snapshot);
        bench.show();
        QComboBox *shows = bench.panel->findChildren<QComboBox *>().at(0);
        shows->setCurrentIndex(1);
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().startsWith(QStringLiteral("Heat map of 12 rows")), qPrintable(bench.said()));
        shows->setCurrentIndex(3);
        QCOMPARE(said(), QStringLiteral("SimCLR makes no covariance. Choose another matrix above."));
        const auto *choices = qobject_cast<QStandardItemModel *>(shows->model()); // and who looks at the list sees it before
        QVERIFY(choices->item(0)->isEnabled() && choices->item(1)->isEnabled() && !choices->item(3)->isEnabled());
        QCOMPARE(choices->item(3)->toolTip(), QStringLiteral("SimCLR makes no covariance."));
    }

    void whatTheEncoderSawIsShownWhereItIsTold()
    {
        Bench bench(QStringLiteral("reconstruction"));
        auto snapshot = test::makeSnapshot(6);
        snapshot->channels["reconstruction/error"] = Matrix{6, 256, std::vector<float>(6 * 256, 0.25f)}; // of every pixel
        snapshot->channels["reconstruction/seen"] = Matrix{6, 256, std::vector<float>(6 * 256, 0.f)};
        bench.run.show(snapshot);
        bench.show();
        QVERIFY2(bench.panel->csv().contains(QStringLiteral("\n0,1000,0,0.25\n")), qPrintable(bench.panel->csv()));
        const QString said = dynamic_cast<const CanvasContent &>(*bench.panel).description();
        QVERIFY2(said.contains(QStringLiteral("sample 1000: error 0.250")), qPrintable(said));
    }

    /// Each by itself and grey; what was foretold stands beside what came.
    void framesStandSideBySide()
    {
        TrainerOptions options = toyOptions(3);
        options.config = toyConfig(3, "next-frame", "convnet");
        for (const char *augmentation : {"crop", "flip", "jitter", "grey"})
            options.config.knobs.set(augmentation, false);
        options.dataset = std::make_shared<ToyClips>();
        options.startPaused = true;
        const auto drawn = [&](const QString &name) {
            Bench bench(name);
            bench.run.start(options);
            bench.show();
            const auto there = [&] { return bench.run.snapshot() && bench.run.snapshot()->channel<ImageBatch>("views/pixels"); };
            if (!QTest::qWaitFor(there, 30000))
                qFatal("no snapshot came");
            QTest::qWait(50);
            test::CatchingCanvas canvas({1200, 600}, Theme::of(bench.canvas()));
            dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
            const int64_t sample = bench.run.snapshot()->indices.at(0);
            return std::tuple(canvas.images, canvas.texts, options.dataset->image(Split::train, sample), options.dataset->next(Split::train, sample));
        };
        const auto isFrame = [](const QImage &picture, const Image &clip, int frame) {
            for (int y = 0; y < clip.height; ++y)
                for (int x = 0; x < clip.width; ++x)
                    if (!picture.isGrayscale() || std::abs(qGray(picture.pixel(x, y)) - clip.pixels[size_t((y * clip.width + x) * 3 + frame)]) > 1)
                        return false;
            return picture.size() == QSize(clip.width, clip.height);
        };
        const auto [painted, texts, clip, next] = drawn(QStringLiteral("reconstruction"));
        QVERIFY(painted.size() >= 6);
        for (int frame = 0; frame < 3; ++frame)
            QVERIFY(isFrame(painted[size_t(frame)], clip, frame));
        QVERIFY(painted[3].isGrayscale() && isFrame(painted[4], next, 2));
        for (const char *name : {"frame 1", "frame 2", "frame 3", "foretold", "came next", "error"})
            QCOMPARE(std::ranges::count(texts, QString::fromUtf8(name), [](const auto &text) { return text.first; }), 1);
        const auto [views, words, original, coming] = drawn(QStringLiteral("viewpairs"));
        QVERIFY(views.size() >= 9);
        for (int frame = 0; frame < 3; ++frame) {
            QVERIFY(isFrame(views[size_t(frame)], original, frame));
            QVERIFY(isFrame(views[size_t(3 + frame)], coming, frame));
            QVERIFY(isFrame(views[size_t(6 + frame)], original, frame));
        }
    }

    /// Lines in place of pictures: the views alone, since there is no original, in every panel that shows views.
    void viewsWithoutPicturesAreDrawn()
    {
        auto snapshot = test::makeSnapshot(6);
        Drawings drawings;
        for (int row = 0; row < 12; ++row)
            drawings.push_back({{{{0, 0.1f}, {0.5f, row / 12.f}, {1, 0.9f}}}});
        for (const char *channel : {"views/originals", "views/pixels", "views/records"})
            snapshot->channels.erase(channel);
        const auto shown = [&](const QString &name) {
            Bench bench(name);
            bench.run.show(snapshot);
            bench.show();
            bench.selection.hover({1, 8});
            QImage picture(700, 500, QImage::Format_RGB32);
            QPainter painter(&picture);
            bench.panel->paintTo(painter, picture.size());
            painter.end();
            return std::pair(picture, dynamic_cast<const CanvasContent &>(*bench.panel).description());
        };
        const QString without = shown(QStringLiteral("viewpairs")).second;
        QVERIFY2(!without.startsWith(QStringLiteral("Pair 2 of 6")), qPrintable(without));
        std::map<QString, QImage> blank;
        for (const char *name : {"similarity", "histogram"})
            blank[name] = shown(name).first;
        snapshot->channels["views/drawings"] = drawings;
        const auto [picture, said] = shown(QStringLiteral("viewpairs"));
        QVERIFY2(said.startsWith(QStringLiteral("Pair 2 of 6: label 1, sample 1001. cosine")) && said.contains(QStringLiteral("View 2")), qPrintable(said));
        for (const char *name : {"similarity", "histogram"})
            QVERIFY2(shown(name).first != blank[name], name);
        std::get<Drawings>(snapshot->channels["views/drawings"])[1].lines[0][1].y = 0.9f; // another curve of the large pair
        QVERIFY(shown(QStringLiteral("viewpairs")).first != picture);
    }

    void aTasksAnswersAreToldRightAndWrong()
    {
        Bench bench(QStringLiteral("taskpredictions"));
        bench.run.show(test::makeSnapshot(6));
        bench.show();
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().startsWith(QStringLiteral(
                     "Which quarter? Step 1: 50 % of this batch are answered right; by chance it would be 25 %. label 0, sample 1000. Right: first (70 %).")),
                 qPrintable(said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Home);
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QVERIFY2(said().contains(QStringLiteral("sample 1001. Wrong: third (70 %); right is second (10 %).")), qPrintable(said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Return);
        QCOMPARE(bench.selection.sample().index, int64_t(1001));
        QVERIFY2(bench.panel->csv().contains(QStringLiteral("\n1,1001,\"second\",\"third\",0.1,0.1,0.7,0.1\n")), qPrintable(bench.panel->csv()));
    }

    void placesAreAnsweredWhereTheyLie()
    {
        Bench bench(QStringLiteral("taskpredictions"));
        auto snapshot = test::makeSnapshot(2);
        auto &guesses = std::get<Guesses>(snapshot->channels["targets/guesses"]);
        const auto picture = [&bench] {
            QImage drawn(600, 400, QImage::Format_RGB32);
            QPainter painter(&drawn);
            bench.panel->paintTo(painter, drawn.size());
            painter.end();
            return drawn;
        };
        bench.run.show(snapshot);
        bench.show();
        const QImage bars = picture();
        auto placed = std::make_shared<Snapshot>(*snapshot);
        std::get<Guesses>(placed->channels["targets/guesses"]).places = {{{0, 0}}, {{1, 0}}, {{0, 1}}, {{1, 1}}};
        bench.run.show(placed);
        const QImage grid = picture();
        QVERIFY(grid != bars);
        QCOMPARE(guesses.places.size(), size_t(0));
        const QRgb sure = colourAt(ColourMap::sequential, double(0.7f)), unsure = colourAt(ColourMap::sequential, double(0.1f));
        int cells = 0, others = 0;
        for (int y = 0; y < grid.height(); ++y)
            for (int x = 0; x < grid.width(); ++x) {
                cells += grid.pixel(x, y) == sure;
                others += grid.pixel(x, y) == unsure;
            }
        QVERIFY2(cells > 500 && others > 2 * cells, qPrintable(QStringLiteral("%1 %2").arg(cells).arg(others)));
    }

    /// The views as they were given, and again where the likeliest order puts each; an answer without words is a class.
    void ordersAreShownAsAnswered()
    {
        Bench bench(QStringLiteral("taskpredictions"));
        auto snapshot = test::makeSnapshot(3);
        Guesses guesses{.task = "Which order?", .answers = {"1 2", ""}};
        guesses.targets = {0, 1, 0};
        guesses.probabilities = {0.1f, 0.9f, 0.2f, 0.8f, 0.7f, 0.3f};
        guesses.orders = {{0, 1}, {1, 0}};
        snapshot->channels["targets/guesses"] = guesses;
        bench.run.show(snapshot);
        bench.show();
        QTest::qWait(20);
        test::CatchingCanvas canvas({900, 500}, Theme::of(bench.canvas()));
        auto &content = dynamic_cast<CanvasContent &>(*bench.panel);
        content.draw(canvas);
        QVERIFY(canvas.images.size() >= 4);
        for (const size_t view : {0, 1}) // the first pair is answered to be the other way round
            QCOMPARE(canvas.images[2 + view], canvas.images[view]);
        QVERIFY(canvas.imagePlaces[0].left() < canvas.imagePlaces[1].left());
        QVERIFY(canvas.imagePlaces[2].left() > canvas.imagePlaces[3].left());
        QVERIFY2(content.description().contains(QStringLiteral("Wrong: label 1 (90 %); right is 1 2 (10 %).")), qPrintable(content.description()));
        QVERIFY2(bench.panel->csv().startsWith(QStringLiteral("row,sample,right,guess,\"1 2\",\"label 1\"\n")), qPrintable(bench.panel->csv()));
    }

    void prototypesInUseAreCounted()
    {
        Bench bench(QStringLiteral("prototypes"));
        bench.run.show(test::makeSnapshot(8));
        bench.show();
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().startsWith(
                     QStringLiteral("Step 1: as good as 4 of 8 prototypes are in use; the fullest one has 25 % of the batch, an even share is 12.5 %.")),
                 qPrintable(said()));
        QVERIFY2(said().contains(QStringLiteral("sample 1000: View 1's largest shares: no. 0: 100 %")), qPrintable(said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QCOMPARE(bench.selection.sample().index, int64_t(1001));
        QVERIFY2(said().contains(QStringLiteral("sample 1001: View 1's largest shares: no. 1: 100 %")), qPrintable(said()));
        QCOMPARE(bench.panel->csv().section(u'\n', 1, 1), QStringLiteral("1,0.25"));
    }

    void slowMotionTakesAStepApart()
    {
        Bench bench(QStringLiteral("slowmotion"));
        auto snapshot = test::makeSnapshot(6);
        snapshot->knobs["temperature"] = 0.2;
        const Matrix &similarity = std::get<Matrix>(snapshot->channels["similarity"]);
        snapshot->channels["similarity/softmax"] = softmaxRows(similarity, 0.2f);
        snapshot->offered.insert("similarity/softmax");
        bench.run.show(snapshot);
        bench.show();
        double sum = 0; // by hand, of the first view of the first pair
        for (int column = 1; column < 12; ++column)
            sum += std::exp(double(similarity.at(0, column)) / 0.2);
        const double share = std::exp(double(similarity.at(0, 6)) / 0.2) / sum;
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().startsWith(QStringLiteral("Stage 1 of 8, sample")), qPrintable(said()));
        for (int stage = 2; stage <= 8; ++stage) {
            QTest::keyClick(bench.canvas(), Qt::Key_Right);
            QVERIFY2(said().startsWith(QStringLiteral("Stage %1 of 8").arg(stage)), qPrintable(said()));
            QVERIFY(!bench.panel->grab().isNull());
        }
        QVERIFY2(said().contains(QStringLiteral("Its positive: s %1, s / τ %2, p %3.")
                                     .arg(decimalText(double(similarity.at(0, 6)), 4), decimalText(double(similarity.at(0, 6)) / 0.2, 4), percentText(share))),
                 qPrintable(said()));
        QVERIFY2(said().contains(QStringLiteral("Loss %1.").arg(decimalText(-std::log(share)))), qPrintable(said()));
        auto later = test::makeSnapshot(6); // the step that is looked at is held
        later->step = 99;
        bench.run.show(later);
        QTest::qWait(50);
        QVERIFY(said().contains(QStringLiteral("at step 1.")));
        QTest::keyClick(bench.canvas(), Qt::Key_Home);
        QTRY_VERIFY2(!said().contains(QStringLiteral("at step 1.")), qPrintable(said()));
    }

    void slowMotionFollowsATokenThatIsForetold()
    {
        Bench bench(QStringLiteral("slowmotion"));
        auto snapshot = test::makeSnapshot(2);
        snapshot->channels["tokens/rows"] =
            TokenRowViews{{.sample = 1000, .text = "a b", .original = {"a", "b"}, .given = {{1, "a"}, {2, "[MASK]", TokenAction::masked, 1}}}};
        snapshot->channels["tokens/predictions"] = TokenPredictions{
            {.row = 0, .position = 1, .truth = "b", .probability = 0.25f, .loss = 1.3863f, .rank = 1, .candidates = {{"c", 0.5f}, {"b", 0.25f}}}};
        AttentionView attention{.pieces = {"a", "[MASK]"}, .layers = 1, .heads = 2, .weights = {1, 0, 0.6f, 0.4f, 1, 0, 0.2f, 0.8f}, .visible = {1, 1, 1, 1}};
        snapshot->channels["tokens/attention"] = attention;
        snapshot->channels["tokens/embedded"] =
            EmbeddedTokens{.width = 2, .token = {9, 9, 1.25f, 2}, .position = {9, 9, 0.25f, -1}, .type = {}, .given = {9, 9, 1.5f, 1}};
        bench.run.show(snapshot);
        bench.show();
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        QVERIFY2(said().startsWith(QStringLiteral("Stage 1 of 7, sentence, of the token 2 of sample 1000")), qPrintable(said()));
        QVERIFY2(said().contains(QStringLiteral("The truth, b: p 25 %, loss 1.386.")), qPrintable(said()));
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        test::CatchingCanvas embedded({600, 400}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(embedded);
        for (const char *text : {"token “[MASK]”", "1.250", "2.000", "+ position 1", "0.250", "−1.000", "= sum", "1.500", "1.000", "1.803"}) // √(1.5² + 1)
            QVERIFY2(std::ranges::any_of(embedded.texts, [&](const auto &one) { return one.first == QString::fromUtf8(text); }), text);
        QVERIFY(std::ranges::none_of(embedded.texts, [](const auto &one) { return one.first == QStringLiteral("normalised"); }));
        QTest::keyClick(bench.canvas(), Qt::Key_Right);
        test::CatchingCanvas canvas({600, 400}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(canvas);
        const auto drawn = [&](const QString &text) { return std::ranges::any_of(canvas.texts, [&](const auto &one) { return one.first == text; }); };
        QVERIFY(drawn(QStringLiteral("40 %")) && drawn(QStringLiteral("60 %"))); // the mean of the two heads
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(bench.canvas(), Qt::Key_Right);
        test::CatchingCanvas last({600, 400}, Theme::of(bench.canvas()));
        dynamic_cast<CanvasContent &>(*bench.panel).draw(last);
        QVERIFY(std::ranges::any_of(last.texts, [](const auto &one) { return one.first == QStringLiteral("−0.750"); })); // p - 1 of the truth
        QCOMPARE(bench.panel->csv(), QStringLiteral("token,truth,probability\n\"c\",0,0.5\n\"b\",1,0.25\n"));
    }

    void theTeachersMatrixSaysWhoseViewsItCompares()
    {
        Bench bench(QStringLiteral("similarity"));
        bench.run.show(test::makeSnapshot(6));
        bench.show();
        bench.panel->findChildren<QComboBox *>().at(0)->setCurrentIndex(5);
        const auto said = [&bench] { return dynamic_cast<const CanvasContent &>(*bench.panel).description(); };
        for (const auto &[column, words] : {std::pair(2, "Student and teacher on one view"),
                                            {8, "Student and teacher on two views of one sample"},
                                            {4, "Student and teacher on views of two samples"}}) {
            bench.selection.hover({2, column});
            QVERIFY2(said().contains(QString::fromLatin1(words)), qPrintable(said()));
        }
    }

    void theHardestNegativeIsTheHighest()
    {
        Bench bench(QStringLiteral("histogram"));
        auto snapshot = test::makeSnapshot(6);
        auto &similarity = std::get<Matrix>(snapshot->channels["similarity"]);
        similarity.values[1 * 12 + 9] = similarity.values[9 * 12 + 1] = 0.999f;
        bench.run.show(snapshot);
        bench.show();
        QTest::keyClick(bench.canvas(), Qt::Key_Home);
        QTest::keyClick(bench.canvas(), Qt::Key_Return);
        QCOMPARE(bench.selection.cell(), (Cell{1, 9}));
    }
};

QTEST_MAIN(PanelsTest)
#include "tst_panels.moc"
