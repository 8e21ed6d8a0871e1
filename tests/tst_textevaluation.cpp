// Evaluation of text encoders: every method's tables are complete and say what the numbers are, fine-tuning learns, prompts are answered in a
// batch as they are one by one, and paraphrases are found.
#include "core/analysis/evaluate.h"
#include "core/analysis/evaluatetext.h"
#include "core/analysis/probe.h"
#include "core/analysis/spread.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/sources/text/operators.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/ssl/method.h"
#include "tests/filefixture.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace pretext;

namespace {

/// A run after some steps by hand.
TrainedEncoder trainedOn(const std::shared_ptr<const Dataset> &data, const std::shared_ptr<const Tokenizer> &tokenizer, RunConfig config, int steps)
{
    Model model = makeModel(config, inputShapeOf(*tokenizer));
    LoaderOptions options;
    const auto tokens = std::make_shared<const TokenizedText>(*data, Split::train, tokenizer);
    options.batchSize = int(config.batch);
    options.views = methodType(config.method).views;
    options.seed = config.seed;
    options.ahead = 0;
    options.maker = methodType(config.method).maker;
    options.split = tokens;
    Loader loader(data, config.knobs, options);
    SilentRecorder recorder;
    for (int step = 0; step < steps; ++step) {
        const auto batch = loader.next(step, {});
        for (NamedParameter &parameter : parametersOf(model))
            parameter.variable.clearGrad();
        backward(model.method->loss(*model.encoder, stepInput(*batch, config, step, tokens.get(), recorder)));
        model.optimizer->step(5e-3f);
    }
    TrainedEncoder trained{std::move(model.encoder), {}, std::move(model.method)};
    trained.encoder->setTraining(false);
    trained.state.config = std::move(config);
    trained.state.prepared = preparedText(tokenizer);
    return trained;
}

TrainedEncoder toyRun(const std::string &method, int steps)
{
    RunConfig config = toyConfig(0, method, "transformer");
    config.knobs.set("encoder.context", 32.0);
    return trainedOn(std::make_shared<ToyText>(), toyTokenizer(), config, steps);
}

std::shared_ptr<const Tokenizer> operatorTokenizer()
{
    std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁Q", "▁A", "▁=", "▁~", "▁?", ":"};
    for (int digit = 0; digit < 10; ++digit)
        pieces.push_back("▁" + std::to_string(digit));
    return std::make_shared<const Tokenizer>(TokenizerKind::word, std::move(pieces));
}

/// The first `size` documents stand for the training split.
class FewOperators : public Dataset
{
public:
    const DatasetInfo &info() const override { return m_all->info(); }
    int64_t size(Split split) const override { return split == Split::train ? 2000 : 200; }
    std::string text(Split split, int64_t index) const override { return m_all->text(split, index); }
    float label(Split split, int64_t index, int column) const override { return m_all->label(split, index, column); }

private:
    std::shared_ptr<const Dataset> m_all = openDataset("operators");
};

} // namespace

class TestTextEvaluation : public QObject
{
    Q_OBJECT
    const test::OwnCache m_cache; // baselines are judged, not read

private slots:
    void everyMethodIsEvaluatedWhole_data()
    {
        QTest::addColumn<QString>("method");
        for (const MethodType &type : methodTypes())
            if (trainsOn(type, Modality::text))
                QTest::newRow(type.name.c_str()) << QString::fromStdString(type.name);
    }

    void everyMethodIsEvaluatedWhole()
    {
        QFETCH(QString, method);
        TrainedEncoder trained = toyRun(method.toStdString(), 5);
        const Evaluation evaluation = evaluate(trained, ToyText(), {.finetuneSteps = 5});
        std::set<std::string> features;
        for (const EvaluationRow &row : evaluation.rows) {
            QVERIFY(row.probe >= 0 && row.probe <= 1 && row.column == "label");
            QCOMPARE(row.knn < 0, row.features == "supervised");
            features.insert(row.features);
        }
        QCOMPARE(features, (std::set<std::string>{"encoder", "untrained", "TF-IDF", "supervised"}));
        QStringList judged;
        for (const FinetuneRow &row : evaluation.finetuned) {
            judged << QString::fromStdString(row.start);
            QCOMPARE(row.accuracy.size(), kLabelsPerClass.size());
        }
        QCOMPARE(judged, QStringList({"encoder", "untrained", "TF-IDF", "fine-tuned", "supervised"}));
        for (const EvaluationRow &row : evaluation.rows)
            for (const FinetuneRow &few : evaluation.finetuned)
                QVERIFY(few.start != row.features || few.accuracy.back() == row.probe); // from all labels
        QCOMPARE(evaluation.tokens.empty(), method == "simcse");
        QVERIFY(evaluation.inContext.empty() && evaluation.retrieval.empty());
        for (const TokenScore &score : evaluation.tokens) {
            QCOMPARE(score.positions, evaluation.tokens[0].positions); // all predict the same tokens
            QVERIFY(score.accuracy >= 0 && score.accuracy <= 1 && score.perplexity >= 1);
        }
        if (method != "simcse")
            QCOMPARE(evaluation.tokens.size(), size_t(method == "mlm" ? 4 : 3));
        QVERIFY(evaluation.uniformity < 0 && evaluation.effectiveRank > 0);
    }

    void aCausalModelThatLearnedBeatsCounting()
    {
        TrainedEncoder trained = toyRun("clm", 150);
        const std::vector<TokenScore> scores = scoreTokens(trained, ToyText());
        QVERIFY2(scores[0].perplexity < scores[1].perplexity / 2 && scores[0].accuracy > scores[1].accuracy, "the unigram is as good");
        // In this grammar a word's left neighbour tells the next up to chance: a bigram is nearly all there is to know.
        QVERIFY2(scores[0].perplexity < 1.3 * scores[2].perplexity, qPrintable(QString("%1 %2").arg(scores[0].perplexity).arg(scores[2].perplexity)));
        int64_t targets = 0;
        for (int64_t i = 0; i < ToyText::kTest; ++i)
            targets += int64_t(toyTokenizer()->encode(ToyText().text(Split::test, i)).size()) + 1; // and [SEP]
        QCOMPARE(scores[0].positions, targets);
    }

    void fewLabelsAreOfEveryClassAndTheSameForAll()
    {
        const ClassColumn column{"label", 3, {0, 0, 0, 0, 1, 1, 2, 2, 2}, {}};
        const std::vector<size_t> two = labelledRows(column, 2);
        std::map<int, int> counts;
        for (const size_t row : two)
            ++counts[column.train[row]];
        QCOMPARE(counts, (std::map<int, int>{{0, 2}, {1, 2}, {2, 2}}));
        QCOMPARE(labelledRows(column, 2), two);
        QCOMPARE(labelledRows(column, 3).size(), size_t(8)); // the second class has but two
        QCOMPARE(labelledRows(column, 0).size(), size_t(9));
    }

    void aProbeSeesOnlyTheLabelsItIsTold()
    {
        Random random(5);
        Matrix rows{200, 6, {}};
        std::vector<int> labels;
        for (int64_t i = 0; i < rows.rows; ++i) {
            labels.push_back(int(i % 2));
            for (int64_t d = 0; d < rows.columns; ++d)
                rows.values.push_back(random.normal() + (d == 0 ? 6.f * float(i % 2) : 0));
        }
        const std::vector<size_t> ten{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        const double accuracy = probeFromLabels(rows, labels, ten, rows, labels, 2);
        QVERIFY2(accuracy > 0.9, qPrintable(QString::number(accuracy)));
        std::vector<int> wrong(labels);
        for (size_t i = 10; i < wrong.size(); ++i)
            wrong[i] = 1 - wrong[i];
        QCOMPARE(probeFromLabels(rows, wrong, ten, rows, labels, 2), accuracy);
    }

    void fineTuningLearns()
    {
        const TrainedEncoder trained = toyRun("mlm", 30);
        const ToyText data;
        const EncodedRows train = textRows(trained, data, Split::train), test = textRows(trained, data, Split::test);
        const ClassColumn column{"label", 2, classLabels(data, Split::train, 0), classLabels(data, Split::test, 0)};
        const std::vector<NamedParameter> parameters = trained.encoder->parameters();
        const std::vector<float> before = parameters[0].variable.value().toHost();
        const FinetuneRow tuned = finetune(trained, true, train, test, column, {.steps = 100}),
                          supervised = finetune(trained, false, train, test, column, {.steps = 100});
        QCOMPARE(tuned.accuracy.back(), 1.); // day's words and night's are different ones
        QCOMPARE(supervised.accuracy.back(), 1.);
        QVERIFY(tuned.start == "fine-tuned" && supervised.start == "supervised");
        QVERIFY(tuned.accuracy[0] <= tuned.accuracy.back());
        QCOMPARE(parameters[0].variable.value().toHost(), before); // the run's own encoder is not touched
        QCOMPARE(finetune(trained, true, train, test, column, {.steps = 20}).accuracy, finetune(trained, true, train, test, column, {.steps = 20}).accuracy);
        QVERIFY(finetune(trained, true, train, test, column, {}).accuracy != tuned.accuracy);
    }

    void promptsAreAnsweredAsOneByOne_data()
    {
        QTest::addColumn<QString>("method");
        for (const char *method : {"clm", "prefix"})
            QTest::newRow(method) << method;
    }

    void promptsAreAnsweredAsOneByOne()
    {
        QFETCH(QString, method);
        const auto data = std::make_shared<FewOperators>();
        RunConfig config = toyConfig(0, method.toStdString(), "transformer");
        config.knobs.set("encoder.context", 64.0); // room for five examples
        config.knobs.set("encoder.norm", std::string("pre"));
        TrainedEncoder trained = trainedOn(data, operatorTokenizer(), config, 60);
        constexpr int kPrompts = 60;
        const std::vector<InContextScore> scores = inContextAccuracy(trained, *data, kPrompts);
        QCOMPARE(scores.size(), size_t(6));
        double most = 0;
        for (const InContextScore &score : scores) {
            QCOMPARE(score.prompts, kPrompts);
            int right = 0;
            for (int i = 0; i < kPrompts; ++i) {
                const OperatorPrompt prompt = operatorPrompt(score.examples, i);
                const Question question{.text = prompt.text, .masked = {}, .candidates = 1, .sampling = {.tokens = 1, .temperature = 0}};
                const Answer answer = std::get<Answer>(*trained.method->answer(*trained.encoder, *trained.state.prepared, question));
                right += QString::fromStdString(answer.continuation).trimmed() == QString::fromStdString(prompt.answer);
            }
            QCOMPARE(score.accuracy, double(right) / kPrompts);
            most = std::max(most, score.accuracy);
        }
        QVERIFY2(most > 0, "no answer is right, so that nothing was compared");
    }

    void whoCannotContinueIsNotPrompted()
    {
        TrainedEncoder trained = trainedOn(std::make_shared<FewOperators>(), operatorTokenizer(), toyConfig(0, "mlm", "transformer"), 1);
        const FewOperators few;
        QVERIFY(inContextAccuracy(trained, few, 10).empty());
    }

    void versesAreFoundInAnotherTranslation()
    {
        if (!QFile::exists("/usr/lib/bible.data") || !QFile::exists("/usr/share/sword/modules/texts/ztext/engWEB2015eb"))
            QSKIP("the packages bible-kjv, bible-kjv-text and sword-text-web are not installed");
        const std::shared_ptr<const Dataset> kjv = openDataset("kjv"), few = spreadSubset(*kjv, 3000, 300);
        TrainedEncoder trained = trainedOn(few, toyTokenizer(), toyConfig(0, "simcse", "transformer"), 1);
        const std::vector<RetrievalRow> rows = retrieveVerses(trained, *few, true);
        QCOMPARE(rows.size(), size_t(3));
        for (const RetrievalRow &row : rows) {
            QVERIFY(row.verses > 270 && row.verses <= 300); // the long ones are cut
            QVERIFY(row.at5 >= row.at1 && row.backAt5 >= row.backAt1);
        }
        QCOMPARE(rows[2].features, std::string("TF-IDF"));
        QVERIFY2(rows[2].at1 > 0.5 && rows[2].backAt1 > 0.5, qPrintable(QString::number(rows[2].at1)));
        QVERIFY(rows[2].at1 > 3 * rows[1].at1); // a vocabulary of 26 words knows little of the Bible
    }
};

QTEST_APPLESS_MAIN(TestTextEvaluation)
#include "tst_textevaluation.moc"
