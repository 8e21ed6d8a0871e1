// Maps of neighbours, t-SNE and UMAP, against scikit-learn, SciPy and sums over every pair by NumPy: tests/analysis/maps_fixture.py made the fixture.
#include "core/analysis/projection.h"
#include "core/analysis/maplayout.h"
#include "core/analysis/spectralstart.h"
#include "core/analysis/tsne.h"
#include "core/analysis/umap.h"
#include "core/files/safetensors.h"
#include "core/system/threads.h"
#include "core/tensor/random.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace pretext;

namespace {

struct Fixture
{
    SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/analysis/maps.safetensors");
    Matrix matrix(const std::string &name) const
    {
        const FileTensor &tensor = file.tensors.at(name);
        return {tensor.shape[0], tensor.shape[1], tensor.floats()};
    }
    double number(const std::string &name) const { return file.tensors.at(name).floats().at(0); }
};

Matrix dense(const SparseMatrix &sparse)
{
    Matrix result{sparse.rows(), sparse.rows(), std::vector<float>(size_t(sparse.rows() * sparse.rows()))};
    for (int64_t i = 0; i < sparse.rows(); ++i)
        for (int64_t at = sparse.starts[size_t(i)]; at < sparse.starts[size_t(i + 1)]; ++at)
            result.values[size_t(i * sparse.rows() + sparse.columns[size_t(at)])] += sparse.values[size_t(at)];
    return result;
}

/// Relative to the largest magnitude expected.
double furthest(const Matrix &got, const Matrix &expected)
{
    double largest = 0, apart = got.values.size() == expected.values.size() ? 0 : std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < expected.values.size() && std::isfinite(apart); ++i) {
        largest = std::max(largest, double(std::abs(expected.values[i])));
        apart = std::max(apart, double(std::abs(got.values[i] - expected.values[i])));
    }
    return apart / largest;
}

SparseMatrix affinitiesOf(const Fixture &fixture)
{
    const double perplexity = fixture.number("perplexity");
    return tsneAffinities(neighbourGraph(fixture.matrix("rows"), tsneNeighbours(perplexity)), perplexity);
}

Matrix principal(const Matrix &rows, int dimensions)
{
    return project(fitPca(rows, dimensions), rows);
}

/// Venna and Kaski 2001: 1 less what points near on the map but far in the rows cost, by how far down the order of neighbours they are.
double trustworthiness(const Matrix &rows, const Matrix &map, int k)
{
    const NeighbourGraph near = neighbourGraph(map, k), order = neighbourGraph(rows, int(rows.rows) - 1);
    double cost = 0;
    for (int64_t i = 0; i < rows.rows; ++i)
        for (int n = 0; n < k; ++n) {
            const auto begin = order.neighbours.begin() + i * order.k;
            const auto rank = std::find(begin, begin + order.k, near.neighbours[size_t(i * k + n)]) - begin + 1;
            cost += double(std::max<int64_t>(0, rank - k));
        }
    return 1 - 2 * cost / double(rows.rows * k * (2 * rows.rows - 3 * k - 1));
}

} // namespace

class NeighbourMapsTest : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { setThreads(1); } // so little work takes longer by two

    void theGraphHasTheNearest()
    {
        const Matrix rows = Fixture().matrix("rows");
        const NeighbourGraph graph = neighbourGraph(rows, 7);
        for (int64_t i = 0; i < rows.rows; ++i) {
            std::vector<double> distances;
            for (int64_t j = 0; j < rows.rows; ++j) {
                double sum = 0;
                for (int64_t d = 0; d < rows.columns; ++d)
                    sum += std::pow(double(rows.at(i, d)) - rows.at(j, d), 2);
                if (j != i)
                    distances.push_back(std::sqrt(sum));
            }
            std::sort(distances.begin(), distances.end());
            for (int n = 0; n < 7; ++n) {
                QVERIFY(graph.neighbours[size_t(7 * i + n)] != i);
                QVERIFY(std::abs(graph.distances[size_t(7 * i + n)] - distances[size_t(n)]) < 1e-4);
            }
        }
        QVERIFY(neighbourGraph(rows, 7, [](double) { return false; }).neighbours.empty());
        QCOMPARE(neighbourGraph({3, 1, {1, 5, 6}}, 10).k, 2);
    }

    /// A collapsed encoder's rows: a large mean, and next to no distances.
    void aLargeMeanCostsNoDigits()
    {
        Random random(5);
        Matrix rows{40, 4, {}}, apart = rows;
        for (int i = 0; i < 160; ++i) {
            apart.values.push_back(std::round(1000 * random.normal()) / 1024);
            rows.values.push_back(apart.values.back() + 1024);
        }
        QCOMPARE(neighbourGraph(rows, 5).neighbours, neighbourGraph(apart, 5).neighbours);
    }

    void affinitiesAreScikitLearns()
    {
        const Fixture fixture;
        const Matrix got = dense(affinitiesOf(fixture));
        QVERIFY2(furthest(got, fixture.matrix("affinities")) < 1e-3, qPrintable(QString::number(furthest(got, fixture.matrix("affinities")))));
        QVERIFY(std::abs(std::accumulate(got.values.begin(), got.values.end(), 0.) - 1) < 1e-5);
    }

    void divergenceAndSlopeAreTheDefinitions()
    {
        const Fixture fixture;
        for (const std::string d : {"2", "3"}) {
            const double expected = fixture.number("divergence" + d);
            QVERIFY(std::abs(tsneDivergence(affinitiesOf(fixture), fixture.matrix("map" + d)) - expected) < 1e-4 * expected);
            TsneOptions exact, usual;
            exact.theta = 0;
            Tsne every(affinitiesOf(fixture), fixture.matrix("map" + d), exact), few(affinitiesOf(fixture), fixture.matrix("map" + d), usual);
            QVERIFY(std::abs(every.divergence() - expected) < 1e-4 * expected);
            QVERIFY2(furthest(every.gradient(), fixture.matrix("slope" + d)) < 1e-3,
                     qPrintable(QString::number(furthest(every.gradient(), fixture.matrix("slope" + d)))));
            QVERIFY(std::abs(few.divergence() - expected) < 0.01 * expected); // by Barnes-Hut
            QVERIFY(furthest(few.gradient(), fixture.matrix("slope" + d)) < 0.05);
            QVERIFY(furthest(few.gradient(), fixture.matrix("slope" + d)) > 0); // it does leave pairs out
        }
    }

    void itsMapsAreAsGoodAsScikitLearns()
    {
        const Fixture fixture;
        const SparseMatrix affinities = affinitiesOf(fixture);
        for (const int d : {2, 3}) { // in space there is more room
            Tsne map(affinities, tsneStart(principal(fixture.matrix("rows"), d)), {});
            map.run(map.planned());
            const double reached = tsneDivergence(affinities, map.points()), theirs = fixture.number("reached");
            QVERIFY2(reached < 1.05 * theirs, qPrintable(QStringLiteral("%1, scikit-learn %2").arg(reached).arg(theirs)));
        }
    }

    void slicesAndThreadsChangeNothing()
    {
        const Fixture fixture;
        const auto laid = [&](int threads, int slice) {
            const ThreadBudget budget(threads);
            Tsne map(affinitiesOf(fixture), tsneStart(principal(fixture.matrix("rows"), 2)), {});
            while (map.iteration() < 60)
                map.run(slice);
            return map.points().values;
        };
        const std::vector<float> whole = laid(1, 60);
        QCOMPARE(laid(1, 20), whole);
        QCOMPARE(laid(2, 60), whole);
    }

    void aWarmStartStaysWhereItIs()
    {
        const Fixture fixture;
        const SparseMatrix affinities = affinitiesOf(fixture);
        Tsne map(affinities, tsneStart(principal(fixture.matrix("rows"), 2)), {});
        map.run(map.planned());
        Tsne on(affinities, map.points(), warmTsne(100));
        on.run(on.planned());
        double moved = 0, extent = 0;
        for (size_t i = 0; i < on.points().values.size(); ++i) {
            moved = std::max(moved, double(std::abs(on.points().values[i] - map.points().values[i])));
            extent = std::max(extent, double(std::abs(map.points().values[i])));
        }
        QVERIFY2(moved < 0.1 * extent, qPrintable(QStringLiteral("%1 of %2").arg(moved).arg(extent)));
        QVERIFY(tsneDivergence(affinities, on.points()) < 1.01 * tsneDivergence(affinities, map.points()));
    }

    void newPointsBeginAmongTheirNeighbours()
    {
        const NeighbourGraph graph = neighbourGraph({4, 1, {0, 1, 2, 50}}, 2);
        const float none = std::numeric_limits<float>::quiet_NaN();
        Matrix places{4, 2, {1, 1, none, none, 3, 5, 9, 9}};
        fillPlaces(places, graph);
        QCOMPARE(places.values, (std::vector<float>{1, 1, 2, 3, 3, 5, 9, 9}));
        Matrix empty{4, 2, std::vector<float>(8, none)};
        fillPlaces(empty, graph);
        QCOMPARE(empty.values, std::vector<float>(8, 0));
    }

    void theFuzzySetIsNumPys()
    {
        const Fixture fixture;
        const int k = fixture.file.tensors.at("neighbours").ints().at(0);
        const Matrix got = dense(fuzzySet(neighbourGraph(fixture.matrix("rows"), k)));
        QVERIFY2(furthest(got, fixture.matrix("fuzzy")) < 1e-4, qPrintable(QString::number(furthest(got, fixture.matrix("fuzzy")))));
    }

    void itsCurveIsSciPys()
    {
        for (const char *name : {"curve_tight", "curve_loose"}) {
            const std::vector<float> expected = Fixture().file.tensors.at(name).floats(); // least distance, a, b
            const UmapCurve curve = umapCurve(double(expected[0]));
            QVERIFY(std::abs(curve.a - expected[1]) < 1e-3 && std::abs(curve.b - expected[2]) < 1e-3);
        }
    }

    /// Of a graph that is in one, laid out whole, and of one in parts: by SciPy's eigenvectors and scikit-learn's layout of the parts.
    void umapBeginsAsUmapLearnDoes()
    {
        const SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/analysis/spectral.safetensors");
        const auto matrix = [&](const std::string &name) {
            const FileTensor &tensor = file.tensors.at(name);
            return Matrix{tensor.shape[0], tensor.shape[1], tensor.floats()};
        };
        for (const std::string name : {"small", "large", "few", "many"})
            for (const int d : {2, 3}) {
                const Matrix rows = matrix(name + "_rows"), expected = matrix(name + "_start_" + std::to_string(d));
                const SparseMatrix graph = fuzzySet(neighbourGraph(rows, kUmapNeighbours));
                const Matrix got = spectralStart(graph, rows, d);
                QVERIFY2(furthest(got, expected) < 0.01,
                         qPrintable(QStringLiteral("%1 in %2: %3").arg(QString::fromStdString(name)).arg(d).arg(furthest(got, expected))));
            }
        QCOMPARE(spectralStart(fuzzySet(neighbourGraph(matrix("large_rows"), kUmapNeighbours)), matrix("large_rows"), 2, [](double) { return false; }).rows,
                 int64_t(0));
    }

    void umapKeepsNeighboursThatThePlaneOfPcaLoses()
    {
        const Matrix rows = Fixture().matrix("rows");
        for (const int d : {2, 3}) {
            const Matrix plane = principal(rows, d);
            const SparseMatrix memberships = fuzzySet(neighbourGraph(rows, 8));
            Umap map(memberships, spectralStart(memberships, rows, d), {}), again(memberships, spectralStart(memberships, rows, d), {});
            map.run(map.planned());
            for (int slice = 0; slice < 10; ++slice)
                again.run(map.planned() / 10);
            QCOMPARE(again.points().values, map.points().values);
            const double kept = trustworthiness(rows, map.points(), 8), before = trustworthiness(rows, plane, 8);
            QVERIFY2(kept > before + (d == 2 ? 0.01 : 0) && kept > 0.9, qPrintable(QStringLiteral("%1, PCA %2").arg(kept).arg(before)));
        }
    }

    void aLayoutBeginsWhereTheMapBeforeStood()
    {
        const Matrix rows = Fixture().matrix("rows");
        EmbeddingMap principal = embeddingMap(rows, 2 * rows.rows, 1), before = principal;
        for (const MapMethod method : {MapMethod::tsne, MapMethod::umap}) {
            principal.kind.method = method;
            const auto cold = beginLayout(rows, principal, &before); // of another kind
            QVERIFY(cold->planned() >= 500 && cold->points().values != before.points.values);
            cold->run(cold->planned());
            before.kind = principal.kind;
            before.points = cold->points();
            const auto warm = beginLayout(rows, principal, &before);
            QCOMPARE(warm->points().values, before.points.values);
            QVERIFY(warm->planned() < cold->planned());
            QVERIFY(!beginLayout(rows, principal, &before, [](double) { return false; }));
        }
    }

    /// By angle, as neighbours and scores see them: a row's length does not matter.
    void layoutsGoByAngle()
    {
        const Matrix rows = Fixture().matrix("rows");
        Matrix longer = rows;
        for (int64_t i = 0; i < rows.rows; i += 3)
            for (int64_t d = 0; d < rows.columns; ++d)
                longer.values[size_t(i * rows.columns + d)] *= 4;
        EmbeddingMap principal = embeddingMap(rows, rows.rows, 1);
        principal.kind.method = MapMethod::tsne;
        const auto one = beginLayout(rows, principal, nullptr), other = beginLayout(longer, principal, nullptr);
        one->run(30);
        other->run(30);
        QCOMPARE(one->points().values, other->points().values);
    }

    /// All alike, two samples, and more perplexity than samples.
    void edgesAreMaps()
    {
        for (const int64_t count : {2, 3, 40}) {
            const Matrix alike{count, 3, std::vector<float>(size_t(3 * count), 2.f)};
            const NeighbourGraph graph = neighbourGraph(alike, tsneNeighbours(30));
            Tsne map(tsneAffinities(graph, 30), tsneStart(principal(alike, 2)), {});
            map.run(50);
            const SparseMatrix memberships = fuzzySet(neighbourGraph(alike, kUmapNeighbours));
            Umap other(memberships, spectralStart(memberships, alike, 2), {});
            other.run(other.planned());
            for (const Matrix &points : {map.points(), other.points()})
                for (const float value : points.values)
                    QVERIFY(std::isfinite(value));
        }
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, neighbourGraph({1, 3, {1, 2, 3}}, 5));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, Tsne({{0, 0}, {}, {}}, {1, 4, {1, 2, 3, 4}}, {}));
    }
};

QTEST_APPLESS_MAIN(NeighbourMapsTest)
#include "tst_neighbourmaps.moc"
