// kNN, probe, ridge, PCA and the measures of an embedding's health, against scikit-learn, slow loops and autograd.
#include "core/analysis/alike.h"
#include "core/analysis/embeddingmap.h"
#include "core/analysis/evaluate.h"
#include "core/analysis/features.h"
#include "core/analysis/judge.h"
#include "core/analysis/knn.h"
#include "core/analysis/probe.h"
#include "core/analysis/projection.h"
#include "core/analysis/scoretables.h"
#include "core/analysis/spectrum.h"
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/files/safetensors.h"
#include "core/nn/whitening.h"
#include "core/ssl/share.h"
#include "core/tensor/random.h"

#include "tests/filefixture.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

using namespace pretext;

Q_DECLARE_METATYPE(pretext::Matrix)

namespace {

Matrix randomRows(int64_t rows, int64_t columns, uint64_t seed)
{
    Random random(seed);
    Matrix result{rows, columns, std::vector<float>(rows * columns)};
    for (float &value : result.values)
        value = random.normal();
    return result;
}

Matrix cosines(const Matrix &rows)
{
    const auto dot = [&](int64_t i, int64_t j) {
        return std::inner_product(&rows.values[i * rows.columns], &rows.values[i * rows.columns] + rows.columns, &rows.values[j * rows.columns], 0.);
    };
    Matrix result{rows.rows, rows.rows, {}};
    for (int64_t i = 0; i < rows.rows; ++i)
        for (int64_t j = 0; j < rows.rows; ++j)
            result.values.push_back(float(dot(i, j) / std::sqrt(dot(i, i) * dot(j, j))));
    return result;
}

/// tests/analysis/sklearn.safetensors, made with scikit-learn by sklearn_fixture.py beside it.
struct Fixture
{
    SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/analysis/sklearn.safetensors");
    Matrix matrix(const std::string &name) const
    {
        const FileTensor &tensor = file.tensors.at(name);
        return {tensor.shape[0], tensor.shape[1], tensor.floats()};
    }
    std::vector<int> ints(const std::string &name) const
    {
        const std::vector<int32_t> values = file.tensors.at(name).ints();
        return {values.begin(), values.end()};
    }
    std::vector<float> floats(const std::string &name) const { return file.tensors.at(name).floats(); }
};

/// A data set of given samples: Gaussian blobs drawn as tiny grey images.
class Blobs : public Dataset
{
public:
    explicit Blobs(std::vector<LabelColumn> columns)
    {
        m_info.name = "blobs";
        m_info.image = {8, 8, 1};
        m_info.columns = std::move(columns);
        m_info.mean = {0.5f};
        m_info.deviation = {0.25f};
    }
    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? 200 : 60; }
    Image image(Split split, int64_t index) const override
    {
        Random random(7, split == Split::train, uint32_t(index));
        Image image{8, 8, 1, std::vector<uint8_t>(64)};
        for (int p = 0; p < 64; ++p)
            image.pixels[p] = uint8_t(random.below(60) + (p % 4 == index % 4 ? 150 : 0));
        return image;
    }
    float label(Split, int64_t index, int column) const override { return m_info.columns[column].classes.size() == 1 ? 0.f : float(index % 4); }

private:
    DatasetInfo m_info;
};

TrainedEncoder smallEncoder(const Dataset &dataset, uint64_t seed = 1, double dimension = 8)
{
    CheckpointState state;
    state.config = makeConfig("simclr", "mlp", "shapes", dataset.info());
    state.config.knobs.set("encoder.width", 16.0);
    state.config.knobs.set("encoder.dimension", dimension);
    state.config.seed = seed;
    state.prepared = preparedImages(dataset.info());
    return {makeModel(state.config, state.input()).encoder, state, nullptr};
}

} // namespace

class AnalysisTest : public QObject
{
    Q_OBJECT

    const test::OwnCache m_cache; // baselines are judged, not read

private slots:
    void whatIsAlikeIsAResult_data()
    {
        QTest::addColumn<Matrix>("rows");
        Matrix nearly = randomRows(1, 600, 1); // as the same sample through other paths of the arithmetic
        for (int i = 1; i < 40; ++i)
            for (int c = 0; c < 600; ++c)
                nearly.values.push_back(nearly.values[size_t(c)] * (1 + 2e-7f * float(i % 3)));
        nearly.rows = 40;
        QTest::newRow("zeros, for Lanczos") << Matrix{40, 600, std::vector<float>(40 * 600, 0.f)};
        QTest::newRow("ones, for Lanczos") << Matrix{40, 600, std::vector<float>(40 * 600, 1.f)};
        QTest::newRow("zeros, few columns") << Matrix{40, 8, std::vector<float>(40 * 8, 0.f)};
        QTest::newRow("alike up to rounding") << nearly;
    }
    void whatIsAlikeIsAResult()
    {
        QFETCH(Matrix, rows);
        QVERIFY(allAlike(rows));
        QCOMPARE(effectiveRank(rows), 0.);
        QVERIFY(std::abs(uniformity(rows)) < 1e-5); // one point, also where it is the origin
        QVERIFY(std::abs(alignment(rows, rows)) < 1e-6);
        const Pca pca = fitPca(rows, 3);
        for (float variance : pca.variance)
            QCOMPARE(variance, 0.f);
        QCOMPARE(rowsNotFinite(project(pca, rows)), int64_t(0));
        const EmbeddingMap map = embeddingMap(rows, 40, 7);
        QVERIFY(map.collapsed());
        for (float value : map.points.values)
            QCOMPARE(value, 0.f);
        rows.values[3] += 1; // one that stands apart
        QVERIFY(!allAlike(rows));
        QVERIFY(!embeddingMap(rows, 40, 7).collapsed());
        QVERIFY(effectiveRank(rows) > 0.99);
        QCOMPARE(rowsNotFinite(project(fitPca(rows, 3), rows)), int64_t(0));
    }

    /// No distance between two views says nothing of the encoder where nothing is done to them.
    void viewsThatAreTheSameAreSaidToBe()
    {
        Evaluation evaluation;
        evaluation.dimension = 8;
        evaluation.alignment = 0.25;
        QVERIFY(QString::fromStdString(geometryOf(evaluation)).startsWith("alignment 0.250 (0: both views"));
        evaluation.alignment = 0;
        QVERIFY(QString::fromStdString(geometryOf(evaluation)).startsWith("alignment 0.000, as the run changes nothing of its views"));
        evaluation.collapsed = true;
        QVERIFY(QString::fromStdString(geometryOf(evaluation)).startsWith("alignment 0.000 (0: both views"));
    }

    void aCollapsedEncoderIsScoredByTheMostFrequentClass()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}, {"factor", {}}});
        TrainedEncoder trained = smallEncoder(data);
        for (NamedParameter &parameter : trained.encoder->parameters())
            parameter.variable.value().setFromHost(std::vector<float>(size_t(parameter.variable.value().shape().size()), 0.f));
        const Evaluation evaluation = evaluate(trained, data);
        QVERIFY(evaluation.collapsed && evaluation.complete);
        QCOMPARE(evaluation.effectiveRank, 0.);
        QCOMPARE(evaluation.alignment, 0.);
        for (const EvaluationRow &row : evaluation.rows) {
            QCOMPARE(row.alike, row.features == "encoder");
            if (row.alike && row.column == "label")
                QVERIFY(row.knn == 0.25 && row.probe == 0.25); // of 60 held-out samples, 15 of each class
            if (row.alike && row.column == "factor")
                QVERIFY2(std::abs(row.r2) < 0.01, qPrintable(QString::number(row.r2)));
        }
        const std::string below = tablesOf(evaluation).front().below;
        QVERIFY2(below.find("alike: encoder;") != std::string::npos, below.c_str());
        for (const std::string &text : {geometryOf(evaluation), below})
            QVERIFY2(text.find("nan") == std::string::npos && text.find("-0.0") == std::string::npos, text.c_str());
    }

    void neighboursAreBoundedByTheBank_data()
    {
        QTest::addColumn<int>("bank");
        QTest::addColumn<int>("k");
        for (const auto &[bank, k] : {std::pair{60000, 20}, {400, 20}, {399, 19}, {200, 14}, {20, 4}, {5, 2}, {1, 1}})
            QTest::addRow("%d", bank) << bank << k;
    }
    void neighboursAreBoundedByTheBank()
    {
        QFETCH(int, bank);
        QFETCH(int, k);
        QCOMPARE(neighboursFor(bank), k);
    }

    void theTableSaysHowManyVote()
    {
        Evaluation evaluation;
        evaluation.neighbours = 4;
        evaluation.bank = 20;
        evaluation.rows.push_back({"encoder", 64, "label", 0.8, 0.9});
        const ScoreTable table = tablesOf(evaluation).front();
        QCOMPARE(table.header.at(3), std::string("kNN-4 %"));
        QCOMPARE(table.below, std::string("kNN: the 4 nearest of 20 training samples vote with exp(cosine / 0.07)."));
    }

    void whatIsNotFiniteNamesItsTensor()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        NamedParameter parameter = trained.encoder->parameters().front();
        std::vector<float> values = parameter.variable.value().toHost();
        values[1] = std::nanf("");
        parameter.variable.value().setFromHost(values);
        try {
            evaluate(trained, data);
            QFAIL("NaN was evaluated");
        } catch (const std::runtime_error &error) {
            QVERIFY2(QString(error.what()).contains(QString::fromStdString("encoder." + parameter.name)), error.what());
        }
    }

    void rowsAreToldAsTheyAreKnown()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}, {"other", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        std::vector<size_t> counts;
        const Evaluation whole = evaluate(trained, data, {.finetuneSteps = 0}, {}, [&](const Evaluation &soFar) {
            QVERIFY(!soFar.complete);
            QVERIFY(soFar.rows.empty() || soFar.rows.front().features == "encoder");
            counts.push_back(soFar.rows.size());
        });
        QCOMPARE(counts, (std::vector<size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
        QVERIFY(whole.complete && whole.rows.size() == 8);
    }

    void onlyContinuousLabelsHaveAColumnOfR2()
    {
        Evaluation evaluation;
        evaluation.rows.push_back({"encoder", 64, "label", 0.8, 0.9});
        QCOMPARE(tablesOf(evaluation).front().header.back(), std::string("probe %"));
        EvaluationRow factor{"encoder", 64, "size"};
        factor.r2 = 0.25;
        evaluation.rows.push_back(factor);
        const ScoreTable table = tablesOf(evaluation).front();
        QCOMPARE(table.header.back(), std::string("R²"));
        QCOMPARE(table.rows.at(0).back().text, std::string());
        QCOMPARE(table.rows.at(1).back().text, std::string("0.25"));
    }

    void neighboursAreThoseOfASlowSort_data()
    {
        QTest::addColumn<int>("bank");
        QTest::addColumn<int>("queries");
        QTest::addColumn<int>("k");
        QTest::newRow("several blocks") << 4500 << 300 << 20;
        QTest::newRow("fewer than k") << 5 << 3 << 20;
        QTest::newRow("one") << 1 << 1 << 1;
    }
    void neighboursAreThoseOfASlowSort()
    {
        QFETCH(int, bank);
        QFETCH(int, queries);
        QFETCH(int, k);
        const Matrix rows = randomRows(bank, 6, 1), asked = randomRows(queries, 6, 2);
        const Neighbours found = nearestNeighbours(rows, asked, k);
        QCOMPARE(found.k, std::min(k, bank));
        for (int q = 0; q < queries; q += 37) {
            std::vector<double> similarity(bank);
            for (int b = 0; b < bank; ++b) {
                const float *x = &rows.values[b * 6], *y = &asked.values[q * 6];
                const auto dot = [](const float *a, const float *b) { return std::inner_product(a, a + 6, b, 0.); };
                similarity[b] = dot(x, y) / std::sqrt(dot(x, x) * dot(y, y));
            }
            std::ranges::sort(similarity, std::greater());
            for (int n = 0; n < found.k; ++n)
                QVERIFY2(std::abs(found.similarities[q * found.k + n] - similarity[n]) < 1e-5, qPrintable(QString::number(n)));
        }
    }

    void votesAreWeightedByExponentialSimilarity()
    {
        const Neighbours neighbours{1, 3, {0, 1, 2}, {0.9f, 0.8f, 0.79f}};
        // At 0.07, exp(0.9 / 0.07) outweighs the other two together; at 1 it does not.
        QCOMPARE(knnVote(neighbours, {0, 1, 1}, 0.07f), std::vector<int>{0});
        QCOMPARE(knnVote(neighbours, {0, 1, 1}, 1.f), std::vector<int>{1});
        QCOMPARE(knnVote({1, 1, {0}, {1.f}}, {1}, 1e-6f), std::vector<int>{1}); // overflows where exp(s / t) is taken literally
    }

    void knnAgreesWithScikitLearn()
    {
        const Fixture fixture;
        const Neighbours neighbours = nearestNeighbours(fixture.matrix("train"), fixture.matrix("test"), 20);
        QCOMPARE(knnVote(neighbours, fixture.ints("train_labels")), fixture.ints("knn"));
    }

    void probeAgreesWithScikitLearn()
    {
        const Fixture fixture;
        ProbeOptions options;
        options.l2 = {double(fixture.floats("l2").front())};
        const ProbeResult result =
            linearProbe(fixture.matrix("train"), fixture.ints("train_labels"), fixture.matrix("test"), fixture.ints("test_labels"), 3, options);
        QVERIFY2(std::abs(result.accuracy - fixture.floats("probe_accuracy").front()) <= 1e-3, qPrintable(QString::number(result.accuracy)));
        QCOMPARE(result.predictions, fixture.ints("probe"));
    }

    void ridgeAndPcaAgreeWithScikitLearn()
    {
        const Fixture fixture;
        const Matrix train = fixture.matrix("train"), test = fixture.matrix("test");
        const std::vector<double> r2 = ridgeR2(train, fixture.matrix("train_values"), test, fixture.matrix("test_values"));
        const std::vector<float> wanted = fixture.floats("r2");
        for (size_t i = 0; i < wanted.size(); ++i)
            QVERIFY2(std::abs(r2[i] - wanted[i]) < 1e-3, qPrintable(QString("%1, not %2").arg(r2[i]).arg(wanted[i])));

        const Pca pca = fitPca(train, 4);
        const std::vector<float> variance = fixture.floats("pca_variance");
        for (int c = 0; c < 4; ++c)
            QVERIFY(std::abs(pca.variance[c] - variance[c]) < 1e-3f * variance[0]);
        const Matrix z = project(pca, test), wantedZ = fixture.matrix("pca");
        for (size_t i = 0; i < z.values.size(); ++i)
            QVERIFY(std::abs(std::abs(z.values[i]) - std::abs(wantedZ.values[i])) < 1e-3f);
    }

    void lanczosFindsThePrincipalComponentsOfWideData()
    {
        Matrix rows = randomRows(300, 600, 3); // wide enough for the iterative solver
        for (int64_t i = 0; i < rows.rows; ++i)
            for (int c = 0; c < 3; ++c)
                rows.values[i * rows.columns + c] *= float(12 - 3 * c); // deviations 12, 9, 6 along the first axes
        const Pca pca = fitPca(rows, 3);
        for (int c = 0; c < 3; ++c) {
            QVERIFY2(pca.components.at(c, c) > 0.95f, qPrintable(QString::number(pca.components.at(c, c)))); // and positive: axes keep their side
            QVERIFY(std::abs(std::sqrt(pca.variance[c]) - float(12 - 3 * c)) < 1.5f);
        }
    }

    void probeChoosesTheL2ThatGeneralises()
    {
        // 60 features of noise, 80 rows: without a penalty the fit is perfect and useless.
        Matrix train = randomRows(80, 60, 4), test = randomRows(400, 60, 5);
        const auto labelsOf = [](const Matrix &rows) {
            std::vector<int> labels;
            for (int64_t i = 0; i < rows.rows; ++i)
                labels.push_back(rows.at(i, 0) > 0);
            return labels;
        };
        ProbeOptions options;
        options.l2 = {1e-8, 1e-1};
        const ProbeResult result = linearProbe(train, labelsOf(train), test, labelsOf(test), 2, options);
        QCOMPARE(result.l2, 1e-1);
    }

    void effectiveRankCountsDirections()
    {
        Matrix one{50, 5, std::vector<float>(250, 0.f)}, even{100, 4, {}};
        for (int i = 0; i < 50; ++i)
            one.values[i * 5 + 2] = float(i);
        QVERIFY(std::abs(effectiveRank(one) - 1) < 1e-6);
        for (int i = 0; i < 100; ++i)
            for (int c = 0; c < 4; ++c)
                even.values.push_back(c == i % 4 ? (i / 4 % 2 ? 1.f : -1.f) : 0.f);
        QVERIFY(std::abs(effectiveRank(even) - 4) < 0.01);
        QCOMPARE(effectiveRank(Matrix{10, 3, std::vector<float>(30, 2.f)}), 0.);
    }

    void alignmentAndUniformityAreThoseOfTheirDefinitions()
    {
        const Matrix a = randomRows(40, 3, 6), b = randomRows(40, 3, 7);
        const auto distance = [](const Matrix &x, int64_t i, const Matrix &y, int64_t j) {
            double nx = 0, ny = 0, sum = 0;
            for (int c = 0; c < 3; ++c) {
                nx += x.at(i, c) * x.at(i, c);
                ny += y.at(j, c) * y.at(j, c);
            }
            for (int c = 0; c < 3; ++c)
                sum += std::pow(x.at(i, c) / std::sqrt(nx) - y.at(j, c) / std::sqrt(ny), 2);
            return sum;
        };
        double aligned = 0, potential = 0;
        for (int i = 0; i < 40; ++i) {
            aligned += distance(a, i, b, i) / 40;
            for (int j = 0; j < 40; ++j)
                potential += i == j ? 0 : std::exp(-2 * distance(a, i, a, j)) / (40 * 39);
        }
        QVERIFY(std::abs(alignment(a, b) - aligned) < 1e-5);
        QVERIFY(std::abs(uniformity(a) - std::log(potential)) < 1e-5);
        QVERIFY(std::abs(uniformity({5, 2, std::vector<float>(10, 1.f)})) < 1e-5); // collapsed
    }

    void gradientShareIsAutogradsOwnGradient_data()
    {
        QTest::addColumn<float>("temperature");
        QTest::newRow("0.05") << 0.05f;
        QTest::newRow("0.5") << 0.5f;
        QTest::newRow("2") << 2.f;
    }
    void gradientShareIsAutogradsOwnGradient()
    {
        QFETCH(float, temperature);
        const int n = 5, rows = 2 * n;
        const Matrix cosine = cosines(randomRows(rows, 4, 8));
        // NT-Xent with the similarities as the leaf: an anchor's row without itself, its positive as the target of a cross-entropy.
        const Matrix share = gradientShare(cosine, temperature);
        for (int i = 0; i < rows; ++i) {
            std::vector<float> others;
            std::vector<int> columns;
            for (int j = 0; j < rows; ++j)
                if (j != i) {
                    others.push_back(cosine.at(i, j));
                    columns.push_back(j);
                }
            const int positive = (i + n) % rows;
            const int32_t target = int32_t(std::ranges::find(columns, positive) - columns.begin());
            const Variable s(Tensor::fromHost(others, {1, rows - 1}), true);
            backward(crossEntropy(scale(s, 1 / temperature), Tensor::fromHost(std::vector<int32_t>{target}, {1})));
            const std::vector<float> gradient = s.grad().toHost();
            double repulsion = 0;
            for (size_t c = 0; c < columns.size(); ++c)
                repulsion += columns[c] == positive ? 0 : gradient[c];
            for (size_t c = 0; c < columns.size(); ++c)
                if (columns[c] != positive)
                    QVERIFY(std::abs(share.at(i, columns[c]) - gradient[c] / repulsion) < 1e-5);
            QVERIFY(std::isnan(share.at(i, i)) && std::isnan(share.at(i, positive)));
        }
    }

    void softmaxRowsIsTheShareOfNtXentsDenominator()
    {
        const int n = 4, rows = 2 * n;
        const float temperature = 0.3f;
        const Matrix z = randomRows(rows, 6, 9), p = softmaxRows(cosines(z), temperature);
        double loss = 0; // NT-Xent is the mean of -log p at the positives
        for (int i = 0; i < rows; ++i)
            loss -= std::log(p.at(i, (i + n) % rows)) / rows;
        const Variable unit = normalize(Variable(Tensor::fromHost(z.values, {rows, 6})));
        QVERIFY(std::abs(ntXent(unit, temperature).value().item() - loss) < 1e-4);
        QVERIFY(std::isnan(p.at(2, 2)));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, softmaxRows(cosines(z), -1.f));
    }

    void sharesOfPairsAreAutogradsOwnGradient()
    {
        const int n = 4, views = 3, rows = views * n;
        const float temperature = 0.3f;
        const Matrix z = randomRows(rows, 6, 9), cosine = cosines(z);
        const Matrix p = softmaxOfPairs(cosine, temperature, views), share = gradientOfPairs(cosine, temperature, views);
        for (int i = 0; i < rows; ++i) {
            // The mean over the two other views of NT-Xent among the views of both, with the row's similarities as the leaf.
            const Variable s(Tensor::fromHost(std::vector(cosine.values.begin() + i * rows, cosine.values.begin() + (i + 1) * rows), {1, rows}), true);
            Variable loss;
            double sum = 0;
            for (int j = 0; j < rows; ++j)
                sum += j == i ? 0 : p.at(i, j);
            QVERIFY(std::abs(sum - 1) < 1e-5 && std::isnan(p.at(i, i)));
            for (int other = 0; other < views; ++other) {
                if (other == i / n)
                    continue;
                std::vector<float> left(rows, -1e9f);
                for (int j = 0; j < rows; ++j)
                    left[j] = j != i && (j / n == i / n || j / n == other) ? 0 : -1e9f;
                const Variable logits = add(scale(s, 1 / temperature), Variable(Tensor::fromHost(left, {1, rows})));
                const Variable one = crossEntropy(logits, Tensor::fromHost(std::vector<int32_t>{other * n + i % n}, {1}));
                loss = loss.defined() ? add(loss, one) : one;
            }
            backward(loss);
            const std::vector<float> gradient = s.grad().toHost();
            double repulsion = 0;
            for (int j = 0; j < rows; ++j)
                repulsion += j % n == i % n ? 0 : gradient[j];
            for (int j = 0; j < rows; ++j)
                if (j % n == i % n)
                    QVERIFY(std::isnan(share.at(i, j)));
                else
                    QVERIFY(std::abs(share.at(i, j) - gradient[j] / repulsion) < 1e-5);
        }
        const Matrix two = randomRows(8, 5, 3), same = softmaxRows(cosines(two), temperature), pairs = softmaxOfPairs(cosines(two), temperature, 2);
        for (size_t k = 0; k < same.values.size(); ++k)
            QVERIFY(std::isnan(same.values[k]) ? std::isnan(pairs.values[k]) : std::abs(same.values[k] - pairs.values[k]) < 1e-6);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, softmaxOfPairs(cosine, temperature, 5));
    }

    void simcsesShareIsAutogradsOwnGradient()
    {
        const int n = 5;
        const float temperature = 0.2f;
        const Matrix cosine = cosines(randomRows(2 * n, 4, 8));
        const Matrix share = gradientShare(cosine, temperature, Contrast::secondViews), p = softmaxRows(cosine, temperature, Contrast::secondViews);
        for (int i = 0; i < n; ++i) {
            const Variable s(Tensor::fromHost(std::vector(cosine.values.begin() + i * 2 * n + n, cosine.values.begin() + (i + 1) * 2 * n), {1, n}), true);
            const Variable loss = crossEntropy(scale(s, 1 / temperature), Tensor::fromHost(std::vector<int32_t>{i}, {1}));
            backward(loss);
            QVERIFY(std::abs(loss.value().item() + std::log(p.at(i, n + i))) < 1e-5);
            const std::vector<float> gradient = s.grad().toHost();
            double repulsion = 0;
            for (int k = 0; k < n; ++k)
                repulsion += k == i ? 0 : gradient[k];
            for (int k = 0; k < n; ++k) {
                QVERIFY(std::isnan(share.at(i, k)) && std::isnan(share.at(n + i, k)) && std::isnan(p.at(n + i, n + k)));
                if (k != i)
                    QVERIFY(std::abs(share.at(i, n + k) - gradient[k] / repulsion) < 1e-5);
            }
            QVERIFY(std::isnan(share.at(i, n + i)));
        }
    }

    void evaluationTellsEachClass()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}, {"factor", {}}});
        TrainedEncoder trained = smallEncoder(data);
        const Evaluation evaluation = evaluate(trained, data, {.baselines = false});
        const EvaluationRow &row = evaluation.rows.front();
        QCOMPARE(row.classes.size(), size_t(4));
        double knn = 0, probe = 0;
        for (const ClassScore &score : row.classes) {
            QVERIFY(score.trained == 50 && score.heldOut == 15);
            knn += score.knn * double(score.heldOut) / 60;
            probe += score.probe * double(score.heldOut) / 60;
        }
        QCOMPARE(row.classes.back().name, std::string("d"));
        QVERIFY(std::abs(knn - row.knn) < 1e-9 && std::abs(probe - row.probe) < 1e-9);
        QVERIFY(evaluation.rows.back().classes.empty()); // of a factor
        for (const ScoreTable &table : tablesOf(evaluation))
            if (table.kind == ScoreKind::classes) {
                QCOMPARE(table.rows.size(), size_t(5)); // the last is their mean, in which each counts alike
                QVERIFY(std::abs(table.rows[4][3].share - knn) < 1e-9 && std::abs(table.rows[4][4].share - probe) < 1e-9);
                QVERIFY(table.rows[3][0].text == "d" && table.rows[3][1].text == "50" && table.rows[3][3].share == row.classes[3].knn);
                return;
            }
        QFAIL("there is no table of classes");
    }

    void evaluationScoresEveryColumnByItsKind()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}, {"factor", {}}});
        TrainedEncoder trained = smallEncoder(data);
        const Evaluation evaluation = evaluate(trained, data);
        QCOMPARE(evaluation.rows.size(), size_t(8)); // encoder, untrained, PCA, pixels; two columns each
        for (const EvaluationRow &row : evaluation.rows) {
            QCOMPARE(row.knn >= 0 && row.probe >= 0, row.column == "label");
            QCOMPARE(row.r2 >= -1, row.column == "factor");
            if (row.features == "raw pixels")
                QVERIFY2(row.column == "label" ? row.knn == 1 && row.probe == 1 : row.r2 > 0.9, qPrintable(QString::number(row.r2)));
        }
        QCOMPARE(evaluation.rows[0].knn, evaluation.rows[2].knn); // the encoder given here is the untrained one: same seed, same weights
        QVERIFY(evaluation.effectiveRank > 1 && evaluation.effectiveRank <= 8);
    }

    void baselinesAreJudgedOnce()
    {
        const test::OwnCache cache;
        struct Counting : Blobs
        {
            using Blobs::Blobs;
            Image image(Split split, int64_t index) const override
            {
                ++read;
                return Blobs::image(split, index);
            }
            mutable int read = 0;
        };
        const Counting data({{"label", {"a", "b", "c", "d"}}, {"factor", {}}});
        TrainedEncoder trained = smallEncoder(data);
        const auto judged = [&](const TrainedEncoder &of, const Counting &in) {
            in.read = 0;
            TrainedEncoder &encoder = const_cast<TrainedEncoder &>(of);
            return std::pair(evaluate(encoder, in, {.finetuneSteps = 20}), in.read);
        };
        const auto [first, readFirst] = judged(trained, data);
        const auto [second, readSecond] = judged(trained, data);
        QVERIFY2(readSecond <= readFirst - 3 * 260, qPrintable(QString("%1 then %2").arg(readFirst).arg(readSecond))); // three kinds of features less
        QCOMPARE(second.rows.size(), first.rows.size());
        for (size_t i = 0; i < first.rows.size(); ++i) {
            QCOMPARE(second.rows[i].features, first.rows[i].features);
            QVERIFY(second.rows[i].knn == first.rows[i].knn && second.rows[i].probe == first.rows[i].probe && second.rows[i].r2 == first.rows[i].r2);
            QCOMPARE(second.rows[i].guesses.probe, first.rows[i].guesses.probe);
            QCOMPARE(second.rows[i].classes.size(), first.rows[i].classes.size());
        }
        QCOMPARE(second.finetuned.size(), first.finetuned.size());
        for (size_t i = 0; i < first.finetuned.size(); ++i)
            QCOMPARE(second.finetuned[i].accuracy, first.finetuned[i].accuracy);
        TrainedEncoder other = smallEncoder(data, 2); // another draw of the weights: the untrained one is another, the pixels are not
        const auto [third, readThird] = judged(other, data);
        QVERIFY(readThird > readSecond && readThird < readFirst);
        const Counting swapped({{"label", {"b", "a", "c", "d"}}, {"factor", {}}});
        QCOMPARE(judged(trained, swapped).second, readFirst); // other labels
    }

    void imagesAreLearnedFromFewLabels()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        const std::vector<float> before = trained.encoder->parameters().front().variable.value().toHost();
        const Evaluation evaluation = evaluate(trained, data, {.finetuneSteps = 60});
        QStringList starts;
        for (const FinetuneRow &row : evaluation.finetuned) {
            starts << QString::fromStdString(row.start);
            QCOMPARE(row.accuracy.size(), kLabelsPerClass.size());
            QVERIFY2(row.start == "encoder" || row.start == "untrained" || row.accuracy.back() > 0.95, qPrintable(QString::number(row.accuracy.back())));
        }
        QCOMPARE(starts, QStringList({"encoder", "untrained", "PCA-64", "raw pixels", "fine-tuned", "supervised"}));
        QCOMPARE(trained.encoder->parameters().front().variable.value().toHost(), before); // the run's own encoder is not touched
        for (const EvaluationRow &row : evaluation.rows)
            for (const FinetuneRow &few : evaluation.finetuned)
                QVERIFY(few.start != row.features || few.accuracy.back() == row.probe); // from all labels
    }

    void confusionCountsWhatIsTakenForWhat()
    {
        const auto counts = confusion({0, 0, 1, 2, 2, 2}, {0, 1, 1, 2, 0, 0}, 3);
        QCOMPARE(counts, (std::vector<std::vector<int64_t>>{{1, 1, 0}, {0, 1, 0}, {2, 0, 1}}));
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        const EvaluationRow row = evaluate(trained, data, {.baselines = false, .finetuneSteps = 0}).rows.front();
        QCOMPARE(row.guesses.truth.size(), size_t(60));
        double right = 0;
        const auto table = confusion(row.guesses.truth, row.guesses.knn, 4);
        for (size_t i = 0; i < 4; ++i) {
            right += double(table[i][i]) / 60;
            QVERIFY(std::abs(double(table[i][i]) / 15 - row.classes[i].knn) < 1e-9);
        }
        QVERIFY(std::abs(right - row.knn) < 1e-9);
    }

    void aFirstLookIsReplaced()
    {
        struct Many : Blobs
        {
            using Blobs::Blobs;
            int64_t size(Split split) const override { return split == Split::train ? 12500 : 3100; }
        };
        const Many data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        std::vector<int64_t> looks;
        const Evaluation whole = evaluate(trained, data, {.baselines = false, .finetuneSteps = 0, .firstLook = true}, {}, [&](const Evaluation &soFar) {
            if (!soFar.rows.empty())
                looks.push_back(soFar.rows.front().of);
        });
        QVERIFY(looks.size() >= 2);
        QVERIFY(looks.front() == 12000 && looks.back() == 0);
        QCOMPARE(whole.rows.size(), size_t(1));
        QCOMPARE(whole.rows[0].guesses.truth.size(), size_t(3100));
    }

    void pixelsOfAMaskAreTold()
    {
        const std::shared_ptr<const Dataset> shapes = openDataset("shapes");
        const std::vector<uint8_t> mask = shapes->mask(Split::test, 5);
        const Image image = shapes->image(Split::test, 5);
        QCOMPARE(mask.size(), size_t(32 * 32));
        const int figure = int(shapes->label(Split::test, 5, 0)) + 1;
        std::array<double, 3> inside{}, outside{}; // the two have colours of their own
        double insides = 0;
        for (size_t i = 0; i < mask.size(); ++i) {
            QVERIFY(mask[i] == 0 || mask[i] == figure);
            insides += mask[i] > 0;
            for (size_t c = 0; c < 3; ++c)
                (mask[i] > 0 ? inside : outside)[c] += image.pixels[3 * i + c];
        }
        QVERIFY(insides > 30 && insides < 600);
        double apart = 0;
        for (size_t c = 0; c < 3; ++c)
            apart += std::abs(inside[c] / insides - outside[c] / (1024 - insides));
        QVERIFY2(apart > 60, qPrintable(QString::number(apart)));

        const Matrix random = randomRows(2000, 4, 3);
        PixelFeatures pixels{random, random, {}, {}}; // what can be told of a pixel by its features is told
        for (int64_t i = 0; i < random.rows; ++i)
            pixels.trainClasses.push_back(random.at(i, 0) > 1 ? 2 : random.at(i, 0) > 0 ? 1 : 0);
        pixels.testClasses = pixels.trainClasses;
        const SegmentationRow told = segmentation("told", pixels, 3, {});
        QVERIFY2(told.meanIoU > 0.9 && told.accuracy > 0.95, qPrintable(QString("%1 %2").arg(told.meanIoU).arg(told.accuracy)));
        std::ranges::rotate(pixels.testClasses, pixels.testClasses.begin() + 700);
        const SegmentationRow chance = segmentation("chance", pixels, 3, {});
        QVERIFY2(chance.meanIoU < 0.35 && chance.dimension == 4, qPrintable(QString::number(chance.meanIoU)));
    }

    void theLastMapHasAPlaceForEveryPixel()
    {
        const std::shared_ptr<const Dataset> shapes = openDataset("shapes");
        for (const char *name : {"convnet", "resnet", "vit"}) {
            CheckpointState state;
            state.config = makeConfig("simclr", name, "shapes", shapes->info());
            state.prepared = preparedImages(shapes->info());
            const Model model = makeModel(state.config, state.input());
            const PixelFeatures pixels = mapFeatures(*model.encoder, state, *shapes, {});
            QVERIFY2(pixels.train.rows == int64_t(pixels.trainClasses.size()) && pixels.test.rows == int64_t(pixels.testClasses.size()), name);
            QVERIFY(pixels.train.rows > 10000 && pixels.train.columns > 8);
            for (const float value : pixels.test.values)
                QVERIFY(std::isfinite(value));
        }
        CheckpointState state;
        state.config = makeConfig("simclr", "mlp", "shapes", shapes->info());
        state.prepared = preparedImages(shapes->info());
        QVERIFY(mapFeatures(*makeModel(state.config, state.input()).encoder, state, *shapes, {}).train.rows == 0);
    }

    void evaluationSaysWhatItCannotSay()
    {
        const Blobs unlabelled(std::vector<LabelColumn>{}), oneClass(std::vector<LabelColumn>{{"label", {"all"}}});
        for (const Blobs *data : {&unlabelled, &oneClass}) {
            TrainedEncoder trained = smallEncoder(*data);
            const Evaluation evaluation = evaluate(trained, *data);
            QVERIFY(evaluation.rows.empty());
            QCOMPARE(evaluation.notes.size(), size_t(1));
            QVERIFY(evaluation.uniformity < 0 && evaluation.alignment >= 0);
        }
    }

    void joinedEmbeddingsCountAlike()
    {
        const Matrix one{2, 2, {3, 4, 0, 2}}, other{2, 2, {-100, 0, 0, 0}}; // a row of length 0 says nothing
        QCOMPARE(joinedRows({one}, Joining::average).values, one.values);
        const auto joins = [&](Joining joining, const std::vector<float> &wanted) {
            const Matrix joined = joinedRows({one, other}, joining);
            return std::ranges::equal(joined.values, wanted, [](float a, float b) { return std::abs(a - b) < 1e-6f; });
        };
        QVERIFY(joins(Joining::concatenate, {0.6f, 0.8f, -1, 0, 0, 1, 0, 0}));
        QVERIFY(joins(Joining::average, {-0.2f, 0.4f, 0, 0.5f}));
    }

    void neighboursAreThoseOfWhitenedEmbeddings()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        CheckpointState state = smallEncoder(data).state;
        state.config = makeConfig("simclr", "convnet", "shapes", data.info());
        state.config.knobs.set("encoder.width", 8.0);
        state.config.knobs.set("encoder.whiten", true);
        TrainedEncoder trained{makeModel(state.config, state.input()).encoder, state, nullptr};
        const Matrix views = embedTrainingViews(*trained.encoder, state, data, 600);
        QCOMPARE(views.rows, int64_t(600));
        trained.encoder->whitening()->follow(Tensor::fromHost(views.values, {views.rows, views.columns}));
        const Matrix read = readSamples(*trained.encoder, *state.prepared, data, Split::test), plain = embedSamples(trained, data, Split::test);
        for (const Ensemble &ensemble : {Ensemble{{&trained}}, Ensemble{{&trained, &trained}, {"one", "two"}, Joining::average}}) {
            const Features features = encoderFeatures("encoder", ensemble, data, {});
            const bool alone = ensemble.members.size() == 1;
            QCOMPARE(bool(features.whitened), alone);
            QVERIFY(alone ? features.test.values == plain.values : features.test.values != plain.values);
            const auto cosinesIn = [](const Matrix &rows) {
                const Variable unit = normalize(Variable(Tensor::fromHost(rows.values, {rows.rows, rows.columns})));
                return matmul(unit, unit, false, true).value().toHost();
            };
            const std::vector<float> cosines = cosinesIn(alone ? features.whitened(features.test) : features.test), wanted = cosinesIn(read);
            for (size_t i = 0; i < wanted.size(); ++i)
                QVERIFY(std::abs(cosines[i] - wanted[i]) < 1e-4);
        }
        QVERIFY(evaluate(trained, data).whitened);
    }

    void anEnsembleIsJudgedAsOneEncoder()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder first = smallEncoder(data), second = smallEncoder(data, 2), wide = smallEncoder(data, 1, 12);
        const Evaluation evaluation = evaluate(Ensemble{{&first, &wide}, {"first", "wide"}, Joining::concatenate}, data);
        QVERIFY(evaluation.complete);
        QCOMPARE(evaluation.rows[0].features, std::string("ensemble"));
        QCOMPARE(evaluation.rows[0].dimension, int64_t(20));
        QCOMPARE(evaluation.dimension, int64_t(20));
        QCOMPARE(evaluation.rows[1].features, std::string("untrained"));
        QCOMPARE(evaluation.rows[1].knn, evaluation.rows[0].knn); // the encoders given are untrained
        QCOMPARE(evaluate(Ensemble{{&first, &second}, {"first", "second"}, Joining::average}, data).rows[0].dimension, int64_t(8));
        const QString refused = test::errorOf([&] { evaluate(Ensemble{{&first, &wide}, {"first", "wide"}, Joining::average}, data); });
        for (const char *part : {"first have 8", "wide 12", "concatenate"})
            QVERIFY2(refused.contains(part), qPrintable(refused));
    }

    void asSupervisedStandsTheSameEncoderTrainedWithLabels()
    {
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        trained.state.config.batch = 50;
        const auto supervised = [&](int steps) {
            const Evaluation evaluation = evaluate(trained, data, {.baselines = false, .supervisedSteps = steps, .finetuneSteps = 0});
            if (evaluation.rows.size() != 2 || evaluation.rows[1].features != "supervised" || evaluation.notes.size() != 1)
                throw std::runtime_error("no supervised row");
            return std::pair(evaluation.rows[1], QString::fromStdString(evaluation.notes[0]));
        };
        const auto [row, note] = supervised(60);
        QVERIFY2(row.knn > 0.95 && row.probe > 0.95, qPrintable(QString("%1 %2").arg(row.knn).arg(row.probe)));
        QCOMPARE(row.dimension, int64_t(8));
        QVERIFY2(note.contains("for 60 steps of 50") && !note.contains("kept"), qPrintable(note));
        const auto [again, kept] = supervised(60);
        QVERIFY2(kept.contains("kept"), qPrintable(kept));
        QCOMPARE(again.knn, row.knn);
        QVERIFY(!supervised(61).second.contains("kept"));
        trained.state.config.knobs.set("encoder.width", 12.0);
        QVERIFY(!supervised(60).second.contains("kept")); // another encoder
        const Blobs unlabelled(std::vector<LabelColumn>{});
        QVERIFY(test::errorOf([&] { evaluate(trained, unlabelled, {.supervisedSteps = 5}); }).contains("learns from labels"));
    }

    void evaluationCanBeCancelled()
    {
        const test::OwnCache cache;
        const Blobs data({{"label", {"a", "b", "c", "d"}}});
        TrainedEncoder trained = smallEncoder(data);
        const Evaluation evaluation = evaluate(trained, data, {}, [](const std::string &what, double) { return !what.starts_with("untrained"); });
        QCOMPARE(evaluation.rows.size(), size_t(1));
        QVERIFY(evaluation.notes.back().starts_with("Cancelled"));
    }

    void imagesOfAnotherShapeAreRefused()
    {
        const Blobs data(std::vector<LabelColumn>{});
        TrainedEncoder trained = smallEncoder(data);
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, embed(*trained.encoder, {{0}, {1}, {28, 28, 1}}, data, Split::test));
    }
};

QTEST_APPLESS_MAIN(AnalysisTest)
#include "tst_analysis.moc"
