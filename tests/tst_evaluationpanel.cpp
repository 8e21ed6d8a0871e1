// The evaluation panel: its numbers are those of `evaluate` on the checkpoint that it saves, it can be given up, and another job clears it.
#include "app/dockarea.h"
#include "app/runs.h"
#include "core/analysis/judge.h"
#include "core/analysis/scoretables.h"
#include "core/engine/runfolder.h"
#include "filefixture.h"
#include "toydata.h"
#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/panel.h"
#include "widgets/panels/scoredrawing.h"
#include "widgets/run.h"
#include "widgets/selection.h"
#include "windowfixture.h"

#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace pretext;

class EvaluationPanelTest : public QObject
{
    Q_OBJECT
    const test::OwnCache m_cache; // baselines are judged, not read

private slots:
    void initTestCase()
    {
        test::useOwnSettings("pretext-tst-evaluationpanel");
        m_window = test::shownWindow();
        QVERIFY(m_window);
        m_window->docks().show("evaluation");
        m_panel = m_window->docks().panel("evaluation");
        QTRY_VERIFY(m_panel->isShowing());
        m_button = m_panel->findChild<QPushButton *>();
        QVERIFY(!m_button->isEnabled()); // there is nothing to judge
    }

    void cleanupTestCase()
    {
        m_window.reset();
        settings().clear();
        std::filesystem::remove_all(runsRoot().parent_path());
    }

    void theNumbersAreThoseOfTheCheckpoint()
    {
        start("first");
        m_button->click();
        QTRY_VERIFY_WITH_TIMEOUT(!m_panel->csv().isEmpty(), 60000);
        QTRY_COMPARE_WITH_TIMEOUT(m_button->text(), QStringLiteral("Evaluate now"), 60000);
        TrainedEncoder trained = loadEncoder(findCheckpoint(path("first")));
        QCOMPARE(trained.state.step, int64_t(3));
        QCOMPARE(m_panel->csv(), scoresCsv(tablesOf(evaluate(trained, ToyData(), {.finetuneSteps = 0}))));
        QVERIFY(said().contains(QStringLiteral("Step 3")));
        QVERIFY(said().contains(QStringLiteral("PCA")));
    }

    void baselinesAreAChoice()
    {
        for (QCheckBox *box : m_panel->findChildren<QCheckBox *>())
            if (box->text() == QStringLiteral("Baselines"))
                box->setChecked(false);
        m_button->click();
        QVERIFY2(said().contains(QStringLiteral("PCA-64, of step 3,")), qPrintable(said())); // the rows before stay until there are others
        QVERIFY(m_panel->csv().contains(QStringLiteral("encoder, of step 3")));
        QTRY_COMPARE_WITH_TIMEOUT(m_button->text(), QStringLiteral("Evaluate now"), 60000);
        QVERIFY(said().contains(QStringLiteral("Step 3")) && !said().contains(QStringLiteral("of step 3,")));
        QVERIFY(!said().contains(QStringLiteral("PCA")));
    }

    void aCellOfTheConfusionShowsItsSamples()
    {
        auto &content = dynamic_cast<CanvasContent &>(*m_panel);
        QComboBox *what = nullptr;
        for (QComboBox *box : m_panel->findChildren<QComboBox *>())
            if (box->count() == 2 && box->itemText(1) == QStringLiteral("Confusion"))
                what = box;
        QVERIFY(what);
        const QString scores = m_panel->csv();
        what->setCurrentIndex(1);
        TrainedEncoder trained = loadEncoder(findCheckpoint(path("first")));
        const ToyData data;
        const Evaluation evaluation = evaluate(trained, data, {.baselines = false, .finetuneSteps = 0});
        const EvaluationRow &row = evaluation.rows.front();
        const auto counts = confusion(row.guesses.truth, row.guesses.probe, row.classes.size());
        QStringList lines{QStringLiteral("class")};
        for (const ClassScore &score : row.classes)
            lines[0] += QStringLiteral(",\"%1\"").arg(QString::fromStdString(score.name));
        for (size_t i = 0; i < counts.size(); ++i) {
            lines << QStringLiteral("\"%1\"").arg(QString::fromStdString(row.classes[i].name));
            for (const int64_t number : counts[i])
                lines.back() += QStringLiteral(",%1").arg(number);
        }
        QCOMPARE(m_panel->csv(), lines.join(u'\n') + u'\n');
        // to the first cell, whose samples are then as many as it says
        for (size_t i = 0; i < counts.size(); ++i) {
            content.key(Qt::Key_Left, {});
            content.key(Qt::Key_Up, {});
        }
        const QString words = QStringLiteral("%1: %2 of").arg(QString::fromStdString(row.classes[0].name)).arg(counts[0][0]);
        QVERIFY2(said().contains(words), qPrintable(said()));
        test::CatchingCanvas canvas({900, 600}, {});
        content.draw(canvas);
        QVERIFY(std::ranges::any_of(canvas.texts, [&](const auto &drawn) { return drawn.first.contains(words); }));
        int64_t chosen = -1; // a click on a sample selects it everywhere
        for (int y = 40; y < 600 && chosen < 0; y += 12)
            for (int x = 880; x > 560 && chosen < 0; x -= 12) {
                content.click({double(x), double(y)});
                chosen = m_window->selection().sample().split == Split::test ? m_window->selection().sample().index : -1;
            }
        QVERIFY(chosen >= 0);
        QVERIFY(row.guesses.truth.at(size_t(chosen)) == 0 && row.guesses.probe.at(size_t(chosen)) == 0);
        what->setCurrentIndex(0);
        QCOMPARE(m_panel->csv(), scores);
    }

    void choicesAreThoseThatTheDataHaveAUseFor()
    {
        const auto offered = [this](const QString &name) {
            for (QCheckBox *box : m_panel->findChildren<QCheckBox *>())
                if (box->text() == name)
                    return !box->isHidden();
            return false;
        };
        QVERIFY(offered(QStringLiteral("Supervised")) && offered(QStringLiteral("Fine-tuning")));
        start("without labels", {}, false);
        QVERIFY(offered(QStringLiteral("Baselines")) && !offered(QStringLiteral("Supervised")) && !offered(QStringLiteral("Fine-tuning")));
    }

    void anotherJobClearsIt()
    {
        start("second");
        QVERIFY(m_panel->csv().isEmpty());
        QVERIFY(m_button->isEnabled());
    }

    void aJobWithoutAFolderSaysSo()
    {
        start(nullptr);
        m_button->click();
        QTRY_VERIFY_WITH_TIMEOUT(said().contains(QStringLiteral("no checkpoint")), 30000);
        QCOMPARE(m_button->text(), QStringLiteral("Evaluate now"));
    }

    void rowsComeAsTheyAreKnown()
    {
        const test::OwnCache cache;
        start("slow", std::chrono::milliseconds(8)); // an image, so that each kind of features takes longer than the panel looks away
        for (QCheckBox *box : m_panel->findChildren<QCheckBox *>())
            if (box->text() == QStringLiteral("Baselines"))
                box->setChecked(true);
        QStringList seen;
        m_button->click();
        QTRY_VERIFY_WITH_TIMEOUT((seen << m_panel->csv(), m_button->text() == QStringLiteral("Evaluate now")), 60000);
        QVERIFY(std::ranges::any_of(seen, [&](const QString &csv) { return csv.contains("encoder") && !csv.contains("raw pixels"); }));
        QVERIFY(m_panel->csv().contains("raw pixels"));
    }

    void dataWithoutLabelsAreJudgedByTheirGeometry()
    {
        start("unlabelled", {}, false);
        m_button->click();
        QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("toy has no labels, so there is nothing to score")), qPrintable(said()), 60000);
        QTRY_COMPARE_WITH_TIMEOUT(m_button->text(), QStringLiteral("Evaluate now"), 60000);
        TrainedEncoder trained = loadEncoder(findCheckpoint(path("unlabelled")));
        const Evaluation evaluation = evaluate(trained, ToyData(-1, {}, false));
        QVERIFY2(said().contains(QString::fromStdString(geometryOf(evaluation))), qPrintable(said()));
        test::CatchingCanvas canvas({900, 600}, {});
        dynamic_cast<CanvasContent &>(*m_panel).draw(canvas);
        QVERIFY(std::ranges::any_of(canvas.texts, [](const auto &drawn) { return drawn.first.contains("has no labels"); }));
    }

private:
    std::filesystem::path path(const char *name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }
    QString said() const { return dynamic_cast<CanvasContent &>(*m_panel).description(); }

    void start(const char *name, std::chrono::milliseconds delay = {}, bool labelled = true)
    {
        Run &run = m_window->run();
        QSignalSpy started(&run, &Run::jobStarted);
        TrainerOptions options = toyOptions(3, name ? path(name) : std::filesystem::path());
        options.dataset = std::make_shared<ToyData>(-1, delay, labelled);
        run.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 60000);
        QTRY_COMPARE_WITH_TIMEOUT(run.status().state, TrainerState::ended, 60000);
        QCOMPARE(run.status().step, int64_t(3));
    }

    QTemporaryDir m_folder;
    std::unique_ptr<MainWindow> m_window;
    Panel *m_panel = nullptr;
    QPushButton *m_button = nullptr;
};

QTEST_MAIN(EvaluationPanelTest)
#include "tst_evaluationpanel.moc"
