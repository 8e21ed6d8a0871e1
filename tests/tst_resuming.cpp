// What is read from a run folder is held against what it is used with, a damaged checkpoint is passed over, a run has one writer, and what is
// missing or has changed is said.
#include "core/data/tokens/preparedtext.h"
#include "core/engine/resuming.h"
#include "core/engine/rowfile.h"
#include "core/engine/stepsagain.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <nlohmann/json.hpp>

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

std::string refusal(auto action)
{
    try {
        action();
    } catch (const std::exception &error) {
        return error.what();
    }
    return {};
}

std::string textOf(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path &path, const std::string &text)
{
    std::ofstream(path, std::ios::binary) << text;
}

std::string flipped(std::string bytes, size_t at)
{
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    return bytes;
}

std::string nested(int depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

/// The toy data after somebody replaced the pictures.
class FewToyData : public ToyData
{
public:
    std::string fingerprint() const override { return "few"; }
    int64_t size(Split split) const override { return split == Split::train ? 2 : 1; }
};

class OtherToyData : public ToyData
{
public:
    std::string fingerprint() const override { return "inverted"; }
    Image image(Split split, int64_t index) const override
    {
        Image image = ToyData::image(split, index);
        for (uint8_t &pixel : image.pixels)
            pixel = static_cast<uint8_t>(255 - pixel);
        return image;
    }
};

} // namespace

class TestResuming : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void knobsAreKnownAsTheyWere();
    void jsonIsBoundedBeforeItIsRead_data();
    void jsonIsBoundedBeforeItIsRead();
    void deepJsonIsRefusedWhereverItIs();
    void metadataIsHeldAgainstItsUse_data();
    void metadataIsHeldAgainstItsUse();
    void aWeightThatIsNotFiniteIsNamed();
    void aNegativeVarianceIsNamed();
    void noFlippedByteGoesUnseen();
    void aCheckpointWithoutASumStillOpens();
    void theNewestWholeCheckpointIsTaken_data();
    void theNewestWholeCheckpointIsTaken();
    void damagedOnesAreKeptAside();
    void whereNoneIsWholeItIsSaid();
    void aRunWithoutACheckpointStartsAgain();
    void theRemnantOfAStartIsNoObstacle();
    void theCommandLineReusesARemnant();
    void aRunHasOneWriter();
    void aDeadWriterDoesNotBlock();
    void missingRowsAreSaid_data();
    void missingRowsAreSaid();
    void emptiedMetricsAreSaidOnResume();
    void anUntouchedConfigSaysNothing();
    void aKnobThatWasToComeIsAnEvent();
    void anotherNumberOfThreadsIsSaid();
    void anEditedConfigIsSaidAndSetBack();
    void aConfigThatIsMissingOrBrokenIsRefused();
    void aFileOfARunIsNoCheckpoint();
    void dataThatMovedGoOnAsTheyWere();
    void changedDataAreRefusedUnlessAccepted();
    void refusedWeightsLeaveNoFolder();
    void signalsWriteACheckpoint_data();
    void signalsWriteACheckpoint();
    void aLimitOnFilesIsOneLine();
    void theCommandLineSaysWhatItPassedOver();

private:
    /// A finished run of so many steps, with checkpoints at 0 and at its end.
    void trainRun(int64_t steps);
    Status resumeRun(int64_t steps, Lanes &lanes, const std::shared_ptr<const Dataset> &data = std::make_shared<ToyData>(), bool dataMayDiffer = false);
    /// Writes a checkpoint whose state is changed, and says what its reading said.
    std::string refusalOf(const std::function<void(nlohmann::json &)> &change);
    QProcess &pretext(QProcess &process, const QStringList &arguments);

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder, m_run;
};

void TestResuming::init()
{
    m_temporary = std::make_unique<QTemporaryDir>();
    m_folder = m_temporary->path().toStdString();
    m_run = m_folder / "run";
}

void TestResuming::trainRun(int64_t steps)
{
    Lanes lanes;
    QCOMPARE(trainToy(toyOptions(steps, m_run), lanes).failure, std::string());
}

Status TestResuming::resumeRun(int64_t steps, Lanes &lanes, const std::shared_ptr<const Dataset> &data, bool dataMayDiffer)
{
    TrainerOptions options = resumptionOf(m_run).options;
    options.config.steps = steps;
    options.dataset = data;
    options.loaderAhead = 0;
    options.checkpointSeconds = 0;
    options.dataMayDiffer = dataMayDiffer;
    return trainToy(options, lanes);
}

std::string TestResuming::refusalOf(const std::function<void(nlohmann::json &)> &change)
{
    Model model = makeModel(toyConfig(20), ToyData().info().image);
    const fs::path path = m_folder / "step-00000007.safetensors";
    saveCheckpoint(path, model, {7, 20, 1.25, toyConfig(20), "{}", preparedImages(ToyData().info())});
    SafetensorsFile file = readSafetensors(path);
    nlohmann::json state = nlohmann::json::parse(file.metadata.at("state"));
    change(state);
    file.metadata["state"] = state.dump();
    writeSafetensors(path, file);
    const std::string said = refusal([&] { loadEncoder(path); });
    return said.starts_with(path.string() + ": ") && said.find('\n') == std::string::npos ? said.substr(path.string().size() + 2)
                                                                                          : "not one line on the file: " + said;
}

void TestResuming::jsonIsBoundedBeforeItIsRead_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("said"); // nothing: it is read
    QTest::newRow("as deep as any") << QString::fromStdString(nested(64)) << "";
    QTest::newRow("deeper") << QString::fromStdString(nested(65)) << "nested more than 64 deep, at byte 65";
    QTest::newRow("much deeper") << QString::fromStdString(nested(100000)) << "nested more than 64 deep";
    QTest::newRow("only opened") << QString(1000000, '{') << "nested more than 64 deep";
    QTest::newRow("brackets in a text") << QString("[\"%1\"]").arg(QString(1000, '[')) << "";
    QTest::newRow("behind an escaped quote") << QString("[\"a\\\"%1\"]").arg(QString(1000, '[')) << "";
    QTest::newRow("side by side") << "[" + QString("[],").repeated(999) + "[]]"
                                  << "";
    QTest::newRow("too many values") << "[" + QString("1,").repeated(2000001) + "1]"
                                     << "more than 2000000 values";
    QTest::newRow("cut in a text") << "{\"a"
                                   << "is not JSON";
    QTest::newRow("a long word") << "[" + QString(100000, 'x') + "]"
                                 << "is not JSON";
}

void TestResuming::jsonIsBoundedBeforeItIsRead()
{
    QFETCH(QString, text);
    QFETCH(QString, said);
    const std::string got = refusal([&] { parseJson(text.toStdString()); });
    QVERIFY2(said.isEmpty() ? got.empty() : got.find(said.toStdString()) != std::string::npos, got.c_str());
    QVERIFY2(got.size() < 400, got.c_str());
}

void TestResuming::deepJsonIsRefusedWhereverItIs()
{
    const std::string deep = nested(100000);
    write(m_folder / "config.json", "{\"knobs\": " + deep + "}");
    std::string said = refusal([&] { loadConfig(m_folder / "config.json"); });
    QVERIFY2(said.starts_with((m_folder / "config.json").string() + ": is JSON nested"), said.c_str());

    write(m_folder / "events.jsonl", deep + "\n");
    said = refusal([&] { readEvents(m_folder / "events.jsonl"); });
    QVERIFY2(said.find("line 1") != std::string::npos && said.find("nested") != std::string::npos, said.c_str());

    for (const char *field : {"state", "tokenizer"}) {
        const fs::path path = m_folder / "step-00000007.safetensors";
        const bool text = field == std::string("tokenizer");
        const RunConfig config = text ? toyConfig(20, "mlm", "transformer") : toyConfig(20);
        const auto prepared = text ? preparedText(toyTokenizer()) : preparedImages(ToyData().info());
        Model model = makeModel(config, prepared->input());
        saveCheckpoint(path, model, {7, 20, 1.25, config, "{}", prepared});
        SafetensorsFile file = readSafetensors(path);
        file.metadata[field] = deep;
        writeSafetensors(path, file);
        said = refusal([&] { loadEncoder(path); });
        QVERIFY2(said.starts_with(path.string() + ": is JSON nested"), said.c_str());
    }
    std::string header = "{\"a\":" + deep + "}";
    const uint64_t length = header.size();
    write(m_folder / "deep.safetensors", std::string(reinterpret_cast<const char *>(&length), sizeof length) + header);
    said = refusal([&] { readSafetensors(m_folder / "deep.safetensors"); });
    QVERIFY2(said.find("its header is JSON nested") != std::string::npos, said.c_str());
}

void TestResuming::metadataIsHeldAgainstItsUse_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    const std::pair<const char *, const char *> wrong[] = {{"mean", "[]"},
                                                           {"mean", "[0.5, 0.5]"},
                                                           {"mean", "0.5"},
                                                           {"mean", "[1e300]"},
                                                           {"mean", "[null]"},
                                                           {"mean", "[\"0.5\"]"},
                                                           {"deviation", "[]"},
                                                           {"deviation", "[0]"},
                                                           {"deviation", "[-1]"},
                                                           {"deviation", "[0.1, 0.1, 0.1]"},
                                                           {"step", "-1"},
                                                           {"step", "1.5"},
                                                           {"step", "18446744073709551615"},
                                                           {"step", "\"7\""},
                                                           {"planned_steps", "-5"},
                                                           {"planned_steps", "1"}, // a step of it is later
                                                           {"optimizer_steps", "-1"},
                                                           {"optimizer_steps", "8"},
                                                           {"loss", "\"low\""},
                                                           {"image", "[8, 8]"},
                                                           {"image", "[8, 8, 3]"},
                                                           {"image", "[-8, 8, 1]"},
                                                           {"image", "[1000000, 1000000, 1]"},
                                                           {"backend", "[]"},
                                                           {"config", "[]"},
                                                           {"data", "{\"train\": -1}"},
                                                           {"data", "7"}};
    for (const auto &[field, value] : wrong)
        QTest::addRow("%s %s", field, value) << field << value;
}

void TestResuming::metadataIsHeldAgainstItsUse()
{
    QFETCH(QString, field);
    QFETCH(QString, value);
    const std::string said = refusalOf([&](nlohmann::json &state) { state[field.toStdString()] = nlohmann::json::parse(value.toStdString()); });
    QVERIFY2(said.find(field.toStdString()) != std::string::npos, said.c_str());
    if (field != "config" && field != "data") {
        const std::string missing = refusalOf([&](nlohmann::json &state) { state.erase(field.toStdString()); });
        QVERIFY2(missing == "its field " + field.toStdString() + " is missing", missing.c_str());
    }
}

void TestResuming::aWeightThatIsNotFiniteIsNamed()
{
    trainRun(2);
    const fs::path path = findCheckpoint(m_run);
    const SafetensorsFile whole = readSafetensors(path);
    Model model = makeModel(toyConfig(2), ToyData().info().image);
    for (const float wild : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
        for (const char *part : {"encoder.", "optimizer."}) {
            SafetensorsFile file = whole;
            const auto tensor = std::find_if(file.tensors.begin(), file.tensors.end(), [&](const auto &t) { return t.first.starts_with(part); });
            std::vector<float> values = tensor->second.floats();
            values.at(3) = wild;
            tensor->second = FileTensor::of(values, tensor->second.shape);
            writeSafetensors(m_folder / "wild.safetensors", file);
            const std::string said = refusal([&] { loadEncoder(m_folder / "wild.safetensors"); });
            QVERIFY2(said.starts_with((m_folder / "wild.safetensors").string() + ": " + tensor->first + ": its value 3 is "), said.c_str());
            if (std::string(part) == "encoder.")
                QCOMPARE(refusal([&] { initialiseFrom(m_folder / "wild.safetensors", model); }), said);
        }
}

void TestResuming::aNegativeVarianceIsNamed()
{
    RunConfig config = toyConfig(2);
    config.encoder = "resnet";
    config.image = {8, 8, 3};
    config.knobs = KnobSet(knobsOf(config.method, config.encoder, config.image));
    Model model = makeModel(config, config.image);
    SafetensorsFile file;
    std::string name;
    for (const NamedTensor &buffer : model.encoder->buffers())
        if (name.empty() && buffer.name.ends_with(".running_var")) {
            name = "encoder." + buffer.name;
            std::vector<float> values = buffer.tensor.toHost();
            values.at(1) = -1;
            file.tensors[name] = FileTensor::of(values, {int64_t(values.size())});
        }
    QVERIFY(!name.empty());
    const fs::path path = m_folder / "negative.safetensors";
    writeSafetensors(path, file);
    const std::string said = refusal([&] { initialiseFrom(path, model); });
    QVERIFY2(said == path.string() + ": " + name + ": its value 1 is -1; a variance must not be negative", said.c_str());
}

void TestResuming::noFlippedByteGoesUnseen()
{
    trainRun(2);
    const fs::path path = findCheckpoint(m_run), copy = m_folder / "copy.safetensors";
    const std::string bytes = textOf(path);
    const SafetensorsFile whole = readSafetensors(path);
    int refused = 0, tried = 0;
    for (size_t at = 0; at < bytes.size(); at += bytes.size() / 500 + 1, ++tried) {
        write(copy, flipped(bytes, at));
        SafetensorsFile read;
        if (!refusal([&] { read = readSafetensors(copy); }).empty())
            ++refused;
        else // only the sum's own name may change unseen, and then nothing else has
            QVERIFY2(read.metadata.at("state") == whole.metadata.at("state") && read.tensors.size() == whole.tensors.size(), std::to_string(at).c_str());
    }
    QVERIFY2(refused >= tried - 1, std::to_string(refused).c_str());
}

void TestResuming::aCheckpointWithoutASumStillOpens()
{
    trainRun(2);
    const fs::path path = findCheckpoint(m_run);
    std::string bytes = textOf(path);
    const size_t at = bytes.find("\"checksum\":\"crc32:");
    QVERIFY(at != std::string::npos);
    bytes.replace(at, 10, "\"another0\""); // as long as before
    write(path, bytes);
    QCOMPARE(loadEncoder(m_run).state.step, int64_t(2));
}

void TestResuming::theNewestWholeCheckpointIsTaken_data()
{
    QTest::addColumn<int>("kind");
    QTest::newRow("a weight's byte") << 0;
    QTest::newRow("cut short") << 1;
    QTest::newRow("empty") << 2;
    QTest::newRow("a tensor is missing") << 3;
    QTest::newRow("a list of the wrong length") << 4;
}

void TestResuming::theNewestWholeCheckpointIsTaken()
{
    QFETCH(int, kind);
    trainRun(4);
    const fs::path newest = findCheckpoint(m_run);
    const std::string bytes = textOf(newest);
    SafetensorsFile file = readSafetensors(newest);
    if (kind == 0)
        write(newest, flipped(bytes, bytes.size() - 100));
    else if (kind == 1)
        write(newest, bytes.substr(0, bytes.size() / 2));
    else if (kind == 2)
        write(newest, "");
    else if (kind == 3)
        file.tensors.erase(file.tensors.begin());
    else
        file.metadata["state"].replace(file.metadata["state"].find("\"mean\":["), 8, "\"mean\":[7,");
    if (kind >= 3)
        writeSafetensors(newest, file);

    const TrainedEncoder trained = loadEncoder(m_run);
    QCOMPARE(trained.state.step, int64_t(0));
    QCOMPARE(trained.passedOver.size(), size_t(1));
    QVERIFY2(trained.passedOver[0].starts_with(newest.string() + " was passed over: "), trained.passedOver[0].c_str());
    QVERIFY2(trained.passedOver[0].ends_with("; step-00000000.safetensors is taken instead"), trained.passedOver[0].c_str());
    QVERIFY(fs::exists(newest)); // who reads changes nothing
    Model model = makeModel(toyConfig(4), ToyData().info().image);
    std::vector<std::string> lines;
    QVERIFY(initialiseFrom(m_run, model, &lines).empty());
    QCOMPARE(lines, trained.passedOver);
    QVERIFY(!refusal([&] { loadEncoder(newest); }).empty()); // named alone, it is not replaced by another
}

void TestResuming::damagedOnesAreKeptAside()
{
    trainRun(4);
    const std::string whole = textOf(m_run / "metrics.csv");
    const fs::path newest = findCheckpoint(m_run);
    const std::string damaged = flipped(textOf(newest), fs::file_size(newest) - 100);
    write(newest, damaged);
    Lanes lanes;
    QCOMPARE(resumeRun(4, lanes).failure, std::string());
    QCOMPARE(textOf(m_run / "checkpoints" / "damaged" / newest.filename()), damaged);
    QCOMPARE(loadEncoder(m_run).state.step, int64_t(4));
    const auto events = readEvents(m_run / "events.jsonl");
    QVERIFY(std::any_of(events.begin(), events.end(), [&](const Event &event) {
        return event.kind == "damaged" && event.name == newest.filename().string() && event.message.find("check sum") != std::string::npos;
    }));
    const MetricsTable again = readMetrics(m_run / "metrics.csv");
    QCOMPARE(again.rows.size(), size_t(4));
}

void TestResuming::whereNoneIsWholeItIsSaid()
{
    trainRun(2);
    for (const fs::path &path : checkpointsIn(m_run))
        write(path, "");
    const std::string said = refusal([&] { resumptionOf(m_run); });
    QVERIFY2(said.starts_with(m_run.string() + ": none of its 2 checkpoints is whole; the newest, step-00000002.safetensors: "), said.c_str());
    QVERIFY2(said.ends_with("; put back a copy of one, or begin again: pretext train --config " + (m_run / "config.json").string() + " --out NEW"),
             said.c_str());
}

void TestResuming::aRunWithoutACheckpointStartsAgain()
{
    trainRun(3);
    const MetricsTable whole = readMetrics(m_run / "metrics.csv");
    fs::remove_all(m_run / "checkpoints");
    Lanes lanes;
    QVERIFY(beginsAgain(resumptionOf(m_run).options.start));
    QCOMPARE(resumeRun(3, lanes).failure, std::string());
    const MetricsTable again = readMetrics(m_run / "metrics.csv");
    QCOMPARE(again.rows.size(), size_t(3));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(again.rows[i][2], whole.rows[i][2]);
    QCOMPARE(loadEncoder(m_run).state.step, int64_t(3));
}

void TestResuming::theRemnantOfAStartIsNoObstacle()
{
    fs::create_directories(m_run / "checkpoints");
    write(m_run / ".config.json.tmp-12345-0", "{\"meth");
    write(m_run / ".lock", "process 12345 on host\n");
    trainRun(2);
    QVERIFY(!fs::exists(m_run / ".config.json.tmp-12345-0"));
    QVERIFY(!fs::exists(m_run / ".lock"));

    const std::string occupied = refusal([&] { RunFolder::create(m_run, toyConfig(2)); });
    QVERIFY2(occupied.find("--resume") != std::string::npos, occupied.c_str());
}

void TestResuming::theCommandLineReusesARemnant()
{
    fs::create_directories(m_run / "checkpoints");
    write(m_run / ".lock", "process 12345 on host\n");
    const QStringList arguments = {"train", "--dataset", "shapes", "--encoder", "mlp", "--batch", "8", "--threads", "1", "--steps", "2", "--out", "run"};
    QProcess first;
    pretext(first, arguments);
    QVERIFY(first.waitForFinished(60000));
    QCOMPARE(first.exitCode(), 0);
    QProcess second; // now it is a run
    pretext(second, arguments);
    QVERIFY(second.waitForFinished(60000));
    QCOMPARE(second.exitCode(), 2);
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(2));
}

void TestResuming::aRunHasOneWriter()
{
    trainRun(2);
    {
        const RunFolder first = RunFolder::resume(m_run, 2);
        const std::string me = "process " + std::to_string(QCoreApplication::applicationPid()) + " on ";
        QVERIFY2(writerOf(m_run).starts_with(me), writerOf(m_run).c_str());
        for (const std::string &said : {refusal([&] { RunFolder::resume(m_run, 2); }), refusal([&] { resumptionOf(m_run); })})
            QVERIFY2(said.starts_with(m_run.string() + ": is being written by " + me), said.c_str());
        QCOMPARE(loadEncoder(m_run).state.step, int64_t(2)); // reading asks for no lock
    }
    QCOMPARE(writerOf(m_run), std::string());
    RunFolder::resume(m_run, 2);
}

void TestResuming::aDeadWriterDoesNotBlock()
{
    QProcess process;
    pretext(process, {"train", "--dataset", "shapes", "--encoder", "mlp", "--batch", "8", "--threads", "1", "--steps", "100000", "--out", "run"});
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(m_run / "checkpoints" / "step-00000000.safetensors"), 60000);
    const std::string said = refusal([&] { resumptionOf(m_run); });
    QVERIFY2(said.find("is being written by process " + std::to_string(process.processId()) + " on ") != std::string::npos, said.c_str());
    process.kill();
    QVERIFY(process.waitForFinished());
    QVERIFY(fs::exists(m_run / ".lock")); // its file stays, the lock does not
    QCOMPARE(resumptionOf(m_run).state.step, int64_t(0));
    RunFolder::resume(m_run, 0);
}

void TestResuming::missingRowsAreSaid_data()
{
    QTest::addColumn<QList<int>>("steps");
    QTest::addColumn<QString>("said");
    QTest::newRow("whole") << QList<int>{1, 2, 3, 4, 5, 6} << "";
    QTest::newRow("none") << QList<int>{} << "lacks 6 of 6 rows: of steps 1 to 6;";
    QTest::newRow("the first") << QList<int>{2, 3, 4, 5, 6} << "lacks 1 of 6 rows: of step 1;";
    QTest::newRow("within") << QList<int>{1, 2, 5, 6} << "lacks 2 of 6 rows: of steps 3 to 4;";
    QTest::newRow("the last") << QList<int>{1, 2, 3, 4} << "lacks 2 of 6 rows: of steps 5 to 6;";
    QTest::newRow("two places") << QList<int>{1, 3, 5, 6} << "lacks 2 of 6 rows: of steps 2, 4;";
    QTest::newRow("twice") << QList<int>{1, 2, 2, 3, 4, 5, 6} << "has 1 row twice";
}

void TestResuming::missingRowsAreSaid()
{
    QFETCH(QList<int>, steps);
    QFETCH(QString, said);
    MetricsTable table{{"step", "seconds"}, {}};
    for (const int step : steps)
        table.rows.push_back({double(step), 0});
    const std::string got = rowsMissing(table, 6);
    QVERIFY2(said.isEmpty() ? got.empty() : got.find(said.toStdString()) != std::string::npos, got.c_str());
}

void TestResuming::emptiedMetricsAreSaidOnResume()
{
    trainRun(3);
    fs::resize_file(m_run / "metrics.csv", 0);
    Lanes lanes;
    QCOMPARE(resumeRun(5, lanes).failure, std::string());
    const auto said = [](const Event &event) { return event.kind == "gap" && event.message.find("lacks 3 of 3 rows") != std::string::npos; };
    const auto told = lanes.log.drain().events, kept = readEvents(m_run / "events.jsonl");
    QVERIFY(std::any_of(told.begin(), told.end(), said) && std::any_of(kept.begin(), kept.end(), said));
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(2));

    fs::remove(m_run / "metrics.csv");
    QCOMPARE(resumeRun(6, lanes).failure, std::string());
    QCOMPARE(readMetrics(m_run / "metrics.csv").rows.size(), size_t(1));
}

/// Whatever commands changed: knobs while it trained, the planned end, more than once.
void TestResuming::anUntouchedConfigSaysNothing()
{
    {
        Lanes lanes;
        lanes.commands.post(SetKnob{"temperature", 0.25});
        lanes.commands.post(SetKnob{"crop.min_area", 0.5});
        QCOMPARE(trainToy(toyOptions(4, m_run), lanes).failure, std::string());
    }
    for (const int steps : {4, 6, 6, 7}) {
        Lanes lanes;
        lanes.commands.post(SetKnob{"temperature", 0.1 * steps});
        QCOMPARE(resumeRun(steps, lanes).failure, std::string());
    }
    for (const Event &event : readEvents(m_run / "events.jsonl"))
        QVERIFY2(event.kind != "config", event.message.c_str());
    QCOMPARE(loadConfig(m_run / "config.json").knobs.real("temperature"), toyConfig(4).knobs.real("temperature")); // as it was begun
}

/// Turned just before a pause, and by no batch had until the run goes on.
void TestResuming::aKnobThatWasToComeIsAnEvent()
{
    trainRun(2);
    {
        TrainerOptions options = resumptionOf(m_run).options;
        options.config.steps = 4;
        options.dataset = std::make_shared<ToyData>();
        Lanes lanes;
        std::stop_source stop;
        lanes.notify = [&] {
            if (lanes.status.latest().state == TrainerState::paused)
                stop.request_stop();
        };
        lanes.commands.post(SetKnob{"crop.min_area", 0.5});
        lanes.commands.post(Pause{});
        runTrainer(options, lanes, stop.get_token(), false);
    }
    const CheckpointState paused = readCheckpointState(findCheckpoint(m_run));
    QCOMPARE(paused.config.knobs.real("crop.min_area"), 0.5);
    const KnobValue before = toyConfig(4).knobs.value("crop.min_area");
    QVERIFY(paused.pending == (std::map<std::string, KnobValue>{{"crop.min_area", before}}));
    Lanes lanes;
    QCOMPARE(resumeRun(4, lanes).failure, std::string());
    std::vector<Event> knobs = readEvents(m_run / "events.jsonl");
    std::erase_if(knobs, [](const Event &event) { return event.kind != "knob"; });
    QCOMPARE(knobs.size(), size_t(1));
    QCOMPARE(knobs[0].step, int64_t(3));
    QCOMPARE(knobs[0].name, std::string("crop.min_area"));
    QCOMPARE(knobs[0].before, toText(before));
    QCOMPARE(knobs[0].after, std::string("0.5"));
    QVERIFY(readCheckpointState(findCheckpoint(m_run)).pending.empty());
}

void TestResuming::anotherNumberOfThreadsIsSaid()
{
    trainRun(2);
    LoadedCheckpoint loaded = loadNewest(m_run);
    QCOMPARE(loaded.state.threads, 1);
    loaded.state.threads = 7;
    saveCheckpoint(loaded.path, loaded.model, loaded.state);
    for (const int steps : {3, 4}) {
        Lanes lanes;
        QCOMPARE(resumeRun(steps, lanes).failure, std::string());
    }
    std::vector<Event> told = readEvents(m_run / "events.jsonl");
    std::erase_if(told, [](const Event &event) { return event.kind != "threads"; });
    QCOMPARE(told.size(), size_t(1)); // the second time they are the run's
    QCOMPARE(told[0].before + " " + told[0].after, std::string("7 1"));
    QVERIFY2(told[0].message.find("7 threads and goes on with 1") != std::string::npos, told[0].message.c_str());
}

void TestResuming::anEditedConfigIsSaidAndSetBack()
{
    trainRun(4);
    const std::string path = (m_run / "config.json").string(), before = textOf(path);
    nlohmann::json json = nlohmann::json::parse(before);
    const std::tuple<std::string, nlohmann::json, std::string> edits[] = {
        {"dataset", "shapes",
         path + " says dataset shapes, the checkpoint toy, which is taken; for shapes begin another run: pretext train --config " + path
             + " --dataset shapes --out NEW"},
        {"size", 48, "says size 48, the checkpoint 32, which is taken; for 48 begin another run: pretext train --config " + path + " --size 48 --out NEW"},
        {"colour", false,
         "says colour false, the checkpoint true, which is taken; for false begin another run: pretext train --config " + path + " --grey --out NEW"},
        {"batch", 8, "says batch 8, the checkpoint 16, which is taken; for 8 begin another run: pretext train --config " + path + " --batch 8 --out NEW"},
        {"seed", 7, "says seed 7, the checkpoint 1, which is taken; for 7 begin another run: pretext train --config " + path + " --seed 7 --out NEW"},
        {"init", "old",
         "says init old, the checkpoint '', which is taken; for old begin another run: pretext train --config " + path + " --init old --out NEW"},
        {"steps", 9, "says steps 9, the checkpoint 4, which is taken; for 9 resume with --steps 9"}};
    std::vector<std::string> said;
    for (const auto &[field, value, sentence] : edits) {
        json[field] = value;
        said.push_back(sentence);
    }
    json["knobs"]["temperature"] = 0.75;
    json["knobs"]["projector.width"] = 32;
    said.push_back("says temperature 0.75, the checkpoint 0.2, which is taken; for 0.75 resume with --set temperature=0.75");
    said.push_back("says projector.width 32, the checkpoint 16, which is taken; for 32 begin another run: pretext train --config " + path
                   + " --set projector.width=32 --out NEW");
    write(path, json.dump());
    Lanes lanes;
    QCOMPARE(resumeRun(4, lanes).failure, std::string());
    std::vector<Event> told = lanes.log.drain().events;
    std::erase_if(told, [](const Event &event) { return event.kind != "config"; });
    QCOMPARE(told.size(), said.size());
    for (const std::string &sentence : said)
        QVERIFY2(std::any_of(told.begin(), told.end(), [&](const Event &event) { return event.message.ends_with(sentence); }),
                 (sentence + " instead of " + told[0].message).c_str());
    QCOMPARE(textOf(path), before);

    json = nlohmann::json::parse(before);
    json["encoder"] = "resnet";
    json["knobs"].clear();
    write(path, json.dump());
    QCOMPARE(resumeRun(4, lanes).failure, std::string());
    told = lanes.log.drain().events;
    std::erase_if(told, [](const Event &event) { return event.kind != "config"; });
    QCOMPARE(told.size(), size_t(1));
    QVERIFY2(told[0].message.find("says encoder resnet, the checkpoint mlp, which is taken") != std::string::npos, told[0].message.c_str());
    QCOMPARE(textOf(path), before);
}

void TestResuming::aConfigThatIsMissingOrBrokenIsRefused()
{
    trainRun(2);
    const std::string path = (m_run / "config.json").string();
    const std::string after =
        "; put back a copy, or go on from the weights in a new run: pretext train --init " + findCheckpoint(m_run).string() + " --out NEW";
    write(path, "{\"method\": \"nothing\"}");
    const std::string broken = refusal([&] { resumptionOf(m_run); });
    QVERIFY2(broken.starts_with(path + ": ") && broken.find("nothing") != std::string::npos && broken.ends_with(after), broken.c_str());
    fs::remove(path);
    for (const fs::path &given : {m_run, findCheckpoint(m_run)})
        QCOMPARE(refusal([&] { resumptionOf(given); }), path + ": is missing" + after);
}

void TestResuming::aFileOfARunIsNoCheckpoint()
{
    trainRun(2);
    Model model = makeModel(toyConfig(2), ToyData().info().image);
    for (const char *name : {"config.json", "metrics.csv", "events.jsonl"}) {
        const fs::path file = m_run / name;
        const std::string said = file.string() + ": is no checkpoint (.safetensors); give the run, " + m_run.string();
        QCOMPARE(refusal([&] { loadEncoder(file); }), said);
        QCOMPARE(refusal([&] { resumptionOf(file); }), said);
        QCOMPARE(refusal([&] { initialiseFrom(file, model); }), said);
    }
    fs::create_symlink("/dev/zero", m_folder / "device");
    const std::string said = (m_folder / "device").string() + ": is a device, not a file; give a run's folder, or a checkpoint file";
    QCOMPARE(refusal([&] { loadEncoder(m_folder / "device"); }), said);
    QCOMPARE(refusal([&] { resumptionOf(m_folder / "device"); }), said);
    QCOMPARE(refusal([&] { initialiseFrom(m_folder / "device", model); }), said);
}

/// The data are elsewhere and the same: what is kept of the run says where.
void TestResuming::dataThatMovedGoOnAsTheyWere()
{
    trainRun(2);
    TrainerOptions options = resumptionOf(m_run).options;
    options.config.dataset = "toy2";
    options.dataset = std::make_shared<ToyData>();
    Lanes lanes;
    QCOMPARE(trainToy(options, lanes).failure, std::string());
    QCOMPARE(loadConfig(m_run / "config.json").dataset, std::string("toy2"));
    QCOMPARE(readCheckpointState(findCheckpoint(m_run)).config.dataset, std::string("toy2"));
    const auto events = lanes.log.drain().events;
    QVERIFY(
        std::any_of(events.begin(), events.end(), [](const Event &event) { return event.kind == "data" && event.before == "toy" && event.after == "toy2"; }));
    QVERIFY(std::none_of(events.begin(), events.end(), [](const Event &event) { return event.kind == "config"; }));
}

void TestResuming::changedDataAreRefusedUnlessAccepted()
{
    trainRun(3);
    const std::string metrics = textOf(m_run / "metrics.csv");
    Lanes lanes;
    const std::string said = resumeRun(5, lanes, std::make_shared<OtherToyData>()).failure;
    QVERIFY2(said.find("the data have changed since step-00000003.safetensors: as many samples as before, but not the same") != std::string::npos,
             said.c_str());
    QVERIFY2(said.find("--data-changed") != std::string::npos, said.c_str());
    for (const bool accepted : {false, true}) {
        const std::string tooFew = resumeRun(5, lanes, std::make_shared<FewToyData>(), accepted).failure;
        QVERIFY2(tooFew.find("2 samples to train on instead of 64") != std::string::npos, tooFew.c_str());
        QVERIFY2(tooFew.find("does not fit the 2 samples that are left to train on: put the data back, or start a new run") != std::string::npos,
                 tooFew.c_str());
        QVERIFY2(tooFew.find("--data-changed") == std::string::npos, tooFew.c_str()); // which would not help
    }
    QCOMPARE(textOf(m_run / "metrics.csv"), metrics);

    QCOMPARE(resumeRun(5, lanes, std::make_shared<OtherToyData>(), true).failure, std::string());
    const auto kept = readEvents(m_run / "events.jsonl");
    QVERIFY(std::any_of(kept.begin(), kept.end(), [](const Event &event) { return event.kind == "data" && !event.message.empty(); }));
    QCOMPARE(resumeRun(6, lanes, std::make_shared<OtherToyData>()).failure, std::string()); // they are the run's now

    const DataMark before{60, 6, {"cat", "dog"}, "a"}, now{54, 6, {"cat", "emu"}, "b"};
    QCOMPARE(changeOf(before, now), std::string("54 samples to train on instead of 60; the class 'dog' is gone; the class 'emu' is new"));
    QCOMPARE(changeOf(before, before), std::string());
    QCOMPARE(changeOf({}, now), std::string()); // a checkpoint of an older version does not know
}

void TestResuming::refusedWeightsLeaveNoFolder()
{
    write(m_folder / "weights.safetensors", "nothing of the kind");
    TrainerOptions options = toyOptions(2, m_run);
    options.start = Initialised{m_folder / "weights.safetensors"};
    Lanes lanes;
    const std::string said = trainToy(options, lanes).failure;
    QVERIFY2(said.find("weights.safetensors") != std::string::npos, said.c_str());
    QVERIFY(!fs::exists(m_run));
}

QProcess &TestResuming::pretext(QProcess &process, const QStringList &arguments)
{
    process.setWorkingDirectory(m_temporary->path());
    process.start(PRETEXT_BINARY, arguments);
    return process;
}

void TestResuming::signalsWriteACheckpoint_data()
{
    QTest::addColumn<int>("signal");
    QTest::newRow("INT") << SIGINT;
    QTest::newRow("TERM") << SIGTERM;
    QTest::newRow("HUP") << SIGHUP;
}

void TestResuming::signalsWriteACheckpoint()
{
    QFETCH(int, signal);
    QProcess process;
    pretext(process, {"train", "--dataset", "shapes", "--encoder", "mlp", "--batch", "8", "--threads", "1", "--steps", "1000000", "--out", "run"});
    QTRY_VERIFY_WITH_TIMEOUT(fs::exists(m_run / "metrics.csv") && fs::file_size(m_run / "metrics.csv") > 500, 60000);
    kill(pid_t(process.processId()), signal);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(loadEncoder(m_run).state.step > 0);
    QCOMPARE(loadEncoder(m_run).state.step, int64_t(readMetrics(m_run / "metrics.csv").rows.back()[0]));
}

void TestResuming::aLimitOnFilesIsOneLine()
{
    QProcess process;
    process.setWorkingDirectory(m_temporary->path());
    process.start("bash", {"-c", QString("ulimit -f 100; exec \"$0\" train --dataset shapes --encoder mlp --batch 8 --threads 1 --steps 100000 --out run"),
                           PRETEXT_BINARY});
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1);
    const QString said = process.readAllStandardError();
    QVERIFY2(said.count('\n') == 1 && said.contains("File too large"), qPrintable(said));
}

void TestResuming::theCommandLineSaysWhatItPassedOver()
{
    QProcess train;
    pretext(train, {"train", "--dataset", "shapes", "--encoder", "mlp", "--batch", "8", "--threads", "1", "--steps", "3", "--out", "run"});
    QVERIFY(train.waitForFinished(60000) && train.exitCode() == 0);
    const fs::path newest = findCheckpoint(m_run);
    write(newest, flipped(textOf(newest), fs::file_size(newest) - 100));
    fs::permissions(m_run, fs::perms::owner_write, fs::perm_options::remove);
    QProcess embed;
    pretext(embed, {"embed", "run", "--limit", "4", "--out", "z.npy"});
    QVERIFY(embed.waitForFinished(60000));
    fs::permissions(m_run, fs::perms::owner_write, fs::perm_options::add);
    QCOMPARE(embed.exitCode(), 0);
    const QString said = embed.readAllStandardError();
    QVERIFY2(said.contains("step-00000003.safetensors was passed over: ") && said.contains("step-00000000.safetensors is taken instead"), qPrintable(said));

    QProcess resume;
    pretext(resume, {"train", "--resume", "--out", "run"});
    QVERIFY(resume.waitForFinished(60000));
    QCOMPARE(resume.exitCode(), 0);
    QVERIFY(resume.readAllStandardOutput().contains("checkpoints/damaged"));
    QVERIFY(fs::exists(m_run / "checkpoints" / "damaged" / "step-00000003.safetensors"));
}

void TestResuming::knobsAreKnownAsTheyWere()
{
    std::vector<Event> events{
        {11, "knob", "temperature", "0.1", "0.5", ""}, {21, "knob", "temperature", "0.5", "0.05", ""}, {21, "knob", "warmup", "0", "0.1", ""}};
    const std::map<std::string, std::string> first{{"temperature", "0.1"}, {"warmup", "0"}}, second{{"temperature", "0.5"}, {"warmup", "0"}};
    QVERIFY(knobsThen(events, 10) == first);
    QVERIFY(knobsThen(events, 11) == second && knobsThen(events, 20) == second);
    QVERIFY(knobsThen(events, 21).empty());
    events.push_back({31, "knob", "temperature", "0.05", "0.1", ""}); // back to what it was
    QVERIFY(!knobsThen(events, 10).contains("temperature") && knobsThen(events, 11).contains("temperature"));
    events.push_back({15, "rewind", "", "", "", ""}); // what came after is void
    QVERIFY(knobsThen(events, 11).empty() && knobsThen(events, 10).at("temperature") == "0.1");
}

QTEST_GUILESS_MAIN(TestResuming)
#include "tst_resuming.moc"
