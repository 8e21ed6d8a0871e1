// An embedding's health: its statistics against NumPy and PyTorch (tests/analysis/health_fixture.py), and the sentence that is made of them.
#include "core/analysis/diagnosis.h"
#include "core/analysis/spectrum.h"
#include "core/engine/encodercopy.h"
#include "core/engine/runfolder.h"
#include "core/files/safetensors.h"

#include "tests/toydata.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace pretext;

namespace {

struct HealthFixture
{
    SafetensorsFile file = readSafetensors(PRETEXT_SOURCE_DIR "/tests/analysis/health.safetensors");
    Matrix matrix(const std::string &name) const
    {
        const FileTensor &tensor = file.tensors.at(name);
        return {tensor.shape[0], tensor.shape[1], tensor.floats()};
    }
    std::vector<float> floats(const std::string &name) const { return file.tensors.at(name).floats(); }
    double number(const std::string &name) const { return double(floats(name).front()); }
};

bool near(double got, double wanted, double relative = 1e-3)
{
    return std::abs(got - wanted) <= relative * std::max(std::abs(wanted), 1e-2);
}

/// Of a run that goes as it should.
Course goodCourse()
{
    std::vector<double> losses(400), gradients(400);
    for (size_t i = 0; i < losses.size(); ++i) {
        losses[i] = 5 / (1 + 0.02 * double(i)) + 0.1 * std::sin(double(i));
        gradients[i] = 2 + std::cos(double(i));
    }
    return courseOf(losses, gradients);
}

Finding findingOf(const Matrix &rows, const Course &course = goodCourse())
{
    const EncoderHealth health{100, healthOf(rows), {}};
    Evidence evidence;
    evidence.health = &health;
    evidence.course = course;
    return diagnose(evidence).finding;
}

std::vector<double> series(int count, const std::function<double(int)> &at)
{
    std::vector<double> values(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i)
        values[size_t(i)] = at(i);
    return values;
}

} // namespace

class TestHealth : public QObject
{
    Q_OBJECT

private slots:
    void statisticsAreThoseOfNumpyAndPytorch_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"healthy", "positive", "dimensional", "complete"})
            QTest::newRow(kind) << kind;
    }
    void statisticsAreThoseOfNumpyAndPytorch()
    {
        QFETCH(QString, kind);
        const HealthFixture fixture;
        const std::string k = kind.toStdString() + ".";
        const Matrix rows = fixture.matrix(k + "rows");
        const Health health = healthOf(rows);
        const std::vector<float> spectrum = fixture.floats(k + "spectrum"), deviations = fixture.floats(k + "deviations");
        QCOMPARE(health.spectrum.size(), spectrum.size());
        for (size_t i = 0; i < spectrum.size(); ++i) {
            QVERIFY2(std::abs(health.spectrum[i] - spectrum[i]) < 1e-3 * spectrum[i] + 5e-7, qPrintable(QString::number(i)));
            QVERIFY(near(health.deviations[i], deviations[i]));
        }
        QVERIFY(near(*health.deviation, fixture.number(k + "deviation")));
        QVERIFY(near(*health.length, fixture.number(k + "length")));
        QVERIFY(near(*health.effectiveRank, fixture.number(k + "effective_rank")));
        QVERIFY(near(*health.rankMe, fixture.number(k + "rankme")));
        QVERIFY2(near(*health.alphaReq, fixture.number(k + "alpha"), 5e-3), qPrintable(QString::number(*health.alphaReq)));
        QVERIFY(near(*health.uniformity, fixture.number(k + "uniformity")));
        QVERIFY(near(alignment(rows, fixture.matrix(k + "second")), fixture.number(k + "alignment")));
    }

    /// RankMe counts the rows' mean as a direction; where there is none, both are one number.
    void rankMeIsTheEffectiveRankOfRowsAroundTheOrigin()
    {
        Matrix rows = HealthFixture().matrix("positive.rows");
        QVERIFY(rankMe(rows) < 0.95 * effectiveRank(rows));
        for (int64_t d = 0; d < rows.columns; ++d) {
            double mean = 0;
            for (int64_t i = 0; i < rows.rows; ++i)
                mean += double(rows.at(i, d)) / double(rows.rows);
            for (int64_t i = 0; i < rows.rows; ++i)
                rows.values[size_t(i * rows.columns + d)] -= float(mean);
        }
        QVERIFY(near(rankMe(rows), effectiveRank(rows)));
    }

    void tooFewRowsHaveNoValue()
    {
        const Matrix all = HealthFixture().matrix("healthy.rows");
        const auto first = [&](int64_t rows) { return Matrix{rows, all.columns, {all.values.begin(), all.values.begin() + rows * all.columns}}; };
        for (const int64_t rows : {0, 1}) {
            const Health none = healthOf(first(rows));
            QVERIFY(!none.deviation && !none.uniformity && !none.effectiveRank && !none.rankMe && !none.alphaReq && none.spectrum.empty());
        }
        const Health few = healthOf(first(kLeastForSpectrum - 1));
        QVERIFY(few.deviation && std::isfinite(*few.uniformity));
        QVERIFY(!few.effectiveRank && !few.rankMe && !few.alphaReq && few.spectrum.empty());
        const Health enough = healthOf(first(kLeastForSpectrum));
        QCOMPARE(enough.spectrum.size(), size_t(kLeastForSpectrum - 1)); // centred rows lie in one direction less
        QVERIFY(enough.effectiveRank && !enough.alphaReq);               // too few of them for a slope
        for (const Matrix &rows : {first(2), Matrix{2, 3, {1, 0, 0, -1, 0, 0}}, Matrix{3, 2, {0, 0, 0, 0, 0, 0}}})
            QVERIFY(std::isfinite(*healthOf(rows).uniformity));
    }

    void theSentenceIsRightOnMadeSpectra()
    {
        const HealthFixture fixture;
        QCOMPARE(findingOf(fixture.matrix("healthy.rows")), Finding::healthy);
        QCOMPARE(findingOf(fixture.matrix("positive.rows")), Finding::healthy);
        QCOMPARE(findingOf(fixture.matrix("dimensional.rows")), Finding::dimensionalCollapse);
        QCOMPARE(findingOf(fixture.matrix("complete.rows")), Finding::completeCollapse);
        QCOMPARE(findingOf({40, 16, std::vector<float>(40 * 16, 0.5f)}), Finding::completeCollapse);
        QCOMPARE(findingOf({40, 16, std::vector<float>(40 * 16, 0.f)}), Finding::completeCollapse);
        std::vector<float> few = fixture.floats("healthy.rows");
        few.resize(8 * 48);
        QCOMPARE(findingOf({8, 48, std::move(few)}), Finding::unknown);
    }

    /// What the method compares collapses first.
    void projectionsAreLookedAt()
    {
        const HealthFixture fixture;
        EncoderHealth health{100, healthOf(fixture.matrix("healthy.rows")), healthOf(fixture.matrix("complete.rows"))};
        Evidence evidence;
        evidence.health = &health;
        evidence.course = goodCourse();
        const Diagnosis complete = diagnose(evidence);
        QCOMPARE(complete.finding, Finding::completeCollapse);
        QVERIFY2(complete.sentence.find("projections") != std::string::npos && complete.sentence.find("of 48 directions") != std::string::npos,
                 complete.sentence.c_str());
        health.projection = healthOf(fixture.matrix("dimensional.rows"));
        QCOMPARE(diagnose(evidence).finding, Finding::dimensionalCollapse);
        health.projection = healthOf(fixture.matrix("positive.rows"));
        const Diagnosis healthy = diagnose(evidence);
        QCOMPARE(healthy.finding, Finding::healthy);
        QVERIFY2(healthy.sentence.find(" Their projections use ") != std::string::npos, healthy.sentence.c_str());
    }

    /// A projector may keep to fewer directions than an encoder.
    void projectionsMayUseFewDirections()
    {
        const auto spread = [](int64_t directions) { // evenly, of 256
            const int64_t samples = 512, features = 256;
            Matrix rows{samples, features, std::vector<float>(size_t(samples * features))};
            for (int64_t i = 0; i < samples; ++i)
                rows.values[size_t(i * features + i % directions)] = i / directions % 2 ? 1 : -1;
            return rows;
        };
        EncoderHealth health{100, healthOf(HealthFixture().matrix("healthy.rows")), healthOf(spread(9))};
        Evidence evidence;
        evidence.health = &health;
        evidence.course = goodCourse();
        const Diagnosis few = diagnose(evidence);
        QCOMPARE(few.finding, Finding::healthy);
        QVERIFY2(few.sentence.find("which is few (alarming below 3.8)") != std::string::npos, few.sentence.c_str());
        health.projection = healthOf(spread(3));
        QCOMPARE(diagnose(evidence).finding, Finding::dimensionalCollapse);
        health = {100, healthOf(spread(9)), {}};
        QCOMPARE(diagnose(evidence).finding, Finding::dimensionalCollapse);
    }

    /// What was so before any training is no collapse, and what labels ask for neither.
    void fewDirectionsFromTheStartAreNoCollapse()
    {
        const EncoderHealth few{100, healthOf(HealthFixture().matrix("dimensional.rows")), {}};
        Evidence evidence;
        evidence.health = &few;
        evidence.untrained = &few;
        evidence.course = goodCourse();
        QCOMPARE(diagnose(evidence).finding, Finding::healthy);
        evidence.untrained = nullptr;
        QCOMPARE(diagnose(evidence).finding, Finding::dimensionalCollapse);
        evidence.labels = true;
        QCOMPARE(diagnose(evidence).finding, Finding::healthy);
    }

    void aRunThatBlowsUpDiverges()
    {
        const auto losses = series(200, [](int i) { return i < 160 ? 5. - 0.01 * i : 5. + 3 * (i - 160); });
        const auto gradients = series(200, [](int i) { return i < 160 ? 2. : 2. + 4 * (i - 160); });
        Evidence evidence;
        evidence.course = courseOf(losses, gradients);
        const Diagnosis diagnosis = diagnose(evidence);
        QCOMPARE(diagnosis.finding, Finding::divergence);
        QVERIFY2(diagnosis.sentence.find("3.51") != std::string::npos, diagnosis.sentence.c_str()); // the loss at its best
        evidence.course = courseOf(series(200, [](int) { return 3.; }), series(200, [](int i) { return i < 170 ? 1. : 1000.; }));
        QCOMPARE(diagnose(evidence).finding, Finding::divergence);
        evidence.course = goodCourse();
        evidence.failure = "step 31: loss is NaN";
        QVERIFY(diagnose(evidence).sentence.find("step 31: loss is NaN") != std::string::npos);
        // A loss that has been better, and a gradient that rises some.
        evidence.failure.clear();
        evidence.course =
            courseOf(series(200, [](int i) { return i < 100 ? 5. - 0.04 * i : 1. + 0.01 * (i - 100); }), series(200, [](int i) { return 1 + 0.02 * i; }));
        QCOMPARE(diagnose(evidence).finding, Finding::unknown);
    }

    void aTaskThatIsSolvedSaturates()
    {
        const auto losses = series(400, [](int i) { return i < 200 ? 4. * std::exp(-i / 20.) : 0.; });
        const auto gradients = series(400, [](int i) { return std::exp(-std::min(i, 200) / 20.); });
        Evidence evidence;
        evidence.course = courseOf(losses, gradients, series(400, [](int i) { return i < 100 ? 0.5 : 1.; }));
        const Diagnosis solved = diagnose(evidence);
        QCOMPARE(solved.finding, Finding::saturation);
        QVERIFY2(solved.sentence.find("100 %") != std::string::npos, solved.sentence.c_str());
        evidence.course = courseOf(losses, gradients);
        QCOMPARE(diagnose(evidence).finding, Finding::saturation);
        evidence.course = courseOf(losses, series(400, [](int) { return 1.; }), series(400, [](int) { return 1.; })); // it still learns
        QCOMPARE(diagnose(evidence).finding, Finding::unknown);
    }

    void aTemperatureOutOfRangeIsSaid()
    {
        Evidence evidence;
        const std::pair<double, Finding> cases[] = {
            {0.001, Finding::temperature}, {0.05, Finding::unknown}, {0.5, Finding::unknown}, {1, Finding::unknown}, {5, Finding::temperature}};
        for (const auto &[temperature, finding] : cases) {
            evidence.temperature = temperature;
            QCOMPARE(diagnose(evidence).finding, finding);
        }
        QVERIFY(diagnose(evidence).sentence.find("1.5 times") != std::string::npos); // exp(2 / 5)
    }

    void aCourseIsOfMedians()
    {
        const auto losses = series(65, [](int i) { return i == 30 ? NAN : i == 64 ? 1e9 : double(64 - i); });
        const Course course = courseOf(losses);
        QCOMPARE(course.steps, int64_t(65));
        QCOMPARE(course.firstLoss, 55.);
        QVERIFY(course.lastLoss < 15 && course.lowestLoss == course.lastLoss); // one step of 1e9 says nothing
        QVERIFY(std::isnan(course.lastGradient) && std::isnan(courseOf(series(5, [](int) { return 1.; })).lastLoss));
    }

    /// Of a real run: the copy that the window is given has the heads, whose projections are what a checkpoint's are.
    void aCopyHasTheProjector()
    {
        const QTemporaryDir folder;
        Lanes lanes;
        TrainerOptions options = toyOptions(6, folder.filePath("run").toStdString());
        lanes.wanted.set({"encoder/weights"});
        lanes.snapshotSeconds = 0;
        trainToy(options, lanes);
        const auto *copy = lanes.snapshots.latest()->channel<std::shared_ptr<const EncoderCopy>>("encoder/weights");
        QVERIFY(copy);
        TrainedEncoder fromCopy = encoderOf(**copy), fromFile = loadEncoder(options.out);
        const ToyData data;
        const EncoderHealth got = healthOf(fromCopy, data), wanted = healthOf(fromFile, data);
        QVERIFY(got.projection && wanted.projection);
        QCOMPARE(got.step, int64_t(6));
        QCOMPARE(got.projection->spectrum, wanted.projection->spectrum);
        QCOMPARE(got.embedding.spectrum, wanted.embedding.spectrum);
        QCOMPARE(*got.embedding.alignment, *wanted.embedding.alignment);
        const EncoderHealth untrained = untrainedHealth(fromFile.state, data);
        QVERIFY(untrained.projection && *untrained.projection->uniformity != *got.projection->uniformity);
    }
};

QTEST_GUILESS_MAIN(TestHealth)
#include "tst_health.moc"
