// What the engine and the folders above it say to a reader: whole sentences, each of which the translation was asked for.
#include "filefixture.h"
#include "jobfixture.h"
#include "tests/toydata.h"

#include "core/analysis/alike.h"
#include "core/analysis/embeddingmap.h"
#include "core/data/modalitytype.h"
#include "core/engine/configedits.h"
#include "core/engine/datamark.h"
#include "core/engine/findcheckpoint.h"
#include "core/engine/lengthening.h"
#include "core/engine/memoryneed.h"
#include "core/engine/profile.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "core/engine/runlock.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/onnxrun.h"
#include "core/exchange/report.h"
#include "core/files/said.h"
#include "core/nn/encoder.h"
#include "core/nn/optimizer.h"
#include "core/nn/patchencoder.h"
#include "core/ssl/method.h"

#include <nlohmann/json.hpp>

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// While alive, each sentence that the translation was asked for stands in brackets.
struct Brackets
{
    Brackets()
    {
        setTranslation([](const char *text) { return "<" + std::string(text) + ">"; });
    }
    ~Brackets() { setTranslation(nullptr); }
};

/// What of a line is outside of the brackets, but for the place in the code, the file's name and what divides one sentence from the next.
QString outside(QString line)
{
    static const QRegularExpression innermost("<[^<>]*>"), place(R"(^\[[a-z-]+\] )"), file(R"(^(/|encoder\.|shapes)\S*: )");
    qsizetype before = 0;
    do {
        before = line.size();
        line.remove(innermost);
    } while (line.size() < before);
    return line.remove(place).remove(file).remove("; ");
}

QString refusedConfig(const char *json)
{
    return test::errorOf([&] { configFromJson(nlohmann::json::parse(json)); });
}

QStringList saidOfConfigs()
{
    QStringList said;
    for (const char *json : {"[]",
                             R"({"bacth": 8})",
                             R"({"x": 8})",
                             R"({"version": 9})",
                             R"({"batch": 1})",
                             R"({"batch": "many"})",
                             R"({"steps": -1})",
                             R"({"colour": 1})",
                             R"({"method": 1})",
                             R"({"image": [1]})",
                             R"({"image": [0, 1, 3]})",
                             R"({"plan": 1})",
                             R"({"plan": [1]})",
                             R"({"plan": [{"begin": 3}], "steps": 5})",
                             R"({"plan": [{"begin": 0, "end": 0, "length": 4}], "steps": 5})",
                             R"({"plan": [{"begin": 0, "end": 4, "from": 5, "length": 4}], "steps": 5})",
                             R"({"plan": [{"begin": 0, "end": 4, "length": 4}]})",
                             R"({"parent": {"run": ""}})",
                             R"({"knobs": {"learning_rate": []}})",
                             R"({"minutes": -1})",
                             R"({"minutes": 1, "steps": 1})",
                             R"({"threads": 5000})",
                             R"({"size": 1})",
                             R"({"device": "tpu"})",
                             R"({"method": "simclx"})",
                             R"({"method": "nothing of it"})",
                             R"({"encoder": "convnat"})",
                             R"({"encoder": "nothing of it"})",
                             R"({"encoder": "transformer"})",
                             R"({"method": "mae", "encoder": "mlp"})"})
        said += refusedConfig(json);
    const std::shared_ptr<const Dataset> shapes = openDataset("shapes"), captions = openDataset("shapes-captions");
    RunConfig config = recommendedConfig(*shapes);
    said += test::errorOf([&] { checkConfig(config, *captions); });
    config.batch = 1 << 30;
    said += test::errorOf([&] { checkConfig(config, *shapes); });
    config = recommendedConfig(*shapes);
    config.image = {8, 8, 1};
    said += test::errorOf([&] { checkConfig(config, *shapes); });
    RunConfig edited = recommendedConfig(*shapes);
    edited.batch = 7;
    edited.datasetOptions.colour = false;
    edited.knobs.set("projector.width", 77.);
    for (const std::string &edit : settleEdits(edited, recommendedConfig(*shapes), {}, "/run"))
        said += QString::fromStdString(edit);
    return said;
}

QStringList saidOfRuns(const fs::path &folder)
{
    QStringList said;
    test::write(folder / "file", "a");
    test::write(folder / "full" / "a", "a");
    test::write(folder / "run" / "config.json", "{}");
    test::write(folder / "metrics.csv", "a,b\n");
    test::write(folder / "row.csv", "step,seconds\n1\n");
    test::write(folder / "step.csv", "step,seconds\n1.5,1\n");
    test::write(folder / "number.csv", "step,seconds\na,1\n");
    test::write(folder / "events.jsonl", "{}\n");
    fs::create_directories(folder / "run" / "checkpoints");
    test::write(folder / "run" / "checkpoints" / "step-00000001.safetensors", "a");
    const RunConfig config;
    const RunLock lock(folder / "full");
    said << QString::fromStdString(writerOf(folder / "full"));
    for (const std::function<void()> &work : std::initializer_list<std::function<void()>>{
             [&] { findCheckpoint(folder / "absent"); }, [&] { findCheckpoint(folder / "full"); }, [&] { findCheckpoint(folder / "run" / "config.json"); },
             [&] { findCheckpoint(folder / "metrics.csv"); }, [&] { findCheckpoint(folder / "run" / "checkpoints"); }, [&] { loadNewest(folder / "run"); },
             [&] { RunFolder::create(folder / "file", config); }, [&] { RunFolder::create(folder / "full", config); },
             [&] { RunFolder::create(folder / "run", config); }, [&] { RunFolder::resume(folder / "full", 1); }, [&] { resumptionOf(folder / "full"); },
             [&] { RunLock(folder / "full"); }, [&] { readMetrics(folder / "metrics.csv"); }, [&] { readMetrics(folder / "row.csv"); },
             [&] { readMetrics(folder / "step.csv"); }, [&] { readMetrics(folder / "number.csv"); }, [&] { dataMarkFromJson(nlohmann::json::parse("{}")); },
             [&] { scheduleChangeNamed("shorter"); },
             [&] {
                 requireThatItFits(4096, {1000, "a test"}, [](int64_t batch) { return double(batch) * 1e6; });
             }})
        said += test::errorOf(work);
    return said;
}

QStringList saidOfProgress()
{
    const DataMark before{10, 5, {"cat", "dog", "bird"}, "a"};
    RunConfig config = recommendedConfig(*openDataset("shapes"));
    config.steps = 20;
    QStringList said;
    for (const DataMark &now : {DataMark{1, 1, {"cat", "fox"}, "b"}, DataMark{10, 5, {"cat", "dog", "bird"}, "b"}})
        said += QString::fromStdString(changeOf(before, now));
    for (const auto &[step, steps] : {std::pair(10, 200), {20, 200}, {10, 15}})
        said += QString::fromStdString(lengtheningText(config, step, steps, ScheduleChange::hold));
    said += QString::fromStdString(tooFewFor(8, {1, 1, {}, "a"}));
    said += QString::fromStdString(tooFewFor(8, {2, 1, {}, "a"}));
    for (const std::vector<std::vector<double>> &rows : {std::vector<std::vector<double>>{{1, 0}, {1, 0}, {9, 0}}, {{1, 0}, {3, 0}, {5, 0}, {7, 0}, {9, 0}}})
        said += QString::fromStdString(rowsMissing({{"step", "seconds"}, rows}, 12));
    said += QString::fromStdString(passedOver({"/run/step-2.safetensors", "why"}, "/run/step-1.safetensors"));
    return said;
}

QStringList saidOfEncoders(const fs::path &folder)
{
    constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    const KnobSet knobs(optimizerKnobs());
    test::write(folder / "x.onnx", "a");
    test::write(folder / "y.safetensors", "a");
    ExportReport report{(folder / "y.safetensors").string(), 1, 1, "<another>"};
    QStringList said;
    for (const std::function<void()> &work :
         std::initializer_list<std::function<void()>>{[&] { makeOptimizer("adamx", {}, knobs); }, [&] { makeOptimizer("nothing of it", {}, knobs); },
                                                      [&] {
                                                          patchGrid({28, 28, 1}, 5);
                                                      },
                                                      [&] {
                                                          sinusoidalPositions(patchGrid({28, 28, 1}, 7), 6);
                                                      },
                                                      [&] {
                                                          requireFinite(Matrix{1, 1, {kNone}});
                                                      },
                                                      [&] {
                                                          requireFinite(Matrix{2, 1, {kNone, 1}}, "untrained");
                                                      },
                                                      [&] {
                                                          embeddingMap({1, 1, {1}}, 1, 1);
                                                      },
                                                      [&] {
                                                          embeddingMap({2, 1, {kNone, 1}}, 2, 1);
                                                      },
                                                      [&] { requireAgreement(report); }, [&] { OnnxRunner(folder / "x.onnx"); }})
        said += test::errorOf(work);
    for (const ModalityType &type : modalityTypes())
        said += QString::fromStdString(pretext::said(type.exchange->probed, {4}));
    return said;
}

} // namespace

class TestSentences : public QObject
{
    Q_OBJECT

private slots:
    void whatIsOutsideOfTheBracketsIsFound()
    {
        QCOMPARE(outside("[config] <batch is 1; <it must be more>>"), QString());
        QCOMPARE(outside("/run/x.csv: <line 1: <no>>; <another>"), QString());
        QCOMPARE(outside("<step 4> and more"), QString(" and more"));
        QCOMPARE(outside("it must be <a text>"), QString("it must be "));
    }

    void refusalsAreWholeSentences();
    void whatARunTellsIsWholeSentences();
    void aProfileIsInTheReadersLanguage();
};

void TestSentences::refusalsAreWholeSentences()
{
    QTemporaryDir folder;
    const fs::path root(folder.path().toStdString());
    const Brackets brackets;
    const QStringList said = saidOfConfigs() + saidOfRuns(root) + saidOfProgress() + saidOfEncoders(root);
    QStringList wrong;
    for (const QString &line : said)
        if (!line.contains('<') || !outside(line).isEmpty())
            wrong.append("'" + outside(line) + "' of: " + line);
    QVERIFY(said.size() > 70);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
}

/// On the trainer's thread as on any other; and kept in events.jsonl, which is for a reader.
void TestSentences::whatARunTellsIsWholeSentences()
{
    QTemporaryDir folder;
    const fs::path run = fs::path(folder.path().toStdString()) / "run";
    const Brackets brackets;
    Lanes lanes;
    QCOMPARE(trainToy(toyOptions(2, run), lanes).failure, std::string());
    std::ofstream(run / "events.jsonl", std::ios::app) << "nothing\nmore\n";
    std::ofstream(run / "metrics.csv", std::ios::app) << "7,1\n";
    TrainerOptions options = resumptionOf(run).options;
    options.config.steps = 4;
    options.dataset = std::make_shared<ToyData>();
    options.loaderAhead = 0;
    QCOMPARE(trainToy(options, lanes).failure, std::string());
    QStringList wrong, kinds;
    for (const Event &event : readEvents(run / "events.jsonl"))
        if (const QString message = QString::fromStdString(event.message); !message.isEmpty()) {
            kinds.append(QString::fromStdString(event.kind));
            if (!message.contains('<') || !outside(message).isEmpty())
                wrong.append(kinds.back() + ": " + message);
        }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    QVERIFY2(kinds.contains("repair") && kinds.contains("schedule"), qPrintable(kinds.join(' ')));
    options.config.knobs.set("learning_rate", 10.);
    options.config.init = "";
    options.dataset = openDataset("shapes");
    const Status refused = trainToy(options, lanes);
    QVERIFY2(outside(QString::fromStdString(refused.failure)).isEmpty() && !refused.failure.empty(), refused.failure.c_str());
    QVERIFY(!refused.failedInStep);
}

void TestSentences::aProfileIsInTheReadersLanguage()
{
    const Brackets brackets;
    Profile profile;
    profile.steps = 1;
    profile.milliseconds = 10;
    profile.phases = {{"forward", 8, {{"matmul", 1, 4, 0}}}};
    const auto table = profileTable(profile, 0);
    QCOMPARE(table.size(), size_t(5));
    QCOMPARE(table[1][0], std::string("<forward>"));
    QCOMPARE(table[3][1], std::string("<between operations>"));
    QCOMPARE(table[4][0], std::string("<step>"));
}

QTEST_GUILESS_MAIN(TestSentences)
#include "tst_sentences.moc"
