// Each kind of data is a whole row, and a new one is a file and a line: waves, which the product does not know, train, resume, and are judged,
// embedded and exported by what serves images and texts.
#include "core/analysis/evaluate.h"
#include "core/analysis/features.h"
#include "core/engine/model.h"
#include "core/exchange/export.h"
#include "core/exchange/huggingface.h"
#include "tests/filefixture.h"
#include "tests/signals.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace pretext;

namespace {

TrainerOptions wavesJob(int64_t steps, const std::filesystem::path &out)
{
    TrainerOptions options;
    options.dataset = std::make_shared<signal::Waves>();
    options.config = recommendedConfig(*options.dataset);
    options.config.knobs.set("schedule", std::string("constant")); // so that where it ends does not matter
    options.config.knobs.set("warmup", 0.0);
    options.config.steps = steps;
    options.config.threads = 1;
    options.out = out;
    options.loaderAhead = 0;
    options.checkpointSeconds = 0;
    return options;
}

std::string refusal(auto action)
{
    try {
        action();
    } catch (const std::exception &error) {
        return error.what();
    }
    return {};
}

/// metrics.csv but for its seconds.
QByteArrayList rowsOf(const std::filesystem::path &run)
{
    QFile file(QString::fromStdString((run / "metrics.csv").string()));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArrayList rows;
    for (const QByteArray &line : file.readAll().trimmed().split('\n')) {
        QByteArrayList fields = line.split(',');
        fields.removeAt(1);
        rows.append(fields.join(','));
    }
    return rows;
}

} // namespace

class TestModality : public QObject
{
    Q_OBJECT
    const test::OwnCache m_cache; // baselines are judged, not read

private slots:
    void initTestCase()
    {
        signal::add();
        QVERIFY(m_folder.isValid());
        Lanes lanes;
        lanes.wanted.set({"views/drawings", "similarity"});
        lanes.snapshotSeconds = 0;
        const Status status = trainToy(wavesJob(60, run()), lanes);
        QVERIFY2(status.state == TrainerState::ended, status.failure.c_str());
        m_snapshot = lanes.snapshots.latest();
    }

    void everyRowIsWhole()
    {
        std::set<std::string> names, many;
        for (const ModalityType &type : modalityTypes()) {
            QVERIFY2(!type.name.empty() && *type.many && !type.wordsAre.empty() && type.knobs && type.input && type.fitting && type.mark && type.words,
                     type.name.c_str());
            QVERIFY(type.training && type.training->prepare && type.training->upload && type.training->offer && type.training->save && type.training->load);
            QVERIFY(type.analysis && type.analysis->embed && type.analysis->twoViews && !type.analysis->baselines.empty());
            QVERIFY(type.exchange && type.exchange->preprocessing && type.exchange->input && type.exchange->probe && type.exchange->said);
            QVERIFY(trainsOn(methodType(type.method), Modality(names.size())));
            names.insert(type.name);
            many.insert(type.many);
        }
        QCOMPARE(names.size(), modalityTypes().size());
        QCOMPARE(many.size(), modalityTypes().size());
    }

    void itTrains()
    {
        const QByteArrayList rows = rowsOf(run());
        QCOMPARE(rows.size(), 61);
        const auto loss = [&](int first) {
            double sum = 0;
            for (int i = 0; i < 10; ++i)
                sum += rows[first + i].split(',')[1].toDouble();
            return sum / 10;
        };
        QVERIFY(rows[0].startsWith("step,loss/total"));
        QVERIFY2(loss(51) < loss(1) - 0.3, rows.join('\n').constData());
    }

    /// What compares views asks nothing else of the kind of data.
    void everyMethodOfViewsTrainsOnIt()
    {
        std::set<std::string> methods;
        for (const MethodType &type : methodTypes()) {
            if (!trainsOn(type, signal::modality))
                continue;
            methods.insert(type.name);
            TrainerOptions options = wavesJob(2, m_folder.filePath(QString::fromStdString(type.name)).toStdString());
            options.config = recommendedConfig(*options.dataset, type.name);
            options.config.steps = 2;
            options.config.threads = 1;
            QCOMPARE(options.config.encoder, std::string("wavemlp"));
            Lanes lanes;
            const Status status = trainToy(std::move(options), lanes);
            QVERIFY2(status.state == TrainerState::ended, (type.name + ": " + status.failure).c_str());
        }
        for (const char *name : {"simclr", "byol", "vicreg", "swav"})
            QVERIFY2(methods.contains(name), name);
        QVERIFY(!methods.contains("rotation") && !methods.contains("mae") && !methods.contains("mlm"));
    }

    void aSnapshotShowsWhatTheRowOffers()
    {
        QVERIFY(m_snapshot);
        QCOMPARE(m_snapshot->modality, signal::modality);
        const auto *views = m_snapshot->channel<Drawings>("views/drawings");
        QVERIFY(views && views->size() == 64 && views->front().lines.size() == 1);
        const std::vector<Drawing::Point> &curve = views->front().lines.front();
        QVERIFY(curve.size() == size_t(signal::kLength) && curve.front().x == 0 && curve.back().x == 1);
        for (const Drawing::Point &point : curve)
            QVERIFY2(point.y > 0 && point.y < 1, std::to_string(point.y).c_str());
        QVERIFY(views->at(0) != views->at(32)); // two views of one sample
        QVERIFY(m_snapshot->channel<Matrix>("similarity"));
        const signal::Level &level = signal::levelOf(*m_snapshot->prepared);
        QVERIFY(std::abs(level.mean - 128) < 1 && std::abs(level.largest - 100) < 2);
    }

    void whatIsMadeReadyComesFromTheCheckpoint()
    {
        const CheckpointState state = readCheckpointState(findCheckpoint(run()));
        QCOMPARE(state.prepared->modality(), signal::modality);
        const signal::Level &kept = signal::levelOf(*state.prepared), &used = signal::levelOf(*m_snapshot->prepared);
        QVERIFY(kept.mean == used.mean && kept.largest == used.largest);
    }

    void aRunGoesOnToTheVerySameRows()
    {
        const std::filesystem::path broken = m_folder.filePath("broken").toStdString();
        Lanes first, second;
        trainToy(wavesJob(30, broken), first);
        TrainerOptions rest = wavesJob(30, broken);
        rest.start = Resumed{findCheckpoint(broken)};
        rest.config = readCheckpointState(checkpointOf(rest.start)).config;
        QCOMPARE(rest.config.knobs.real("signal.noise"), 0.05);
        rest.config.steps = 60;
        rest.scheduleOnResume = ScheduleChange::hold;
        const Status status = trainToy(rest, second);
        QVERIFY2(status.state == TrainerState::ended, status.failure.c_str());
        QCOMPARE(rowsOf(broken), rowsOf(run()));
    }

    void itIsJudgedBesideItsOwnBaselines()
    {
        TrainedEncoder trained = loadEncoder(run());
        const Evaluation evaluation = evaluate(trained, signal::Waves());
        QVERIFY(evaluation.complete);
        std::map<std::string, double> knn;
        for (const EvaluationRow &row : evaluation.rows)
            knn[row.features] = row.knn;
        QCOMPARE(knn.size(), size_t(3));
        QVERIFY2(knn.at("encoder") > 0.95, std::to_string(knn.at("encoder")).c_str());
        QVERIFY2(knn.at("mean") < 0.9, std::to_string(knn.at("mean")).c_str());
        QVERIFY(knn.contains("untrained"));
        QVERIFY(evaluation.finetuned.empty() && evaluation.tokens.empty());
    }

    void otherKindsAreRefused()
    {
        const TrainedEncoder trained = loadEncoder(run());
        QCOMPARE(embedSamples(trained, signal::Waves(), Split::test).rows, int64_t(32));
        QCOMPARE(refusal([&] { embedSamples(trained, ToyData(), Split::test); }),
                 std::string("toy: holds images, the encoder was made for signals; choose a data set of signals"));
        QCOMPARE(refusal([&] { embedSamples(trained, ToyText(), Split::test); }),
                 std::string("toytext: holds text, the encoder was made for signals; choose a data set of signals"));
        QCOMPARE(refusal([&] { preprocessingOf(*trained.state.prepared); }), std::string("[preprocessing] the encoder was made for signals, not for images"));
        RunConfig config = recommendedConfig(signal::Waves());
        config.method = "rotation";
        QCOMPARE(refusal([&] { checkConfig(config); }),
                 std::string("[config] rotation trains on images, the encoder wavemlp reads signals: choose resnet, convnet, mlp, vit"));
        config = toyConfig(1);
        QVERIFY(refusal([&] { checkConfig(config, signal::Waves()); }).ends_with("or the encoder wavemlp"));
        config.method = "rotation";
        const std::string methods = refusal([&] { checkConfig(config, signal::Waves()); });
        QVERIFY2(methods.find("or the method simclr, ") != std::string::npos && methods.find("mae") == std::string::npos, methods.c_str());
    }

    /// Among other methods are none that the data would be refused by.
    void otherMethodsThatAreNamedCanLearnFromTheData()
    {
        RunConfig config = toyConfig(1);
        config.method = "mlm";
        config.encoder = "transformer";
        const auto isNamed = [&](const char *data, const char *method) {
            const std::string words = refusal([&] { checkConfig(config, *openDataset(data)); });
            return words.find("or the method simclr, ") != std::string::npos && words.find(method) != std::string::npos;
        };
        QVERIFY(isNamed("shapes", "colourisation") && !isNamed("shapes", "next-frame"));
        QVERIFY(isNamed("moving-shapes", "next-frame") && !isNamed("moving-shapes", "colourisation"));
    }

    /// A switch of another method that has the same name keeps this one from collapsing.
    void aSwitchOfAnotherMethodStaysBehind()
    {
        const auto data = openDataset("shapes");
        RunConfig config = recommendedConfig(*data, "simsiam", "mlp");
        config.knobs.set("stop_gradient", false);
        config.knobs.set("learning_rate", 0.123);
        const RunConfig other = adapted(config, *data, "byol", "mlp", *data);
        QVERIFY(other.knobs.boolean("stop_gradient"));
        QCOMPARE(other.knobs.real("learning_rate"), 0.123);
        QVERIFY(!adapted(config, *data, "simsiam", "mlp", *data).knobs.boolean("stop_gradient"));
    }

    void itGoesOut()
    {
        TrainedEncoder trained = loadEncoder(run());
        const std::filesystem::path file = m_folder.filePath("e.safetensors").toStdString();
        const ExportReport report = exportSafetensors(*trained.encoder, trained.state, file, trained.method->projector());
        QCOMPARE(report.largestDifference, 0.);
        QCOMPARE(report.checkedWith, std::string("the encoder built again from the file alone, on 4 waves of noise"));
        QCOMPARE(refusal([&] { exportOnnx(*trained.encoder, trained.state, signal::Waves(), file); }),
                 std::string("[onnx] an encoder of signals does not go out as ONNX"));
        QCOMPARE(refusal([&] { exportHuggingFace(trained, file); }),
                 std::string("[huggingface] this encoder reads signals; it goes out as onnx, safetensors or tsv"));
        const TsvMetadata metadata = tsvMetadata(signal::Waves(), Split::test, 2);
        QCOMPARE(metadata.columns.back().name, std::string("wave"));
        QCOMPARE(metadata.columns.back().values, (std::vector<std::string>{"two periods", "five periods"}));
    }

private:
    std::filesystem::path run() const { return m_folder.filePath("run").toStdString(); }

    QTemporaryDir m_folder;
    SnapshotPtr m_snapshot;
};

QTEST_GUILESS_MAIN(TestModality)
#include "tst_modality.moc"
