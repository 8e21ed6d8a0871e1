// The embedding map: its axes keep through flips of PCA, a job's map is that of its weights, its plot finds points and is not drawn anew by what hovers,
// and the panel keeps, shows and forgets maps as the job does.
#include "core/analysis/embeddingmap.h"
#include "core/analysis/features.h"
#include "core/analysis/knn.h"
#include "core/analysis/projection.h"
#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/backend/backend.h"
#include "core/engine/encodercopy.h"
#include "core/files/gif.h"
#include "painting.h"
#include "toydata.h"
#include "toytext.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/panels/maphistory.h"
#include "widgets/panels/embeddingmapbar.h"
#include "widgets/panels/mapchosen.h"
#include "widgets/panels/mapfilm.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/panels/maporbit.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/scatter.h"
#include "widgets/plots/scatterraster.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"
#include "windowfixture.h"

#include <QComboBox>
#include <QImageReader>
#include <QLineEdit>
#include <QSemaphore>
#include <QSlider>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

#include <cmath>
#include <limits>
#include <numeric>

using namespace pretext;

namespace {

Matrix randomRows(int64_t rows, int64_t columns, uint64_t seed)
{
    Random random{seed};
    Matrix matrix{rows, columns, std::vector<float>(size_t(rows * columns))};
    for (size_t i = 0; i < matrix.values.size(); ++i)
        matrix.values[i] = random.normal() * float(1 + columns - int64_t(i) % columns);
    return matrix;
}

/// By the newest checkpoint of a run, in the precision it trains in.
Matrix embeddingsOf(const QString &run)
{
    const TrainedEncoder trained = loadEncoder(findCheckpoint(run.toStdString()));
    const Autocast autocast(precisionNamed(trained.state.config.precision));
    return embedSamples(trained, ToyData(), Split::test);
}

double largestDifference(const Matrix &a, const Matrix &b)
{
    double largest = a.rows == b.rows && a.columns == b.columns ? 0 : std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < a.values.size() && std::isfinite(largest); ++i)
        largest = std::max(largest, double(std::abs(a.values[i] - b.values[i])));
    return largest;
}

KeptMap keptMap(int64_t step)
{
    auto map = std::make_shared<EmbeddingMap>();
    map->step = step;
    return {map};
}

/// Many classes, or none.
class Classes : public ToyData
{
public:
    explicit Classes(int count) : m_count(count), m_info(ToyData::info())
    {
        m_info.columns.clear();
        if (count > 0)
            m_info.columns.push_back({"label", {}});
        for (int c = 0; c < count; ++c)
            m_info.columns.front().classes.push_back("class " + std::to_string(c));
    }
    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::test ? 600 : kTrain; }
    /// The higher the class, the more frequent.
    float label(Split, int64_t index, int) const override
    {
        int label = 0;
        for (int64_t left = index % (m_count * (m_count + 1) / 2 + 1); left > label && label + 1 < m_count; left -= ++label) {}
        return float(label);
    }

private:
    int m_count;
    DatasetInfo m_info;
};

/// Whose pictures take as long as the test likes.
class SlowPictures : public Classes
{
public:
    SlowPictures() : Classes(3) {}
    Image image(Split split, int64_t index) const override
    {
        gate.acquire();
        return Classes::image(split, index);
    }
    mutable QSemaphore gate;
};

} // namespace

class EmbeddingMapTest : public QObject
{
    Q_OBJECT
private slots:
    void aTurnedCopyGivesTheSameMap()
    {
        const Matrix rows = randomRows(60, 5, 1);
        const EmbeddingMap first = embeddingMap(rows, 60, 1);
        // Columns permuted and some negated: other components, the same distances. Also a little apart, so that nothing is exact.
        Matrix other = rows;
        for (int64_t i = 0; i < rows.rows; ++i)
            for (int64_t d = 0; d < 5; ++d)
                other.values[size_t(i * 5 + d)] = rows.at(i, 4 - d) * (d % 2 ? 1.f : -1.f);
        EmbeddingMap second = embeddingMap(other, 60, 2);
        for (float &value : second.points.values)
            value = -value; // as a solver may answer
        turnOnto(second, first);
        QVERIFY2(largestDifference(first.points, second.points) < 1e-3, qPrintable(QString::number(largestDifference(first.points, second.points))));
        QVERIFY(std::abs(first.share(0) - second.share(0)) < 1e-5 && std::abs(first.share(1) - second.share(1)) < 1e-5);
        QCOMPARE(second.component(0), 1);
        QVERIFY(second.degrees(0) < 0.1);
    }

    /// A map and the same turned, mirrored and with one sample moved: only that one has.
    void aDifferenceIsWhatNoTurnBringsTogether()
    {
        EmbeddingMap first;
        first.of = 50;
        first.points = {50, 2, {}};
        for (int i = 0; i < 50; ++i)
            first.points.values.insert(first.points.values.end(), {float(std::cos(i) * (3 + i % 7)), float(std::sin(2. * i))});
        EmbeddingMap second = first;
        for (int i = 0; i < 50; ++i) { // by 40 degrees, and mirrored
            const float x = first.points.at(i, 0), y = first.points.at(i, 1), c = float(std::cos(0.7)), s = float(std::sin(0.7));
            second.points.values[size_t(2 * i)] = c * x + s * y;
            second.points.values[size_t(2 * i + 1)] = s * x - c * y;
        }
        const MapDifference none = differenceOf(first, second);
        QVERIFY2(none.residual < 1e-5 && none.spread > 2, qPrintable(QString::number(none.residual)));
        second.points.values[20] += 0.05f;
        const MapDifference one = differenceOf(first, second);
        QVERIFY(std::max_element(one.moved.begin(), one.moved.end()) == one.moved.begin() + 10);
        QVERIFY(qAbs(one.moved[10] - 0.05) < 0.01);
        QVERIFY(qAbs(one.residual - 0.05 / std::sqrt(50.)) < 0.001);

        EmbeddingMap sparse = second; // half of the samples, spread evenly over the same
        sparse.points = {25, 2, {}};
        for (int64_t row = 0; row < 25; ++row)
            for (int c = 0; c < 2; ++c)
                sparse.points.values.push_back(second.points.at(sparse.sample(row), c));
        const MapDifference some = differenceOf(first, sparse);
        QCOMPARE(std::count_if(some.moved.begin(), some.moved.end(), [](float value) { return std::isfinite(value); }), 25);
        sparse.kind.method = MapMethod::tsne;
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, differenceOf(first, sparse));
    }

    /// The turn from the components to the axes is the whole one, also of a map that was turned before.
    void aMapTurnedTwiceKnowsItsComponents()
    {
        EmbeddingMap map;
        map.of = 30;
        map.points = {30, 2, {}};
        for (int i = 0; i < 30; ++i)
            map.points.values.insert(map.points.values.end(), {float(i % 9) - 4, float(i % 4) / 3});
        const EmbeddingMap components = map;
        const auto turnedBy = [&](double angle) {
            EmbeddingMap other = components;
            for (int i = 0; i < 30; ++i) {
                const float x = components.points.at(i, 0), y = components.points.at(i, 1);
                other.points.values[size_t(2 * i)] = float(std::cos(angle) * x - std::sin(angle) * y);
                other.points.values[size_t(2 * i + 1)] = float(std::sin(angle) * x + std::cos(angle) * y);
            }
            return other;
        };
        turnOnto(map, turnedBy(0.3));
        turnOnto(map, turnedBy(0.5));
        QVERIFY2(qAbs(map.degrees(0) - 0.5 * 180 / 3.14159265) < 0.1, qPrintable(QString::number(map.degrees(0))));
    }

    void procrustesFindsRotationAndReflection()
    {
        const Matrix points = randomRows(30, 2, 3);
        for (const AxesTurn &turn : {AxesTurn{0.8, 0.6, -0.6, 0.8}, AxesTurn{0.8, 0.6, 0.6, -0.8}, AxesTurn{0, 1, 1, 0}}) {
            Matrix turned = points;
            for (int64_t i = 0; i < points.rows; ++i)
                for (int axis = 0; axis < 2; ++axis)
                    turned.values[size_t(2 * i + axis)] = float(points.at(i, 0) * turn[axis] + points.at(i, 1) * turn[2 + axis]);
            const AxesTurn found = procrustes(points, turned);
            for (int i = 0; i < 4; ++i)
                QVERIFY(std::abs(found[i] - turn[i]) < 1e-5);
        }
        QCOMPARE(procrustes({1, 2, {0, 0}}, {1, 2, {0, 0}}).size(), size_t(4)); // a collapsed map turns onto anything
    }

    void anAxisSaysHowFarItIsTurned()
    {
        EmbeddingMap map = embeddingMap(randomRows(50, 4, 2), 50, 1);
        const double sum = map.share(0) + map.share(1);
        const double angle = 30 * M_PI / 180;
        map.turn = {std::cos(angle), std::sin(angle), -std::sin(angle), std::cos(angle)};
        QVERIFY(std::abs(map.degrees(0) - 30) < 1e-9 && map.component(0) == 1 && map.component(1) == 2);
        map.turn = {std::sin(angle), std::cos(angle), std::cos(angle), -std::sin(angle)};
        QVERIFY(std::abs(map.degrees(0) - 30) < 1e-9 && map.component(0) == 2 && map.component(1) == 1);
        QVERIFY(std::abs(map.share(0) + map.share(1) - sum) < 1e-9);
        QVERIFY(sum > 0 && sum <= 1);
    }

    void mapsOfOtherSamplesTurnByThoseInCommon()
    {
        const Matrix rows = randomRows(60, 4, 5);
        Matrix every{20, 4, {}};
        for (int64_t i = 0; i < 20; ++i)
            every.values.insert(every.values.end(), rows.values.begin() + 12 * i, rows.values.begin() + 12 * i + 4);
        const EmbeddingMap few = embeddingMap(every, 60, 1);
        EmbeddingMap all = embeddingMap(rows, 60, 2);
        for (float &value : all.points.values)
            value = -value;
        turnOnto(all, few);
        double along = 0;
        for (int64_t row = 0; row < few.samples(); ++row) {
            QCOMPARE(all.sample(all.rowOf(few.sample(row))), few.sample(row));
            for (int axis = 0; axis < 2; ++axis)
                along += few.points.at(row, axis) * all.points.at(all.rowOf(few.sample(row)), axis);
        }
        QVERIFY(along > 0);
    }

    void spreadSamplesKnowTheirPlace()
    {
        for (const auto &[count, size] : {std::pair<int64_t, int64_t>{7, 100}, {100, 100}, {3, 4}, {2000, 10000}, {1, 1}}) {
            std::set<int64_t> seen;
            for (int64_t i = 0; i < count; ++i) {
                const int64_t sample = spreadIndex(i, count, size);
                QVERIFY(sample < size && seen.insert(sample).second);
                QCOMPARE(spreadPlace(sample, count, size), i);
            }
            for (int64_t sample = 0; sample < size; ++sample)
                QCOMPARE(spreadPlace(sample, count, size) >= 0, seen.contains(sample));
        }
    }

    void embeddingsThatAreNotFiniteAreSaid()
    {
        Matrix rows = randomRows(10, 3, 1);
        rows.values[7] = std::numeric_limits<float>::quiet_NaN();
        try {
            embeddingMap(rows, 10, 12);
            QFAIL("it made a map");
        } catch (const std::runtime_error &error) {
            QVERIFY2(std::string(error.what()).find("1 of 10") != std::string::npos, error.what());
        }
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, embeddingMap(randomRows(1, 3, 1), 1, 1));
        const EmbeddingMap collapsed = embeddingMap({5, 3, std::vector<float>(15, 2.f)}, 5, 1); // every sample at one place
        QCOMPARE(collapsed.share(0), 0.);
        const EmbeddingMap narrow = embeddingMap(randomRows(5, 1, 1), 5, 1);
        QVERIFY(std::abs(narrow.share(0) - 1) < 1e-5 && narrow.points.at(3, 1) == 0);
    }

    void theHistoryThinsEvenly()
    {
        MapHistory history;
        const KeptMap kept = keptMap(4);
        for (int64_t step = 0; step < 1000; ++step)
            history.add(step == 4 ? kept : keptMap(step), kept.map.get());
        QCOMPARE(history.size(), int(MapHistory::kMost));
        QCOMPARE(history.at(0).map->step, int64_t(0));
        QCOMPARE(history.at(history.size() - 1).map->step, int64_t(999));
        QVERIFY(history.indexOf(kept.map.get()) >= 0);
        for (int i = 2; i < history.size(); ++i)
            QVERIFY(history.at(i).map->step - history.at(i - 1).map->step <= 12); // 5 on average
        history.add(keptMap(10), nullptr);                                        // rewound
        QCOMPARE(history.at(history.size() - 1).map->step, int64_t(10));
        QVERIFY(history.size() <= 10);
    }

    void theNearestPointIsFound()
    {
        Scatter plot;
        std::vector<QPointF> points;
        Random random{1};
        for (int i = 0; i < 500; ++i)
            points.emplace_back(random.normal(), random.normal());
        points[17] = {std::numeric_limits<double>::quiet_NaN(), 0};
        plot.setPoints(points, std::vector<QRgb>(500, 0xff123456));
        draw(plot);
        for (int i = 0; i < 500; i += 7) {
            const auto at = plot.position(i);
            QVERIFY(at);
            QCOMPARE(plot.nearest(*at, 5), i);
        }
        QVERIFY(!plot.position(17));
        QCOMPARE(plot.nearest(plot.rect().topLeft() - QPointF(5, 5), 1e9), -1);
        // By hand, for a place where there is none.
        const QPointF corner = plot.rect().topLeft() + QPointF(3, 3);
        int best = -1;
        qreal least = 1e18;
        for (int i = 0; i < 500; ++i)
            if (const auto at = plot.position(i); at && QLineF(corner, *at).length() < least) {
                least = QLineF(corner, *at).length();
                best = i;
            }
        QCOMPARE(plot.nearest(corner, 1e9), best);
        QCOMPARE(plot.nearest(corner, least - 1), -1);
    }

    void arrowsFindThePointThatWay()
    {
        Scatter plot;
        plot.setPoints({{0, 0}, {1, 0.2}, {2, 0}, {0.1, 1}, {-1, 0}, {0, -3}}, std::vector<QRgb>(6, 0xff000000));
        draw(plot);
        QCOMPARE(plot.next(0, {1, 0}), 1);
        QCOMPARE(plot.next(0, {1, 0}, 1.5 * (plot.position(1)->x() - plot.position(0)->x())), 2); // farther
        QCOMPARE(plot.next(0, {0, -1}), 3);
        QCOMPARE(plot.next(0, {-1, 0}), 4);
        QCOMPARE(plot.next(0, {0, 1}), 5);
        QCOMPARE(plot.next(2, {1, 0}), -1);
    }

    void zoomingKeepsWhatIsUnderThePointer()
    {
        Scatter plot;
        plot.setPoints({{0, 0}, {4, 3}, {8, 6}}, std::vector<QRgb>(3, 0xff000000));
        draw(plot);
        const QPointF before = *plot.position(1);
        plot.zoom(before, 3);
        QVERIFY(QLineF(before, *plot.position(1)).length() < 1e-6);
        QVERIFY(!plot.position(2));
        plot.pan({10, 5});
        QVERIFY(QLineF(before + QPointF(10, 5), *plot.position(1)).length() < 1e-6);
        plot.reveal(2);
        QVERIFY(plot.position(2));
        plot.resetView();
        QVERIFY(plot.position(0) && plot.position(2));
    }

    void smallChangesMoveNothing()
    {
        Scatter plot;
        plot.setPoints({{-1, -1}, {1, 1}}, {0xff000000, 0xff000000});
        draw(plot);
        plot.setPoints({{-1, -1}, {0.9, 0.9}}, {0xff000000, 0xff000000});
        const QPointF kept = *plot.position(0);
        QVERIFY(kept.y() > plot.position(1)->y()); // upwards
        plot.setPoints({{-1, -1}, {0.95, 0.9}}, {0xff000000, 0xff000000});
        QCOMPARE(*plot.position(0), kept);
        plot.setPoints({{-1, -1}, {30, 0.9}}, {0xff000000, 0xff000000});
        QVERIFY(plot.position(0) && plot.position(1)); // all are in view
    }

    void theImageIsMadeAgainOnlyWhenItChanges()
    {
        Scatter plot;
        plot.setPoints({{0, 0}, {1, 1}}, {0xffff0000, 0xff0000ff});
        QWidget widget;
        test::CatchingCanvas canvas(QSizeF(400, 300), Theme::of(&widget));
        const auto key = [&] {
            canvas.images.clear();
            plot.place(QRectF(0, 0, 400, 300), canvas);
            plot.draw(canvas);
            return canvas.images.at(0).cacheKey();
        };
        const qint64 first = key();
        plot.nearest({200, 150}, 20);
        QCOMPARE(key(), first);
        plot.zoom(plot.rect().center(), 2);
        const qint64 zoomed = key();
        QVERIFY(zoomed != first);
        plot.setPoints({{0, 0}, {1, 1}}, {0xffff0000, 0xff00ff00});
        QVERIFY(key() != zoomed);
    }

    void dotsAreWhereTheyBelong()
    {
        const QImage image = drawDots(
            {40, 30},
            {{{10.5, 12.5}, {-20, 0}, {std::numeric_limits<double>::quiet_NaN(), 5}, {39.9, 29.9}}, {0xffff0000, 0xff00ff00, 0xff00ff00, 0xff0000ff}, 3});
        QCOMPARE(qRed(image.pixel(10, 12)) > 200 && qGreen(image.pixel(10, 12)) < 20, true);
        QCOMPARE(qAlpha(image.pixel(20, 12)), 0);
        QVERIFY(qBlue(image.pixel(39, 29)) > 200);
    }

    void picturesAreReadBesideTheWindow()
    {
        const auto pictures = std::make_shared<SlowPictures>();
        QObject window;
        int arrived = 0;
        HeldOutSamples samples(&window, [&] { ++arrived; });
        samples.setDataset(pictures);
        for (int64_t index = 0; index < 140; ++index) // more than are waited for
            QVERIFY(samples.at(index).image.image.isNull() && !samples.at(index).label.isEmpty());
        pictures->gate.release(200);
        QTRY_COMPARE(arrived, 129); // the one that was being read, and the 128 newest
        QCOMPARE(samples.at(139).image.image.size(), samples.imageSize());
        QVERIFY(samples.at(2).image.image.isNull());
        QTRY_VERIFY(!samples.at(2).image.image.isNull()); // looked at again
    }

    void moreThanTenClassesAreTold()
    {
        const auto many = mapLabels(Classes(12), 600), none = mapLabels(Classes(0), 600);
        QCOMPARE(many->legend.size(), size_t(11));
        QVERIFY(many->legend.back().name.contains(QStringLiteral("2 classes")));
        for (const LegendEntry &entry : many->legend)
            QVERIFY(entry.name != QStringLiteral("class 0")); // the rarest is grey
        QCOMPARE(many->classes.front(), 0);
        QCOMPARE(many->colours.front(), labelColour(-1).rgb());
        QCOMPARE(none->legend.size(), size_t(1));
        QVERIFY(none->note.contains(QStringLiteral("no labels")));
        QCOMPARE(std::set<QRgb>(none->colours.begin(), none->colours.end()).size(), size_t(1));
    }

    void aCopyIsTheEncoder()
    {
        const QTemporaryDir folder;
        Lanes lanes;
        TrainerOptions options = toyOptions(3, folder.filePath("run").toStdString());
        lanes.wanted.set({"encoder/weights"});
        lanes.snapshotSeconds = 0;
        QCOMPARE(trainToy(options, lanes).step, int64_t(3));
        const SnapshotPtr snapshot = lanes.snapshots.latest();
        const auto *copy = snapshot->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights");
        QVERIFY(copy && (*copy)->state.step == 3);
        const TrainedEncoder fromCopy = encoderOf(**copy), fromFile = loadEncoder(findCheckpoint(options.out));
        QCOMPARE(embedSamples(fromCopy, ToyData(), Split::test).values, embedSamples(fromFile, ToyData(), Split::test).values);
    }

    void theMapIsThatOfTheWeights()
    {
        Seat seat;
        const QTemporaryDir folder;
        seat.start(toyOptions(3, folder.filePath("run").toStdString()));
        QTRY_VERIFY_WITH_TIMEOUT(seat.mapStep() == 3, 30000);
        const Matrix embeddings = embeddingsOf(folder.filePath("run"));
        const Matrix points = project(fitPca(embeddings, 2), embeddings);
        const QStringList lines = seat.panel->csv().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.front(), QStringLiteral("index,label,x,y"));
        QCOMPARE(lines.size(), qsizetype(ToyData::kTest + 1));
        // Up to a turn, if maps of earlier steps came first: distances are the same.
        Matrix shown{points.rows, 2, {}};
        for (int64_t row = 0; row < points.rows; ++row) {
            const QStringList fields = lines[row + 1].split(u',');
            QCOMPARE(fields[0], QString::number(row));
            QCOMPARE(fields[1], row % 2 ? QStringLiteral("\"top\"") : QStringLiteral("\"left\""));
            shown.values.insert(shown.values.end(), {fields[2].toFloat(), fields[3].toFloat()});
        }
        EmbeddingMap expected = embeddingMap(embeddings, ToyData::kTest, 3);
        QVERIFY(largestDifference(expected.points, points) < 1e-6);
        EmbeddingMap onto;
        onto.of = ToyData::kTest;
        onto.points = shown;
        turnOnto(expected, onto);
        QVERIFY2(largestDifference(expected.points, shown) < 1e-4, qPrintable(QString::number(largestDifference(expected.points, shown))));
        QVERIFY(seat.said().contains(QStringLiteral("All 16 held-out samples of toy")));
        QTRY_VERIFY(QFileInfo::exists(folder.filePath("run/map.png"))); // for the list of runs
        const QImage picture(folder.filePath("run/map.png"));
        QCOMPARE(picture.size(), QSize(480, 360));
        std::set<QRgb> colours;
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                colours.insert(picture.pixel(x, y));
        QVERIFY(colours.size() > 3); // ground, title, and two classes
    }

    void theSliderGoesBackAndRewindClears()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        const QString untrained = seat.panel->csv();
        for (int step = 1; step <= 2; ++step) {
            seat.run.stepOnce();
            QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), step, 30000);
            QCOMPARE(seat.slider()->maximum(), step);
            QCOMPARE(seat.slider()->value(), step); // it follows
        }
        seat.slider()->setValue(0);
        QCOMPARE(seat.panel->csv(), untrained);
        seat.run.stepOnce();
        QTRY_COMPARE_WITH_TIMEOUT(seat.slider()->maximum(), 3, 30000);
        QCOMPARE(seat.mapStep(), 0); // it does not follow
        seat.run.rewind();
        QTRY_VERIFY_WITH_TIMEOUT(seat.slider()->maximum() == 0 && seat.mapStep() == 0, 30000);
        QCOMPARE(seat.panel->csv(), untrained); // the same initial weights
        seat.start(options);
        QVERIFY(seat.panel->csv().isEmpty());
    }

    void pointedAtAndKept()
    {
        Seat seat;
        const QTemporaryDir folder;
        TrainerOptions options = toyOptions(0, folder.filePath("run").toStdString());
        options.startPaused = true;
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        QTest::qWait(100);
        QTest::keyClick(seat.canvas(), Qt::Key_Right);
        QVERIFY2(seat.said().contains(QStringLiteral("held-out sample")) && seat.said().contains(QStringLiteral("by cosine")), qPrintable(seat.said()));
        QTest::keyClick(seat.canvas(), Qt::Key_Return);
        QVERIFY(seat.said().contains(QStringLiteral("kept")));
        QVERIFY(seat.selection.sample() && seat.selection.sample().split == Split::test); // for all panels
        // The neighbour named first is the one that a search over all finds.
        const int sample = QRegularExpression(QStringLiteral("held-out sample (\\d+)")).match(seat.said()).captured(1).toInt();
        const Matrix all = embeddingsOf(folder.filePath("run"));
        const Matrix own{1, all.columns, {all.values.begin() + sample * all.columns, all.values.begin() + (sample + 1) * all.columns}};
        const Neighbours found = nearestNeighbours(all, own, 3);
        const int nearest = found.indices[0] == sample ? found.indices[1] : found.indices[0];
        QVERIFY2(seat.said().section(QStringLiteral("by cosine: "), 1).contains(QStringLiteral("held-out sample %1 (").arg(nearest)), qPrintable(seat.said()));
        QTest::keyClick(seat.canvas(), Qt::Key_Escape);
        QVERIFY(!seat.said().contains(QStringLiteral("kept")));
    }

    void hiddenItWantsNothing()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        seat.panel->hide();
        QVERIFY(seat.panel->wantedChannels().empty());
        seat.start(options);
        QTRY_COMPARE(seat.run.status().state, TrainerState::paused);
        QVERIFY(seat.panel->wantedChannels().empty());
        QVERIFY(!seat.run.snapshot() || !seat.run.snapshot()->channels.contains("encoder/weights"));
        seat.panel->show();
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000); // a job that rests is shown, too
        QVERIFY(seat.panel->wantedChannels().empty());       // and asked for no more
    }

    void anotherNumberOfSamplesIsAnotherMap()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        options.dataset = std::make_shared<Classes>(2);
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        QCOMPARE(seat.panel->csv().count(u'\n'), qsizetype(601));
        seat.choose("samples", 0);
        QTRY_COMPARE_WITH_TIMEOUT(seat.panel->csv().count(u'\n'), qsizetype(501), 30000);
        QCOMPARE(seat.slider()->maximum(), 0); // of the same step, so in its place
        QVERIFY(seat.said().contains(QStringLiteral("500 of the 600")));
    }

    void textIsMapped()
    {
        Seat seat;
        TrainerOptions options;
        options.config = toyConfig(2, "simcse", "transformer");
        options.dataset = std::make_shared<ToyText>();
        options.loaderAhead = 0;
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 2, 60000);
        QTest::qWait(100);
        QTest::keyClick(seat.canvas(), Qt::Key_Right);
        QVERIFY2(seat.said().contains(QStringLiteral("held-out sample")), qPrintable(seat.said()));
    }

    void neighbourMapsMoveAndGoOnFromTheLast()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        options.dataset = std::make_shared<Classes>(3);
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        const QString byPca = seat.panel->csv();
        for (const auto &[method, name] : {std::pair{1, "t-SNE"}, {2, "UMAP"}}) {
            auto *maker = seat.panel->findChild<MapMaker *>();
            QSignalSpy moved(maker, &MapMaker::moved), made(maker, &MapMaker::made);
            seat.choose("method", method);
            QVERIFY(seat.panel->csv().isEmpty()); // none of this kind yet
            QTRY_VERIFY_WITH_TIMEOUT(made.size() == 1, 60000);
            QVERIFY(moved.size() >= 1);
            const KeptMap first = moved.front().front().value<KeptMap>(), last = made.front().front().value<KeptMap>();
            QVERIFY(first.iteration > 0 && first.iteration < first.planned && last.planned == 0);
            QVERIFY(first.map->points.values != last.map->points.values && last.map->kind.method == MapMethod(method));
            QVERIFY2(seat.said().contains(QString::fromLatin1(name)) && !seat.said().contains("variance"), qPrintable(seat.said()));
            const QString before = seat.panel->csv();
            QCOMPARE(before.count(u'\n'), qsizetype(601));
            seat.run.stepOnce();
            QTRY_VERIFY_WITH_TIMEOUT(made.size() == 2, 60000);
            // It began where the last one stood, and the encoder took one step.
            double apart = 0, extent = 0;
            const Matrix &now = made.back().front().value<KeptMap>().map->points;
            for (size_t i = 0; i < now.values.size(); ++i) {
                apart += std::abs(now.values[i] - last.map->points.values[i]);
                extent += std::abs(last.map->points.values[i]);
            }
            QVERIFY2(apart < 0.5 * extent, qPrintable(QString::number(apart / extent)));
            QCOMPARE(seat.slider()->maximum(), 1);
            seat.slider()->setValue(0);
            QCOMPARE(seat.panel->csv(), before);
        }
        seat.choose("method", 0); // what was kept of it is there at once
        QCOMPARE(seat.panel->csv(), byPca);
        seat.choose("dimensions", 1);
        QTRY_VERIFY_WITH_TIMEOUT(seat.panel->csv().startsWith("index,label,x,y,z\n"), 30000);
    }

    /// The newest wins: what is asked for while another map is laid out ends that one.
    void anotherWishEndsAMapOnItsWay()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        options.dataset = std::make_shared<Classes>(3);
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        auto *maker = seat.panel->findChild<MapMaker *>();
        QSignalSpy moved(maker, &MapMaker::moved), made(maker, &MapMaker::made);
        seat.choose("method", 1);
        QTRY_VERIFY_WITH_TIMEOUT(!moved.isEmpty(), 30000);
        const bool onItsWay = made.isEmpty(); // else it was laid out before anybody could end it
        seat.choose("method", 2);
        const auto isUmap = [](const QList<QVariant> &one) { return one.front().value<KeptMap>().map->kind.method == MapMethod::umap; };
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(made, isUmap), 30000);
        QVERIFY(!onItsWay || isUmap(made.front()));
        QTest::qWait(200);
        QCOMPARE(made.size(), 1);
        seat.panel->hide(); // nobody looks, so nothing is computed
        seat.panel->findChild<EmbeddingMapBar *>()->anewAsked();
        QTest::qWait(100);
        QVERIFY(maker->follower().progress().isEmpty());
    }

    void samplesAreDrawnAroundAndFound()
    {
        Seat seat;
        TrainerOptions options = toyOptions(0);
        options.startPaused = true;
        options.dataset = std::make_shared<Classes>(3);
        seat.start(options);
        QTRY_COMPARE_WITH_TIMEOUT(seat.mapStep(), 0, 30000);
        QTest::qWait(100);
        for (QToolButton *button : seat.panel->findChildren<QToolButton *>())
            if (button->isCheckable() && button->text() == QStringLiteral("Lass&o"))
                button->click();
        const auto drawn = [&](int reach) {
            seat.drawAround(reach);
            const auto match = QRegularExpression("^Drawn around: (\\d+) samples; \\d+ class").match(seat.said());
            return match.hasMatch() ? match.captured(1).toInt() : -1;
        };
        const int many = drawn(900), few = drawn(90);
        QVERIFY2(many > 400 && few > 0 && few < many, qPrintable(QStringLiteral("%1, %2: %3").arg(many).arg(few).arg(seat.said())));
        auto *search = seat.panel->findChild<QLineEdit *>(QStringLiteral("search"));
        search->setText("CLASS 1"); // a label, whatever its case
        int wanted = 0;
        for (int64_t sample = 0; sample < 600; ++sample)
            wanted += options.dataset->label(Split::test, sample, 0) == 1;
        QTRY_VERIFY2(seat.said().startsWith(QStringLiteral("With “CLASS 1”: %1 samples; %1 class 1.").arg(wanted)), qPrintable(seat.said()));
        search->setText("no such");
        QTRY_VERIFY2(seat.said().startsWith(QStringLiteral("With “no such”: 0 samples")), qPrintable(seat.said()));
        QTest::keyClick(seat.canvas(), Qt::Key_Escape);
        QVERIFY(search->text().isEmpty() && seat.said().startsWith("Step 0"));
    }

    void theTableHasEveryColumn()
    {
        const Classes data(3);
        EmbeddingMap map;
        map.of = 600;
        map.kind.dimensions = 3;
        map.points = {600, 3, std::vector<float>(1800, 0.5f)};
        const QStringList lines = mapTable(data, map, {0, 7}, u',').split(u'\n');
        QCOMPARE(lines[0], QStringLiteral("index,label,name,x,y,z"));
        QCOMPARE(lines.size(), qsizetype(4));
        QVERIFY2(lines[2].startsWith(QStringLiteral("7,class %1,").arg(int(data.label(Split::test, 7, 0)))) && lines[2].endsWith(",0.5,0.5,0.5"),
                 qPrintable(lines[2]));
        QCOMPARE(mapTable(data, map, {7}, u'\t').count(u'\t'), qsizetype(10));
    }

    void numbersAreColouredAlongAScale()
    {
        std::vector<float> values;
        for (int i = 0; i <= 100; ++i)
            values.push_back(float(i));
        values.push_back(std::numeric_limits<float>::quiet_NaN());
        const auto labels = mapNumbers("size", values);
        QCOMPARE(labels->colours[50], colourAt(ColourMap::sequential, 0.5));
        QCOMPARE(labels->colours[101], labelColour(-1).rgb());
        QVERIFY(labels->legend.front().name.startsWith("size ") && labels->legend.size() == 5);
        QCOMPARE(mapNumbers("size", {2, 2})->legend.size(), size_t(1)); // nothing to tell apart
    }

    void inSpaceTheNearLieOverTheFar()
    {
        MapOrbit orbit;
        const Matrix points{4, 3, {-1, 0, 0, 1, 0, 0, 0, 1, -1, 0, -1, 1}};
        const auto lengths = [&] {
            double sum = 0;
            const MapOrbit::Seen seen = orbit.look(points);
            for (const QPointF &axis : orbit.axes())
                sum += QPointF::dotProduct(axis, axis);
            for (size_t i = 0; i < 4; ++i)
                if (!seen.space.home.contains(seen.places[i]))
                    return -1.;
            return sum;
        };
        QVERIFY(std::abs(lengths() - 2) < 1e-9); // of three unit axes, seen from one side
        const MapOrbit::Seen before = orbit.look(points);
        orbit.turn({314.159265, 0}); // by half a turn
        QVERIFY(std::abs(lengths() - 2) < 1e-9);
        const MapOrbit::Seen after = orbit.look(points);
        QVERIFY(std::abs(before.places[1].x() + after.places[1].x()) < 1e-6);
        QVERIFY((before.space.depths[0] < before.space.depths[1]) != (after.space.depths[0] < after.space.depths[1]));
        // Of two dots at one place the near one is seen, whichever comes first.
        const QImage image = drawDots({20, 20}, {{{10.5, 10.5}, {10.5, 10.5}}, {0xff00ff00, 0xffff0000}, 4, {7, 0}});
        QVERIFY(qGreen(image.pixel(10, 10)) > 180 && qRed(image.pixel(10, 10)) < 60);
        const QImage far = drawDots({20, 20}, {{{10.5, 10.5}}, {0xffff0000}, 4, {0}});
        QVERIFY(qAlpha(far.pixel(10, 10)) < 120 && qAlpha(far.pixel(10, 13)) < 20); // faint and small
    }

    void aGifIsReadAsItWasMeant()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath("film.gif");
        constexpr int kWidth = 90, kHeight = 70;
        const auto frame = [](int i) {
            GifFrame pixels;
            Random random{7}; // noise fills the table of codes more than once
            for (int at = 0; at < kWidth * kHeight; ++at) {
                const uint8_t grey = uint8_t(16 * random.below(16));
                const bool moves = at % kWidth > 20 * i && at % kWidth < 20 * i + 15 && at / kWidth < 30;
                pixels.insert(pixels.end(), {uint8_t(moves ? 200 : grey), grey, uint8_t(moves ? 40 : grey)});
            }
            return pixels;
        };
        writeGif(path.toStdString(), {kWidth, kHeight, 8}, 4, frame);
        QImageReader reader(path);
        QCOMPARE(reader.imageCount(), 4);
        QCOMPARE(reader.loopCount(), -1); // for ever
        for (int i = 0; i < 4; ++i) {
            const QImage image = reader.read();
            QCOMPARE(image.size(), QSize(kWidth, kHeight));
            const GifFrame wanted = frame(i);
            for (int at = 0; at < kWidth * kHeight; ++at) {
                const QRgb pixel = image.pixel(at % kWidth, at / kWidth);
                const int apart = std::max({std::abs(qRed(pixel) - wanted[size_t(3 * at)]), std::abs(qGreen(pixel) - wanted[size_t(3 * at + 1)]),
                                            std::abs(qBlue(pixel) - wanted[size_t(3 * at + 2)])});
                QVERIFY2(apart <= 8, qPrintable(QStringLiteral("frame %1, pixel %2: %3").arg(i).arg(at).arg(apart)));
            }
        }
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, writeGif(path.toStdString(), {0, 5, 8}, 1, frame));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, writeGif(path.toStdString(), {5, 5, 8}, 1, frame));
    }

    void mapsOfAllStepsAreAFilm()
    {
        const QTemporaryDir folder;
        QWidget widget;
        MapFilm film{{}, mapLabels(Classes(2), 600), {}, Theme::of(&widget), "toy", "PCA", {320, 240}};
        for (int step = 0; step < 3; ++step) {
            auto map = std::make_shared<EmbeddingMap>(embeddingMap(randomRows(600, 4, 1 + uint64_t(step)), 600, step));
            film.maps.push_back({map});
        }
        const int frames = filmFrames(film);
        QCOMPARE(frames, 2 * 8 + 1);
        QVERIFY(filmFrame(film, 0) != filmFrame(film, 4) && filmFrame(film, 4) != filmFrame(film, 8)); // it moves between two maps
        const auto on = [](double) { return true; };
        writeFilm(film, folder.filePath("a.gif"), on);
        QCOMPARE(QImageReader(folder.filePath("a.gif")).imageCount(), frames);
        writeFilm(film, folder.filePath("a.avi"), on);
        QFile video(folder.filePath("a.avi"));
        QVERIFY(video.open(QIODevice::ReadOnly));
        const QByteArray bytes = video.readAll();
        QVERIFY(bytes.startsWith("RIFF") && bytes.mid(8, 8) == "AVI LIST" && bytes.count("00dc") >= frames);
        writeFilm(film, folder.filePath("b.gif"), [](double) { return false; });
        writeFilm(film, folder.filePath("b.avi"), [](double) { return false; });
        QVERIFY(!QFile::exists(folder.filePath("b.gif")) && !QFile::exists(folder.filePath("b.avi")));
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, writeFilm(film, folder.filePath("a.webm"), on));
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, writeFilm(film, folder.filePath("absent/a.avi"), on));
    }

private:
    /// The panel with a run of its own.
    struct Seat
    {
        Seat()
        {
            for (const PanelType &type : panelTypes())
                if (type.name == QStringLiteral("embeddingmap"))
                    panel.reset(type.make({&workbench, &run, &selection}));
            panel->resize(700, 520);
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
        QSlider *slider() const { return panel->findChild<QSlider *>(); }
        QString said() const { return dynamic_cast<CanvasContent &>(*panel).description(); }
        /// -1: no map.
        int mapStep() const
        {
            const auto match = QRegularExpression(QStringLiteral("Step (\\d+): ")).match(said());
            return match.hasMatch() ? match.captured(1).toInt() : -1;
        }

        void choose(const char *name, int index) const { panel->findChild<QComboBox *>(QString::fromLatin1(name))->setCurrentIndex(index); }
        /// From a place at the left of the points, around so many pixels to each side.
        void drawAround(int reach) const
        {
            const QPoint begin(canvas()->width() / 6, canvas()->height() / 2), up(0, reach), right(2 * reach, 0);
            QTest::mousePress(canvas(), Qt::LeftButton, {}, begin);
            for (const QPoint &at : {begin - up, begin - up + right, begin + up + right, begin + up, begin}) {
                QMouseEvent move(QEvent::MouseMove, at, canvas()->mapToGlobal(QPointF(at)), Qt::NoButton, Qt::LeftButton, {});
                QCoreApplication::sendEvent(canvas(), &move);
            }
            QTest::mouseRelease(canvas(), Qt::LeftButton, {}, begin);
        }

        Workbench workbench;
        Run &run = *workbench.add();
        Selection selection;
        std::unique_ptr<Panel> panel;
    };

    void draw(Scatter &plot)
    {
        test::painted({400, 300}, [&](Canvas &canvas) {
            plot.place(QRectF(0, 0, 400, 300), canvas);
            plot.draw(canvas);
        });
    }
};

QTEST_MAIN(EmbeddingMapTest)
#include "tst_embeddingmap.moc"
