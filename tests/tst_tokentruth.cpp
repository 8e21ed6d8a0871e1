// The token predictions panel shows what the model says and nothing else: trains a little through the window, types a sentence, hides a token by
// a click, and holds what is shown against the engine's own answer from the checkpoint.
#include "app/dockarea.h"
#include "app/runs.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/model.h"
#include "toytext.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <memory>
#include <vector>

using namespace pretext;

namespace {

/// Rows of the panel's first table by the names of its columns; no field of these texts holds a comma.
std::vector<std::map<QString, QString>> tableOf(const QString &csv)
{
    const QStringList lines = csv.section(QStringLiteral("\n\n"), 0, 0).split(u'\n', Qt::SkipEmptyParts);
    std::vector<std::map<QString, QString>> rows;
    const QStringList names = lines.value(0).remove(u'"').split(u',');
    for (qsizetype line = 1; line < lines.size(); ++line) {
        const QStringList fields = QString(lines[line]).remove(u'"').split(u',');
        std::map<QString, QString> row;
        for (qsizetype i = 0; i < std::min(names.size(), fields.size()); ++i)
            row[names[i]] = fields[i];
        rows.push_back(row);
    }
    return rows;
}

Question asked(const std::string &text, std::vector<int> masked, float temperature = 1)
{
    Question question;
    question.text = text;
    question.masked = std::move(masked);
    question.sampling.temperature = temperature;
    return question;
}

QString joined(const std::vector<std::map<QString, QString>> &rows, const QString &column)
{
    QStringList texts;
    for (const auto &row : rows)
        texts << row.at(column);
    return texts.join(u' ');
}

} // namespace

class TokenTruthTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        test::useOwnSettings("pretext-tst-tokentruth");
        m_window = test::shownWindow();
        QVERIFY(m_window);
        m_window->docks().show("tokenpredictions");
        m_panel = m_window->docks().panel("tokenpredictions");
        QTRY_VERIFY(m_panel->isShowing());
        m_text = m_panel->findChild<QLineEdit *>();
        m_shown = m_panel->findChild<QComboBox *>();
        m_canvas = m_panel->findChild<CanvasWidget *>();
        m_dataset = std::make_shared<ToyText>();
    }

    void cleanupTestCase()
    {
        m_window.reset();
        settings().clear();
        std::filesystem::remove_all(runsRoot().parent_path());
    }

    void aSentenceIsAnsweredBeforeTheFirstStep()
    {
        start("mlm", true);
        QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::paused, 60000);
        type("the owl calls by night");
        QTRY_COMPARE(joined(table(), "input"), QStringLiteral("[CLS] ▁the ▁owl ▁calls ▁by ▁night [SEP]"));
        QCOMPARE(run().status().step, int64_t(0));
        clickOn("owl");
        QTRY_COMPARE(table().at(2).at("input"), QStringLiteral("[MASK]"));
    }

    void anExampleComesWithTheJob()
    {
        m_text->clear();
        type({});
        start("mlm", false);
        finish();
        QTRY_VERIFY(!table().empty());
        QVERIFY(!m_text->text().isEmpty());
        QTRY_VERIFY2(joined(table(), "input").contains(QStringLiteral("[MASK]")), qPrintable(m_panel->csv()));
    }

    void aTypedSentenceMaskedByAClickGetsTheEnginesAnswer()
    {
        type("the owl calls by night under the roof .");
        QTRY_COMPARE(table().size(), size_t(11));
        clickOn("calls");
        QTRY_COMPARE(table().at(3).at("input"), QStringLiteral("[MASK]"));
        const Question question = asked("the owl calls by night under the roof .", {3});
        const Answer answer = engineSays(question);
        QCOMPARE(answer.predictions.size(), size_t(1));
        compare(table().at(3), answer.predictions.front());
        QCOMPARE(table().at(3).at("truth"), QStringLiteral("▁calls"));
        QVERIFY(table().at(2).at("truth").isEmpty());

        QTest::keyClick(m_canvas, Qt::Key_Right); // by the keyboard: the next token is hidden, too
        QTest::keyClick(m_canvas, Qt::Key_Return);
        QTRY_COMPARE(table().at(4).at("input"), QStringLiteral("[MASK]"));
        const Answer both = engineSays(asked(question.text, {3, 4}));
        for (const int column : {3, 4})
            compare(table().at(column), both.predictions.at(column - 3));
        QTest::keyClick(m_canvas, Qt::Key_Return); // and shown again
        QTRY_COMPARE(table().at(4).at("input"), QStringLiteral("▁by"));
    }

    void theCandidatesInSightAreTheAnswers()
    {
        type("the sun shines by day");
        QTRY_COMPARE(table().size(), size_t(7));
        clickOn("sun");
        QTRY_COMPARE(table().at(2).at("input"), QStringLiteral("[MASK]"));
        const Answer answer = engineSays(asked("the sun shines by day", {2}));
        QTest::qWait(60);
        const test::CatchingCanvas seen = drawn();
        for (const Candidate &candidate : answer.predictions.front().candidates) {
            const QString word = QString::fromStdString(candidate.piece).remove(QChar(0x2581));
            QVERIFY2(seen.placeOf(word).x() >= 0, qPrintable(word));
            QVERIFY2(m_canvas->accessibleDescription().contains(QString::fromStdString(candidate.piece)), qPrintable(m_canvas->accessibleDescription()));
        }
    }

    void theBatchsRowIsTheSnapshots()
    {
        m_shown->setCurrentIndex(1);
        // Rows may have been there for another panel.
        QTRY_VERIFY(run().snapshot()->channel<TokenRowViews>("tokens/rows") && run().snapshot()->channel<TokenPredictions>("tokens/predictions"));
        QTRY_COMPARE(table().size(), run().snapshot()->channel<TokenRowViews>("tokens/rows")->at(0).given.size());
        const Snapshot &snapshot = *run().snapshot();
        const TokenRowView &row = snapshot.channel<TokenRowViews>("tokens/rows")->at(0);
        const auto rows = table();
        QCOMPARE(rows.size(), row.given.size());
        int predicted = 0;
        for (const TokenPrediction &prediction : *snapshot.channel<TokenPredictions>("tokens/predictions"))
            if (prediction.row == 0) {
                compare(rows.at(size_t(prediction.position)), prediction);
                QCOMPARE(rows.at(size_t(prediction.position)).at("truth"), QString::fromStdString(prediction.truth));
                ++predicted;
            }
        QVERIFY(predicted > 0);
        for (size_t t = 0; t < rows.size(); ++t)
            QCOMPARE(rows[t].at("input"), QString::fromStdString(row.given[t].piece));
        m_shown->setCurrentIndex(0);
    }

    void whatCannotBeAnsweredIsSaid()
    {
        QString longer;
        for (int i = 0; i < 200; ++i)
            longer += QStringLiteral("the owl ");
        type(longer);
        QTRY_VERIFY2(m_canvas->accessibleDescription().contains(QStringLiteral("context")) || said().contains(QStringLiteral("context")), qPrintable(said()));
        QVERIFY(table().empty());
        type({});
        QTRY_VERIFY2(said().contains(QStringLiteral("Type a sentence")), qPrintable(said()));
        type("the 鯨 calls");
        QTRY_COMPARE(table().size(), size_t(5));
        QTest::qWait(60);
        bool told = false;
        for (const auto &[text, at] : drawn().texts)
            told |= text.contains(QStringLiteral("[UNK]")) && text.contains(QStringLiteral("vocabulary"));
        QVERIFY(told);
    }

    void aContinuationIsTheEngines_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("clm") << "clm";
        QTest::newRow("prefix") << "prefix";
    }

    void aContinuationIsTheEngines()
    {
        QFETCH(QString, method);
        start(method.toStdString(), false);
        finish();
        type("the moon");
        QTRY_VERIFY(table().size() > 3);
        auto *greedy = m_panel->findChild<QCheckBox *>();
        QVERIFY(greedy && greedy->isVisible());
        greedy->setChecked(true);
        const Answer answer = engineSays(asked("the moon", {}, 0));
        QStringList expected{QStringLiteral("[CLS]"), QStringLiteral("▁the"), QStringLiteral("▁moon")};
        for (const std::string &piece : answer.rebuilt)
            expected << QString::fromStdString(piece);
        if (answer.rebuilt.empty())
            expected << QStringLiteral("[SEP]");
        QTRY_COMPARE(joined(table(), "text"), expected.join(u' '));
        for (size_t i = 3; i < 3 + answer.rebuilt.size(); ++i) // greedy: the best candidate is what was written
            QCOMPARE(table().at(i).at("best guess"), table().at(i).at("text"));
    }

    void aSentenceIsRebuilt()
    {
        start("denoise", false);
        finish();
        type("the moon glows by night");
        QTRY_VERIFY(!table().empty() && table().front().contains("rebuilt"));
        const Answer answer = engineSays(asked("the moon glows by night", {}));
        QString said;
        for (const auto &row : table())
            said += row.at("rebuilt").isEmpty() ? QString() : row.at("rebuilt") + u' ';
        QString expected;
        for (const std::string &piece : answer.rebuilt)
            expected += QString::fromStdString(piece) + u' ';
        QCOMPARE(said, expected);
    }

    void aMethodOfPairsSaysThatItPredictsNothing()
    {
        start("simcse", false);
        QTRY_VERIFY(m_window->docks().panel("viewpairs")->isShowing()); // it has more to show
        m_window->docks().show("tokenpredictions");
        finish();
        type("the moon glows");
        QTRY_VERIFY2(said().contains(QStringLiteral("predicts no tokens")), qPrintable(said()));
    }

private:
    Run &run() const { return m_window->run(); }
    std::vector<std::map<QString, QString>> table() const { return tableOf(m_panel->csv()); }

    void start(const std::string &method, bool paused)
    {
        TrainerOptions options;
        options.config = makeConfig(method, "transformer", "toytext", m_dataset->info());
        options.config.knobs.setText("tokenizer", "word");
        options.config.knobs.setText("encoder.width", "32");
        options.config.knobs.setText("encoder.layers", "1");
        options.config.knobs.setText("encoder.heads", "2");
        options.config.knobs.setText("encoder.context", "32");
        options.config.batch = 8;
        options.config.steps = 20;
        options.config.threads = 1;
        options.dataset = m_dataset;
        options.loaderAhead = 0;
        options.startPaused = paused;
        options.out = m_runs.filePath(QString::fromStdString(method + (paused ? "-paused" : ""))).toStdString();
        m_run = options.out;
        const QSignalSpy started(&run(), &Run::jobStarted);
        run().start(options);
        QTRY_VERIFY(!started.isEmpty());
    }

    void finish()
    {
        QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::ended, 120000);
        QCOMPARE(run().status().failure, std::string());
    }

    void type(const QString &text)
    {
        m_text->setFocus();
        m_text->selectAll();
        QTest::keyClick(m_text, Qt::Key_Delete);
        const bool latin = std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 128; });
        if (latin && text.size() < 200)
            QTest::keyClicks(m_text, text);
        else
            m_text->setText(text); // as if pasted
        QTest::keyClick(m_text, Qt::Key_Return);
    }

    test::CatchingCanvas drawn() const
    {
        test::CatchingCanvas catcher(m_canvas->size(), Theme::of(m_canvas));
        dynamic_cast<CanvasContent *>(m_panel)->draw(catcher);
        return catcher;
    }

    void clickOn(const QString &word)
    {
        const QPointF at = drawn().placeOf(word);
        QVERIFY2(at.x() >= 0, qPrintable(word));
        QTest::mouseClick(m_canvas, Qt::LeftButton, {}, (at + QPointF(2, 0)).toPoint());
    }

    /// What an empty panel says, drawn and for assistive technology.
    QString said() const { return dynamic_cast<CanvasContent *>(m_panel)->description(); }

    Answer engineSays(const Question &question) const
    {
        const TrainedEncoder trained = loadEncoder(findCheckpoint(m_run));
        trained.encoder->setTraining(false);
        trained.method->heads().setTraining(false);
        const auto answer = trained.method->answer(*trained.encoder, *trained.state.prepared, question);
        return answer ? std::get<Answer>(*answer) : Answer();
    }

    static void compare(const std::map<QString, QString> &row, const TokenPrediction &prediction)
    {
        QCOMPARE(prediction.candidates.size(), size_t(5));
        for (size_t i = 0; i < prediction.candidates.size(); ++i) {
            QCOMPARE(row.at(QStringLiteral("candidate %1").arg(i + 1)), QString::fromStdString(prediction.candidates[i].piece));
            const double shown = row.at(QStringLiteral("probability %1").arg(i + 1)).toDouble();
            QVERIFY2(std::abs(shown - prediction.candidates[i].probability) < 1e-4, qPrintable(QString::number(shown)));
        }
    }

    QTemporaryDir m_runs;
    std::filesystem::path m_run;
    std::unique_ptr<MainWindow> m_window;
    Panel *m_panel = nullptr;
    QLineEdit *m_text = nullptr;
    QComboBox *m_shown = nullptr;
    CanvasWidget *m_canvas = nullptr;
    std::shared_ptr<const Dataset> m_dataset;
};

QTEST_MAIN(TokenTruthTest)
#include "tst_tokentruth.moc"
