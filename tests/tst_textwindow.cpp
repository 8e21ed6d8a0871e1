// Text in the window: what is proposed when method and data do not fit, what a started tokenizer lets the user do, and that the panels of text
// show what the engine made.
#include "app/dockarea.h"
#include "app/noticebar.h"
#include "app/opener.h"
#include "app/runs.h"
#include "core/analysis/objectives.h"
#include "core/data/tokens/preparedtext.h"
#include "core/engine/model.h"
#include "core/ssl/answer.h"
#include "jobfixture.h"
#include "toytext.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QComboBox>
#include <QDockWidget>
#include <QInputDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

using namespace pretext;

namespace {

constexpr int kSentences = 8;

TrainerOptions toyJob(const std::string &method)
{
    TrainerOptions options;
    options.dataset = std::make_shared<const ToyText>();
    options.config = recommendedConfig(*options.dataset, method);
    for (const auto &[name, value] : {std::pair("encoder.width", 32.), {"encoder.layers", 2.}, {"encoder.heads", 2.}, {"encoder.context", 32.}})
        options.config.knobs.set(name, value);
    options.config.batch = kSentences;
    options.config.threads = 2;
    options.config.steps = 3;
    options.loaderAhead = 0;
    return options;
}

/// The lines of a CSV without commas in its cells, split, without the first.
QList<QStringList> cells(const QString &csv)
{
    QList<QStringList> rows;
    for (const QString &line : csv.split(u'\n', Qt::SkipEmptyParts).mid(1))
        rows << line.split(u',');
    return rows;
}

} // namespace

class TestTextWindow : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();
    void cleanupTestCase();

    void choosingATextMethodProposesATextAndTrains();
    void choosingTheRunningMethodAgainTakesTheProposalBack();
    void anotherMethodOfTheSameDataBringsItsRecipe();
    void aTextFileIsProposedWhileImagesTrain();
    void aTableAsksForItsColumn();
    void aStartCanBeStoppedAndStartedAgain();

    void theSentencesUnderThePointerAreTheBatches();
    void simcseComparesFirstWithSecondViews();
    void withoutDropoutThePairsAreAlikeAndThePanelsSayWhy();
    void attentionIsTheEnginesOwn_data();
    void attentionIsTheEnginesOwn();
    void tokenPredictionsAndAttentionShowTheSameSentence();
    void theObjectivesShowTheSelectedSentence();
    void theObjectivesAreTrainedWhileTheyAreLookedAt();
    void panelsOfPairsSayThatAMethodMakesNone();

private:
    void start(TrainerOptions options, TrainerState until);
    KnobEditor *editor(const std::string &knob) const { return test::editorOf(*m_window, knob); }
    void choose(const std::string &knob, const QString &value);
    QString said(const char *panel) const;
    QString saidOf(Cell cell, const char *panel) const;
    Run &run() const { return m_window->run(); }
    Request &request() const { return m_window->request(); }
    Panel *shown(const char *panel) const;

    std::unique_ptr<MainWindow> m_window;
    QTemporaryDir m_folder;
};

void TestTextWindow::initTestCase()
{
    test::useOwnSettings("pretext-tst-textwindow");
}

void TestTextWindow::init()
{
    m_window = test::shownWindow();
    QVERIFY(m_window);
}

void TestTextWindow::cleanup()
{
    m_window.reset();
    settings().clear();
}

void TestTextWindow::cleanupTestCase()
{
    std::filesystem::remove_all(runsRoot().parent_path());
}

void TestTextWindow::start(TrainerOptions options, TrainerState until)
{
    run().start(std::move(options));
    QTRY_COMPARE_WITH_TIMEOUT(run().status().state, until, 60000);
    QCOMPARE(run().status().failure, std::string());
}

void TestTextWindow::choose(const std::string &knob, const QString &value)
{
    auto *box = editor(knob)->findChild<QComboBox *>();
    QVERIFY(box->findText(value) >= 0);
    box->setCurrentText(value);
}

Panel *TestTextWindow::shown(const char *panel) const
{
    m_window->docks().raise(panel);
    return m_window->docks().panel(panel);
}

QString TestTextWindow::said(const char *panel) const
{
    QTest::qWait(80);
    return dynamic_cast<CanvasContent &>(*m_window->docks().panel(panel)).description();
}

/// Where a cell is pointed at. To be asked until it answers: a panel shows a snapshot some time after it came, and lets go when it is laid out anew.
QString TestTextWindow::saidOf(Cell cell, const char *panel) const
{
    m_window->selection().hover(cell);
    return said(panel);
}

void TestTextWindow::choosingATextMethodProposesATextAndTrains()
{
    start(test::shapesJob(), TrainerState::paused);
    choose("method", "mlm");
    QTRY_COMPARE_WITH_TIMEOUT(request().config().method, std::string("mlm"), 60000);
    QCOMPARE(run().config().method, std::string("simclr")); // nothing happens to the job
    QVERIFY(run().hasJob() && request().needsRestart());
    QCOMPARE(editor("method")->badgeText(), QString("pending"));
    const RunConfig &asked = request().config();
    const RunConfig recommended = recommendedConfig(*request().dataset(), "mlm");
    QVERIFY(request().dataset()->info().modality == Modality::text);
    QVERIFY(asked.knobs == recommended.knobs);
    QCOMPARE(asked.encoder, recommended.encoder);
    QCOMPARE(asked.batch, recommended.batch);
    QCOMPARE(asked.dataset, request().dataset()->info().name);
    QVERIFY(editor("tokenizer.vocabulary"));
    request().setKnob("encoder.layers", 1.0);
    request().applyAndRestart();
    QTRY_COMPARE_WITH_TIMEOUT(run().config().method, std::string("mlm"), 60000);
    QTRY_COMPARE_WITH_TIMEOUT(run().status().state, TrainerState::paused, 120000); // as the job before
    run().stepOnce();
    QTRY_COMPARE_WITH_TIMEOUT(run().status().step, 1, 120000);
    QVERIFY(run().history().columns.contains("accuracy/masked"));
    QVERIFY(!request().needsRestart());
}

void TestTextWindow::choosingTheRunningMethodAgainTakesTheProposalBack()
{
    start(test::shapesJob(), TrainerState::paused);
    choose("method", "clm");
    QTRY_COMPARE_WITH_TIMEOUT(request().config().method, std::string("clm"), 60000);
    choose("method", "simclr");
    QVERIFY(!request().needsRestart());
    QVERIFY(request().dataset() == run().dataset());
    QCOMPARE(request().config().encoder, std::string("mlp"));
}

void TestTextWindow::anotherMethodOfTheSameDataBringsItsRecipe()
{
    start(toyJob("mlm"), TrainerState::ended);
    request().setKnob("weight_decay", 0.25); // the user's own
    choose("method", "clm");
    QCOMPARE(request().config().method, std::string("clm"));
    QCOMPARE(request().config().knobs.choice("encoder.norm"), std::string("pre")); // clm's
    QCOMPARE(request().config().knobs.real("weight_decay"), 0.25);
    QCOMPARE(request().config().knobs.integer("encoder.width"), 32);
    QVERIFY(request().needsRestart());
}

void TestTextWindow::aTextFileIsProposedWhileImagesTrain()
{
    start(test::shapesJob(), TrainerState::paused);
    const QString path = m_folder.filePath("words.txt");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    for (int i = 0; i < 40; ++i)
        file.write(QStringLiteral("sentence %1 of a small text\n").arg(i).toUtf8());
    file.close();
    m_window->opener().openAny(path);
    QTRY_COMPARE_WITH_TIMEOUT(request().config().dataset, path.toStdString(), 30000);
    QCOMPARE(request().config().method, std::string("mlm"));
    QVERIFY(request().config().batch <= request().dataset()->size(Split::train));
    QVERIFY(request().needsRestart());
    QVERIFY2(m_window->notices().text().contains("words.txt holds text"), qPrintable(m_window->notices().text()));
    request().discardPending();
    QVERIFY(!request().needsRestart());
    QVERIFY(m_window->notices().text().isEmpty());
    QCOMPARE(request().config().dataset, std::string("shapes"));
}

void TestTextWindow::aTableAsksForItsColumn()
{
    start(test::shapesJob(), TrainerState::paused);
    const QString path = m_folder.filePath("table.tsv");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("kind\tverse\n");
    for (int i = 0; i < 30; ++i)
        file.write(QStringLiteral("%1\tverse %2 of the table\n").arg(i % 2 ? "odd" : "even").arg(i).toUtf8());
    file.close();
    m_window->opener().openAny(path);
    QInputDialog *dialog = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((dialog = m_window->findChild<QInputDialog *>()), 30000);
    QCOMPARE(dialog->comboBoxItems(), (QStringList{"kind", "verse"}));
    dialog->setTextValue("verse");
    dialog->accept();
    QTRY_COMPARE_WITH_TIMEOUT(QString::fromStdString(request().config().dataset), path + "#verse", 30000);
    QVERIFY(request().dataset()->text(Split::train, 0).starts_with("verse "));
    QCOMPARE(request().dataset()->info().columns.front().classes.size(), size_t(2));
}

void TestTextWindow::aStartCanBeStoppedAndStartedAgain()
{
    run().start(toyJob("mlm"));
    run().cancel();
    QTRY_VERIFY_WITH_TIMEOUT(request().mayStart(), 30000);
    QVERIFY(!run().hasJob());
    QPushButton *startButton = nullptr;
    for (QPushButton *button : m_window->docks().panel("controls")->findChildren<QPushButton *>())
        if (button->isVisible() && button->text() == "Start")
            startButton = button;
    QVERIFY(startButton);
    startButton->click();
    QTRY_COMPARE_WITH_TIMEOUT(run().status().step, 3, 60000);
    QVERIFY(!startButton->isVisible());
}

void TestTextWindow::theSentencesUnderThePointerAreTheBatches()
{
    for (const char *panel : {"viewpairs", "histogram", "similarity"})
        shown(panel);
    TrainerOptions options = toyJob("simcse");
    options.config.knobs.set("positive", std::string("deletion"));
    options.config.knobs.set("positive.strength", 0.3);
    const auto dataset = options.dataset;
    start(std::move(options), TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->step == 3, 30000);
    const auto sentence = [&](int row) { return QString::fromStdString(dataset->text(Split::train, run().snapshot()->indices[row % kSentences])); };
    for (const Cell cell : {Cell{1, kSentences + 5}, Cell{kSentences + 2, 3}}) {
        QString words;
        QTRY_VERIFY2((words = saidOf(cell, "similarity")).contains(sentence(cell.row)) && words.contains(sentence(cell.column)), qPrintable(words));
    }
    QString pair;
    QTRY_VERIFY2((pair = saidOf({2, -1}, "viewpairs")).contains(sentence(2)) && pair.contains("deleted"), qPrintable(pair));
    const TokenRowViews *rows = run().snapshot()->channel<TokenRowViews>("tokens/rows");
    QVERIFY(rows && int(rows->size()) == 2 * kSentences);
    for (int row = 0; row < 2 * kSentences; ++row)
        QCOMPARE(QString::fromStdString((*rows)[row].text), sentence(row));
    QString hardest;
    QTRY_VERIFY2((hardest = said("histogram")).contains(QStringLiteral("(“")), qPrintable(hardest));
}

void TestTextWindow::simcseComparesFirstWithSecondViews()
{
    Panel *similarity = shown("similarity");
    start(toyJob("simcse"), TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->step == 3, 30000);
    const Matrix cosine = *run().snapshot()->channel<Matrix>("similarity");
    similarity->findChildren<QComboBox *>().at(0)->setCurrentIndex(1); // softmax, which the run at rest is asked for
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot()->channel<Matrix>("similarity/softmax"), 30000);
    const QList<QStringList> rows = cells(similarity->csv());
    QCOMPARE(rows.size(), 2 * kSentences);
    const double temperature = std::get<double>(run().snapshot()->knobs.at("temperature"));
    double loss = 0;
    for (int row = 0; row < 2 * kSentences; ++row)
        for (int column = 0; column < 2 * kSentences; ++column) {
            const bool compared = row < kSentences && column >= kSentences;
            QCOMPARE(rows[row][column + 1].isEmpty(), !compared);
        }
    for (int row = 0; row < kSentences; ++row) {
        double denominator = 0;
        for (int column = kSentences; column < 2 * kSentences; ++column)
            denominator += std::exp(cosine.at(row, column) / temperature);
        const double positive = std::exp(cosine.at(row, row + kSentences) / temperature) / denominator;
        QVERIFY(std::abs(rows[row][row + kSentences + 1].toDouble() - positive) < 1e-4);
        loss -= std::log(positive) / kSentences;
    }
    QVERIFY2(std::abs(loss - run().snapshot()->scalars.at("loss/total")) < 1e-3, // the shown softmax is the loss's own
             qPrintable(QString::number(loss) + u' ' + QString::number(run().snapshot()->scalars.at("loss/total"))));
}

void TestTextWindow::withoutDropoutThePairsAreAlikeAndThePanelsSayWhy()
{
    for (const char *panel : {"histogram", "viewpairs", "similarity"})
        shown(panel);
    TrainerOptions options = toyJob("simcse");
    options.config.knobs.set("encoder.dropout", 0.0);
    start(std::move(options), TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->step == 3, 30000);
    const Matrix &cosine = *run().snapshot()->channel<Matrix>("similarity");
    for (int pair = 0; pair < kSentences; ++pair)
        QVERIFY(std::abs(cosine.at(pair, pair + kSentences) - 1) < 1e-5);
    for (const char *panel : {"viewpairs", "similarity"})
        QTRY_VERIFY2(saidOf({1, -1}, panel).contains("Dropout is 0"), qPrintable(said(panel)));
    start(
        [] {
            TrainerOptions with = toyJob("simcse"); // 0.1, by its recipe
            return with;
        }(),
        TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->step == 3, 30000);
    const QString sentence = QString::fromStdString(run().dataset()->text(Split::train, run().snapshot()->indices[1]));
    QString pair;
    QTRY_VERIFY2((pair = saidOf({1, -1}, "viewpairs")).contains(sentence) && !pair.contains("Dropout is 0"), qPrintable(pair));
}

void TestTextWindow::attentionIsTheEnginesOwn_data()
{
    QTest::addColumn<QString>("method");
    for (const char *method : {"mlm", "clm", "prefix", "denoise", "simcse"})
        QTest::newRow(method) << QString(method);
}

void TestTextWindow::attentionIsTheEnginesOwn()
{
    QFETCH(QString, method);
    Panel *attention = shown("attention");
    shown("controls");
    m_window->docks().raise("attention");
    TrainerOptions options = toyJob(method.toStdString());
    options.out = m_folder.filePath(method).toStdString();
    start(options, TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->step == 3, 30000);
    const int64_t sample = run().snapshot()->indices[2];
    m_window->selection().select({{Split::train, sample}, 2});
    const std::string channel = "tokens/attention/sample/" + std::to_string(sample);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot()->channel<AttentionView>(channel), 30000); // also of a job that has ended
    const AttentionView view = *run().snapshot()->channel<AttentionView>(channel);      // a copy: snapshots go on coming
    QTest::qWait(50);
    const QList<QStringList> rows = cells(attention->csv());
    const int side = int(view.pieces.size());
    QCOMPARE(rows.size(), view.layers * view.heads * side * side);

    // The trained weights, read back from the checkpoint, attend alike.
    TrainedEncoder trained = loadEncoder(options.out);
    TextEncoder &encoder = textEncoder(*trained.encoder);
    std::vector<int32_t> ids;
    for (const std::string &piece : view.pieces)
        ids.push_back(tokenizerOf(*trained.state.prepared)->idOf(piece));
    int prefix = 0;
    while (method == "prefix" && prefix < side && view.visible[prefix])
        ++prefix;
    const AttentionView again = attentionOf(encoder, ids, prefix, *tokenizerOf(*trained.state.prepared));
    QVERIFY(again.visible == view.visible);
    for (int i = 0; i < rows.size(); i += side) {
        double sum = 0;
        for (int column = 0; column < side; ++column) {
            const QStringList &fields = rows[i + column];
            const double weight = fields[7].toDouble();
            QVERIFY(std::abs(weight - again.weights[i + column]) < 1e-5);
            if (fields[6] == "0")
                QCOMPARE(weight, 0.); // exactly
            sum += weight;
        }
        QVERIFY(std::abs(sum - 1) < 1e-5);
    }
    QCOMPARE(std::count(view.visible.begin(), view.visible.end(), 0) > 0, method == "clm" || (method == "prefix" && prefix < side));
}

void TestTextWindow::tokenPredictionsAndAttentionShowTheSameSentence()
{
    for (const char *panel : {"tokenpredictions", "attention", "objectives"}) {
        m_window->docks().dock(panel)->setFloating(true); // seen at once
        m_window->docks().show(panel);
    }
    TrainerOptions options = toyJob("mlm");
    options.config.steps = 0;
    options.startPaused = true;
    start(options, TrainerState::paused);
    const auto attended = [&] { // the keys of the first head's first query
        QStringList tokens;
        for (const QStringList &row : cells(m_window->docks().panel("attention")->csv())) {
            if (row[0] != "1" || row[1] != "1" || row[2] != "0")
                break;
            tokens << QString(row[5]).remove(u'"');
        }
        return tokens;
    };
    const auto given = [&](const TokenRowView &row) {
        QStringList pieces;
        for (const TokenBox &box : row.given)
            pieces << QString::fromStdString(box.piece);
        return pieces;
    };
    const auto answered = [&] {
        const Answer *answer = run().snapshot() ? run().snapshot()->channel<Answer>("answer/sentence") : nullptr;
        return answer && answer->problem.empty() ? given(answer->row) : QStringList();
    };
    QTRY_VERIFY_WITH_TIMEOUT(!answered().isEmpty() && attended() == answered(), 30000); // at first the example
    QVERIFY2(said("attention").contains("the sentence in Token predictions"), qPrintable(said("attention")));
    QVERIFY2(m_window->docks().panel("objectives")->csv().contains(answered()[1]), qPrintable(m_window->docks().panel("objectives")->csv()));

    const auto shownRow = [&](int64_t sample) {
        const auto *rows = run().snapshot()->channel<TokenRowViews>("tokens/rows");
        for (const TokenRowView &row : rows ? *rows : TokenRowViews())
            if (row.sample == sample)
                return given(row);
        return QStringList();
    };
    const int64_t sample = run().snapshot()->indices[4];
    m_window->selection().select({{Split::train, sample}, 4});
    QTRY_VERIFY_WITH_TIMEOUT(!shownRow(sample).isEmpty() && attended() == shownRow(sample), 30000);
    QVERIFY2(said("tokenpredictions").contains("row 5 of 8"), qPrintable(said("tokenpredictions")));
    QVERIFY2(said("attention").contains(QStringLiteral("sample %1").arg(sample)), qPrintable(said("attention")));
    for (int step = 1; step <= 3; ++step) { // of which some batches have it, and some do not
        run().stepOnce();
        QTRY_COMPARE_WITH_TIMEOUT(run().snapshot()->step, int64_t(step), 30000);
        const auto &indices = run().snapshot()->indices;
        const auto at = std::find(indices.begin(), indices.end(), sample);
        const int64_t row = at == indices.end() ? 4 : at - indices.begin();
        QTRY_VERIFY_WITH_TIMEOUT(attended() == shownRow(indices[row]) && !attended().isEmpty(), 30000);
        QTRY_VERIFY2_WITH_TIMEOUT(said("tokenpredictions").contains(QStringLiteral("row %1 of 8").arg(row + 1)), qPrintable(said("tokenpredictions")), 30000);
        QCOMPARE(said("tokenpredictions").contains("is not in this batch"), at == indices.end());
    }
}

void TestTextWindow::theObjectivesShowTheSelectedSentence()
{
    Panel *panel = shown("objectives");
    start(toyJob("mlm"), TrainerState::ended);
    QTRY_VERIFY_WITH_TIMEOUT(run().snapshot() && run().snapshot()->channel<TokenRowViews>("tokens/rows"), 30000);
    m_window->selection().select({{Split::train, run().snapshot()->indices[3]}, 3});
    QTest::qWait(50);
    const Snapshot &snapshot = *run().snapshot();
    const std::string sentence = run().dataset()->text(Split::train, snapshot.indices[3]);
    const std::vector<Objective> objectives =
        objectivesOf({.sentence = sentence, .knobs = snapshot.knobs, .seed = snapshot.seed}, tokenizerOf(*snapshot.prepared));
    const QList<QStringList> rows = cells(panel->csv());
    qsizetype line = 0;
    for (const Objective &objective : objectives) {
        const bool decodes = !objective.row.decoder.empty();
        for (size_t t = 0; t < objective.row.given.size(); ++t, ++line) {
            QCOMPARE(rows[line][0], QString::fromStdString(objective.name));
            QCOMPARE(rows[line][3], u'"' + QString::fromStdString(objective.row.given[t].piece) + u'"');
            const std::string target = decodes ? std::string() : objective.row.targets[t];
            QCOMPARE(rows[line][5], target.empty() ? QString() : u'"' + QString::fromStdString(target) + u'"');
        }
        line += qsizetype(objective.row.decoder.size());
    }
    QCOMPARE(line, rows.size());
}

void TestTextWindow::theObjectivesAreTrainedWhileTheyAreLookedAt()
{
    Panel *panel = shown("objectives");
    start(toyJob("mlm"), TrainerState::ended);
    const auto button = [&](const char *text) -> QPushButton * {
        for (QPushButton *one : panel->findChildren<QPushButton *>())
            if (one->text() == QLatin1String(text))
                return one;
        return nullptr;
    };
    const auto steps = [&] { return QRegularExpression("after (\\d+) steps").match(said("objectives")).captured(1).toInt(); };
    const auto guessing = [&] { // the objectives whose models have guessed something of the sentence that is shown
        QSet<QString> names;
        for (const QStringList &row : cells(panel->csv()))
            if (!row[5].isEmpty() && !row[7].isEmpty() && row[8].toDouble() >= row[9].toDouble() && row[9].toDouble() > 0)
                names.insert(row[0]);
        return names;
    };
    QTRY_VERIFY_WITH_TIMEOUT(button("Train") && button("Train")->isEnabled(), 30000);
    QVERIFY(!button("Reset")->isEnabled() && guessing().isEmpty());
    button("Train")->click();
    QTRY_VERIFY_WITH_TIMEOUT(guessing().size() == qsizetype(tokenObjectives().size()) && steps() > 3, 30000);
    QVERIFY2(said("objectives").contains("steps a second in all"), qPrintable(said("objectives")));
    QSet<QString> courses; // the curves are in the table, too
    for (const QStringList &row : cells(panel->csv()))
        if (row[1] == "loss" && row[10].toDouble() > 0 && row[11].toDouble() > 0)
            courses.insert(row[0]);
    QCOMPARE(courses.size(), qsizetype(tokenObjectives().size()));

    const int before = steps();
    panel->findChild<QLineEdit *>()->setText("the moon glows");
    QTRY_VERIFY_WITH_TIMEOUT(guessing().size() == qsizetype(tokenObjectives().size()), 30000);
    QVERIFY(steps() >= before); // the models were kept

    panel->setRaised(false);
    QTest::qWait(700); // the news of the last step come
    const int hidden = steps();
    QTest::qWait(700);
    QCOMPARE(steps(), hidden);
    panel->setRaised(true);
    QTRY_VERIFY_WITH_TIMEOUT(steps() > hidden, 30000);

    button("Pause")->click();
    QVERIFY(button("Train"));
    QTest::qWait(300);
    panel->findChild<QLineEdit *>()->setText("the sun shines by day"); // also while they rest
    QTRY_VERIFY_WITH_TIMEOUT(guessing().size() == qsizetype(tokenObjectives().size()), 30000);
    button("Reset")->click();
    QVERIFY(guessing().isEmpty() && steps() == 0 && !button("Reset")->isEnabled());
}

void TestTextWindow::panelsOfPairsSayThatAMethodMakesNone()
{
    shown("similarity");
    start(toyJob("mlm"), TrainerState::ended);
    QVERIFY2(said("similarity").contains("SimCSE"), qPrintable(said("similarity")));
}

int main(int argc, char **argv)
{
    QTemporaryDir cache; // of tokenizers: the user's stays as it is
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    QApplication application(argc, argv);
    TestTextWindow test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_textwindow.moc"
