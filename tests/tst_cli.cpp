// The command line, driven as a user does: the real program, its exit status, and what it says. Whatever is wrong is one line that names
// it, and nothing is overwritten.
#include "core/engine/config.h"
#include "core/engine/lengthening.h"
#include "core/engine/runfolder.h"
#include "core/files/safetensors.h"
#include "core/ssl/method.h"
#include "tests/filefixture.h"

#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include <unistd.h>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

struct Result
{
    int status = -1;
    QString out, error;
};

QStringList lines(const QString &text)
{
    return text.split('\n', Qt::SkipEmptyParts);
}

/// A grey picture with a gradient, as PGM.
void writePicture(const fs::path &path, int width, int height, int seed)
{
    std::string pixels;
    for (int i = 0; i < width * height; ++i)
        pixels.push_back(static_cast<char>((i * (seed + 1) + seed * 37) % 251));
    write(path, "P5 " + std::to_string(width) + " " + std::to_string(height) + " 255\n" + pixels);
}

std::string bigEndian(uint32_t value)
{
    return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

/// `count` images of 8 x 8 as IDX, of which `held` are there.
std::string idxImages(uint32_t count, uint32_t held)
{
    return bigEndian(0x803) + bigEndian(count) + bigEndian(8) + bigEndian(8) + std::string(held * 64, 'x');
}

const QStringList kSmall = {"--set", "encoder.width=8", "--set", "projector.width=8", "--encoder", "mlp", "--threads", "1"};

} // namespace

class TestCli : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void helpSaysEverything_data();
    void helpSaysEverything();
    void versionIsOneLine();
    void devicesSayWhatIsThereAndWhatIsNot();
    void listsAreJson_data();
    void listsAreJson();
    void aWrongCommandLineIsStatus2_data();
    void aWrongCommandLineIsStatus2();
    void dataThatCannotBeReadIsStatus1_data();
    void dataThatCannotBeReadIsStatus1();
    void aDamagedFileIsStatus1_data();
    void aDamagedFileIsStatus1();
    void unusualDataTrains_data();
    void unusualDataTrains();
    void datasetsShowsWhatTrainBeginsWith();
    void aConfigLeavesTheRestToTheRecipe();
    void aConfigThatContradictsItsDataIsRefused();
    void aFolderThatCannotBeWrittenIsStatus1();
    void aFolderThatIsReadOnlyIsStatus1();
    void aFullDiskIsStatus1_data();
    void aFullDiskIsStatus1();
    void aRunIsNotOverwritten();
    void aRunResumesAndEnds();
    void aResumeSpeaksOfTheRateThatIsSet();
    void everyFileLeftOutIsNamed();
    void aRunSettlesOnAPrecision();
    void aProfileSaysWhereTheTimeWent();
    void benchTimesARow();
    void withoutADisplayTheWindowSaysSo();
    void interruptedItCanBeResumed();
    void whatAnEvaluationKnewIsKept_data();
    void whatAnEvaluationKnewIsKept();
    void aFirstLookIsAllThatAStoppedEvaluationNeeds_data() { whatAnEvaluationKnewIsKept_data(); }
    void aFirstLookIsAllThatAStoppedEvaluationNeeds();
    void dataOfAnotherKindAreStatus2();
    void initNamesWhatDoesNotFit();
    void badTextIsOneLine_data();
    void badTextIsOneLine();
    void oddTextsTrain_data();
    void oddTextsTrain();
    void aLineOfAMegabyteTrains();
    void runsAreJudgedAsOneEncoder();
    void theSameEncoderIsSupervised();
    void textIsEvaluatedEmbeddedAndExported();
    void promptsAreAnswered();

private:
    Result trainText(const QStringList &arguments);
    Result run(const QStringList &arguments, const QString &shellPrefix = {});
    void verifyOneLine(const Result &result, int status, const QStringList &words);
    Result train(const QStringList &arguments) { return run(QStringList{"train"} + kSmall + arguments); }
    fs::path at(const std::string &name) const { return fs::path(m_folder->path().toStdString()) / name; }
    QString path(const std::string &name) const { return QString::fromStdString(at(name).string()); }

    std::unique_ptr<QTemporaryDir> m_folder = std::make_unique<QTemporaryDir>(); // of each test row; the tables of rows run before
};

void TestCli::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    for (int i = 0; i < 24; ++i)
        writePicture(at("pictures") / (i % 2 ? "even" : "odd") / (std::to_string(i) + ".pgm"), 8, 8, i);
}

Result TestCli::run(const QStringList &arguments, const QString &shellPrefix)
{
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("DISPLAY"); // the command line needs none
    environment.remove("WAYLAND_DISPLAY");
    environment.remove("QT_QPA_PLATFORM");
    environment.insert("XDG_CACHE_HOME", path("cache"));
    process.setProcessEnvironment(environment);
    if (shellPrefix.isEmpty())
        process.start(PRETEXT_BINARY, arguments);
    else
        process.start("/bin/bash", QStringList{"-c", shellPrefix + " exec \"$0\" \"$@\"", PRETEXT_BINARY} + arguments);
    if (!process.waitForFinished(60000) || process.exitStatus() != QProcess::NormalExit)
        return {-1, process.readAllStandardOutput(), "crashed or hung: " + process.readAllStandardError()};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

void TestCli::verifyOneLine(const Result &result, int status, const QStringList &words)
{
    QVERIFY2(result.status == status, qPrintable(QString::number(result.status) + ": " + result.error));
    QVERIFY2(lines(result.error).size() == 1, qPrintable(result.error));
    for (const QString &word : words)
        QVERIFY2(result.error.contains(word), qPrintable(result.error));
}

void TestCli::helpSaysEverything_data()
{
    QTest::addColumn<QString>("command");
    QTest::newRow("pretext") << "";
    for (const auto &line : lines(run({"--help"}).out))
        if (const QStringList words = line.simplified().split(' '); line.startsWith("  ") && line[2].isLower() && words[0] != "pretext")
            QTest::newRow(qPrintable(words[0])) << words[0];
}

void TestCli::helpSaysEverything()
{
    QFETCH(QString, command);
    const Result result = run(command.isEmpty() ? QStringList{"--help"} : QStringList{command, "--help"});
    QCOMPARE(result.status, 0);
    QCOMPARE(result.error, QString());
    QVERIFY(result.out.contains("Examples:") && result.out.contains("pretext " + command));
}

void TestCli::versionIsOneLine()
{
    const Result result = run({"--version"});
    QCOMPARE(result.status, 0);
    QVERIFY(result.out.startsWith("pretext ") && lines(result.out).size() == 1);
}

void TestCli::devicesSayWhatIsThereAndWhatIsNot()
{
    const auto json = nlohmann::json::parse(run({"devices", "--json"}).out.toStdString());
    const QString table = run({"devices"}).out;
    QVERIFY(table.contains("--device auto takes " + QString::fromStdString(json.at("auto").get<std::string>())));
    for (const auto &device : json.at("devices"))
        QVERIFY(table.contains(QString::fromStdString(device.at(device.at("available") ? "model" : "missing").get<std::string>())));
    QVERIFY(json.at("devices").at(0).at("available").get<bool>());
    QVERIFY(json.at("devices").at(0).at("bytes") > json.at("devices").at(0).at("free_bytes"));
}

void TestCli::listsAreJson_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name : {"methods", "datasets", "encoders"})
        QTest::newRow(name) << name;
}

void TestCli::listsAreJson()
{
    QFETCH(QString, name);
    const Result result = run({name, "--json"});
    QCOMPARE(result.status, 0);
    const auto json = nlohmann::json::parse(result.out.toStdString());
    const auto &list = json.at(name.toStdString());
    QVERIFY(!list.empty());
    const Result table = run({name});
    if (name == "datasets")
        for (const char *text : {"kjv", "poems", "shapes-captions", "operators", ".csv"})
            QVERIFY2(table.out.contains(text), text);
    for (const auto &entry : list) {
        QVERIFY(!entry.at("help").get<std::string>().empty());
        QVERIFY(table.out.contains(QString::fromStdString(entry.at("name").get<std::string>())));
        for (const auto &knob : entry.value("knobs", nlohmann::json::array()))
            for (const char *field : {"name", "symbol", "kind", "default", "acts", "help"})
                QVERIFY2(knob.contains(field), field);
        for (const auto &knob : entry.value("knobs", nlohmann::json::array()))
            if (knob.at("kind") == "integer")
                for (const char *field : {"default", "minimum", "maximum"})
                    QVERIFY2(knob.at(field).is_number_integer(), qPrintable(QString::fromStdString(knob.dump())));
    }
    for (const QString &line : lines(table.out)) // as wide as any terminal; a word or a list of choices is never that long
        QVERIFY2(line.size() <= 80, qPrintable(line));
}

void TestCli::aWrongCommandLineIsStatus2_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("words");
    const QStringList steps{"train", "--steps", "3", "--dataset", "shapes"};
    QTest::newRow("unknown subcommand") << QStringList{"trian"} << QStringList{"trian", "train"};
    QTest::newRow("unknown option") << QStringList{"train", "--stpes", "3"} << QStringList{"--stpes", "--steps"};
    QTest::newRow("unknown method") << steps + QStringList{"--method", "simclar"} << QStringList{"simclar", "simclr"};
    QTest::newRow("unknown encoder") << steps + QStringList{"--encoder", "resnt"} << QStringList{"resnt", "resnet"};
    QTest::newRow("unknown data") << QStringList{"train", "--steps", "3", "--dataset", "shaeps"} << QStringList{"shaeps", "shapes"};
    QTest::newRow("unknown knob") << steps + QStringList{"--set", "temprature=1"} << QStringList{"temprature", "temperature"};
    QTest::newRow("knob of other methods") << steps + QStringList{"--set", "queue.size=64"}
                                           << QStringList{"queue.size is a knob of moco and nnclr; this run's method is simclr"};
    QTest::newRow("nearly a knob of other methods") << steps + QStringList{"--set", "queue=64"}
                                                    << QStringList{"there is no knob \"queue\"; queue.size is a knob of moco and nnclr"};
    QTest::newRow("knob of another encoder") << steps + QStringList{"--set", "encoder.patch=4"}
                                             << QStringList{"encoder.patch", "vit", "this run's encoder is convnet"};
    QTest::newRow("knob of other data") << steps + QStringList{"--set", "tokenizer.vocabulary=64"}
                                        << QStringList{"tokenizer.vocabulary is a knob of text; this run's data are images"};
    QTest::newRow("crops that are no smaller") << steps + QStringList{"--method", "swav", "--set", "small_crops=2", "--set", "small_crops.size=40"}
                                               << QStringList{"small_crops.size is 40", "32 x 32", "choose 1 to 32"};
    QTest::newRow("negative temperature") << steps + QStringList{"--set", "temperature=-0.1"} << QStringList{"temperature", "-0.1", "0.01"};
    QTest::newRow("temperature of zero") << steps + QStringList{"--set", "temperature=0"} << QStringList{"temperature", "0.01"};
    QTest::newRow("no number") << steps + QStringList{"--set", "temperature=warm"} << QStringList{"--set: temperature", "warm"};
    QTest::newRow("knob that is NaN") << steps + QStringList{"--set", "temperature=nan"} << QStringList{"--set: temperature", "nan"};
    QTest::newRow("no value") << steps + QStringList{"--set", "temperature"} << QStringList{"temperature", "KNOB=VALUE"};
    QTest::newRow("steps no number") << QStringList{"train", "--steps", "many"} << QStringList{"--steps", "many"};
    QTest::newRow("nothing behind steps") << QStringList{"train", "--steps=", "--dataset", "shapes"} << QStringList{"--steps '': is empty"};
    QTest::newRow("a switch that is neither") << steps + QStringList{"--set", "crop=perhaps"} << QStringList{"crop", "true or false", "yes, no"};
    QTest::newRow("negative steps") << QStringList{"train", "--steps", "-3"} << QStringList{"steps", "-3"};
    QTest::newRow("no length") << QStringList{"train", "--dataset", "shapes"} << QStringList{"--steps", "--minutes"};
    QTest::newRow("both lengths") << QStringList{"train", "--steps", "3", "--minutes", "1"} << QStringList{"--steps", "--minutes"};
    QTest::newRow("batch of one") << steps + QStringList{"--batch", "1"} << QStringList{"batch", "1"};
    QTest::newRow("batch too large") << steps + QStringList{"--batch", "50001"} << QStringList{"50001", "choose a batch of at most 50000"};
    QTest::newRow("schedule of a new run") << steps + QStringList{"--schedule-on-resume", "hold"} << QStringList{"--schedule-on-resume", "--resume"};
    QTest::newRow("imbalance below one") << steps + QStringList{"--imbalance", "0.5"} << QStringList{"--imbalance", "0.5"};
    QTest::newRow("size of drawn images") << steps + QStringList{"--size", "48"} << QStringList{"--size", "shapes", "32 x 32", "leave it out"};
    QTest::newRow("grey of drawn images") << steps + QStringList{"--grey"} << QStringList{"--grey", "shapes", "leave it out"};
    QTest::newRow("size of a text") << QStringList{"train", "--steps", "3", "--dataset", "operators", "--size", "48"}
                                    << QStringList{"--size", "operators holds texts"};
    QTest::newRow("a knob twice") << steps + QStringList{"--set", "temperature=0.1", "--set", "temperature=0.2"}
                                  << QStringList{"temperature=0.2", "temperature is set twice"};
    QTest::newRow("threads") << steps + QStringList{"--threads", "-1"} << QStringList{"threads", "-1"};
    QTest::newRow("device") << steps + QStringList{"--device", "gpu"} << QStringList{"gpu", "cuda"};
    QTest::newRow("precision of a card") << steps + QStringList{"--precision", "tf32", "--device", "cpu"} << QStringList{"tf32", "cpu"};
    QTest::newRow("precision") << steps + QStringList{"--precision", "f16"} << QStringList{"f16", "f32"};
    const QStringList text{"train", "--steps", "3", "--dataset", "operators"};
    QTest::newRow("shares above one") << text + QStringList{"--set", "mask.hidden=0.95", "--set", "mask.replaced=0.1"}
                                      << QStringList{"mask.hidden is 0.95", "mask.replaced is 0.1", "more than 1"};
    QTest::newRow("heads that do not divide") << text + QStringList{"--set", "encoder.heads=3"} << QStringList{"encoder.heads is 3", "encoder.width", "divide"};
    QTest::newRow("a method of images on text") << text + QStringList{"--method", "simclr"} << QStringList{"simclr", "images", "mlm"};
    QTest::newRow("an encoder of images for text") << text + QStringList{"--encoder", "resnet"} << QStringList{"resnet", "transformer"};
    QTest::newRow("unknown bench row") << QStringList{"bench", "--row", "simclr-61"} << QStringList{"simclr-61", "simclr-16"};
    QTest::newRow("bench precision") << QStringList{"bench", "--precision", "f16"} << QStringList{"--precision f16", "f32"};
    QTest::newRow("no rounds") << QStringList{"bench", "--rounds", "0"} << QStringList{"--rounds 0"};
    QTest::newRow("no config") << QStringList{"train", "--config", "absent.json"} << QStringList{"absent.json"};
    QTest::newRow("resume what") << QStringList{"train", "--resume"} << QStringList{"--out"};
    QTest::newRow("resume otherwise") << QStringList{"train", "--resume", "--out", "run", "--batch", "3"} << QStringList{"--batch"};
}

void TestCli::aWrongCommandLineIsStatus2()
{
    QFETCH(QStringList, arguments);
    QFETCH(QStringList, words);
    verifyOneLine(run(arguments), 2, words);
    QVERIFY(!fs::exists(at("runs"))); // and no run was begun
}

void TestCli::dataThatCannotBeReadIsStatus1_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("bytes"); // none: an empty folder
    const auto row = [](const char *title, const char *name, const std::string &bytes) {
        QTest::newRow(title) << QByteArray(name) << QByteArray(bytes.data(), qsizetype(bytes.size()));
    };
    row("truncated IDX", "train-images-idx3-ubyte", idxImages(100, 40));
    row("IDX of another kind", "train-images-idx3-ubyte", "\0\0\x0d\x07" + std::string(40, 'x'));
    row("empty IDX", "train-images-idx3-ubyte", std::string(1, '\0'));
    row("corrupt gzip", "train-images-idx3-ubyte.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03 no deflate", 22));
    row("truncated CIFAR", "data_batch_1.bin", std::string(3073 * 2 + 17, '\1'));
    row("no data at all", "notes.txt", "a text");
    row("empty folder", "", "");
}

void TestCli::dataThatCannotBeReadIsStatus1()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, bytes);
    const fs::path data = at("data") / name.toStdString();
    fs::create_directories(at("data"));
    if (!name.isEmpty())
        write(data, bytes.toStdString());
    const QString given = QString::fromStdString(name.isEmpty() ? at("data").string() : data.string());
    verifyOneLine(train({"--steps", "2", "--batch", "2", "--dataset", given, "--out", "run"}), 1, {given});
    QVERIFY(!fs::exists(at("run")));
}

void TestCli::aDamagedFileIsStatus1_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what : {"picture", "checkpoint", "init", "config", "config value"})
        QTest::newRow(what) << what;
}

void TestCli::aDamagedFileIsStatus1()
{
    QFETCH(QString, what);
    if (what == "picture") {
        write(at("broken") / "a.png", "\x89PNG\r\n\x1a\n and then nothing of a picture");
        verifyOneLine(train({"--steps", "2", "--dataset", path("broken"), "--out", "run"}), 1, {path("broken"), "a.png"});
        return;
    }
    const QStringList first{"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "run"};
    QCOMPARE(train(first).status, 0);
    const fs::path checkpoint = at("run") / "checkpoints" / "step-00000002.safetensors";
    if (what == "checkpoint") {
        fs::resize_file(checkpoint, fs::file_size(checkpoint) / 2);
        fs::remove(checkpoint.parent_path() / "step-00000000.safetensors"); // else it would be taken instead
        const std::string metrics = textOf(at("run") / "metrics.csv");
        verifyOneLine(run({"train", "--resume", "--out", "run", "--steps", "9"}), 1, {"step-00000002.safetensors"});
        QCOMPARE(textOf(at("run") / "metrics.csv"), metrics);
    } else if (what == "init") {
        write(at("weights.safetensors"), "these are no weights");
        verifyOneLine(train({"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--init", path("weights.safetensors"), "--out", "other"}), 1,
                      {"weights.safetensors"});
    } else {
        write(at("config.json"), what == "config" ? "{\"method\": \"sim" : R"({"knobs": {"temperature": -1}})");
        verifyOneLine(run({"train", "--config", path("config.json"), "--steps", "2"}), 1, {"config.json", what == "config" ? "JSON" : "temperature"});
    }
}

void TestCli::unusualDataTrains_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what : {"one class", "no class", "mixed sizes", "one broken picture"})
        QTest::newRow(what) << what;
}

void TestCli::unusualDataTrains()
{
    QFETCH(QString, what);
    for (int i = 0; i < 24; ++i)
        writePicture(at("data") / (what == "no class" ? "" : "only") / (std::to_string(i) + ".pgm"), what == "mixed sizes" ? 8 + i % 5 : 8, 8, i);
    if (what == "one broken picture")
        write(at("data") / "only" / "broken.png", "\x89PNG\r\n\x1a\n and then nothing of a picture");
    const Result result = train({"--steps", "2", "--batch", "4", "--size", "8", "--dataset", path("data"), "--out", "run"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    QCOMPARE(result.error, QString());
    QCOMPARE(result.out.contains("broken.png"), what == "one broken picture"); // skipped, and said
    QCOMPARE(readMetrics(at("run") / "metrics.csv").rows.size(), size_t(2));
}

void TestCli::datasetsShowsWhatTrainBeginsWith()
{
    const auto recipeIn = [](const Result &result) {
        const QStringList found = lines(result.out).filter(QRegularExpression("^with "));
        return found.size() == 1 ? found.front() : result.out + result.error;
    };
    const Result shown = run({"datasets", path("pictures")});
    QVERIFY2(shown.status == 0 && recipeIn(shown).startsWith("with simclr, convnet, batch "), qPrintable(shown.out + shown.error));
    QVERIFY2(!shown.out.contains("grey=true"), qPrintable(shown.out)); // they are grey, though read as colour
    QCOMPARE(recipeIn(run({"train", "--dataset", path("pictures"), "--steps", "1", "--threads", "1", "--out", "run"})), recipeIn(shown));
    const Result json = run({"datasets", path("pictures"), "--json"});
    const nlohmann::json read = nlohmann::json::parse(json.out.toStdString());
    const auto data = openDataset(at("pictures").string());
    QVERIFY(read["train"] == data->size(Split::train) && read["held_out"] == data->size(Split::test));
    QCOMPARE(read["recipe"]["method"].get<std::string>(), std::string("simclr"));
    QCOMPARE(run({"datasets", path("nowhere")}).status, 2);
    for (int i = 0; i < 300; ++i) // of few images half of a batch, and twice the steps in the same time
        writePicture(at("few") / (std::to_string(i) + ".pgm"), 8, 8, i);
    QVERIFY(recipeIn(run({"datasets", path("few")})).contains("batch 128,"));
    QCOMPARE(recommendedConfig(*openDataset("shapes")).batch, int64_t(256));
}

/// What contradicts the data that it names is not passed over; data that the command line names instead are others.
void TestCli::aConfigThatContradictsItsDataIsRefused()
{
    const std::string pictures = at("pictures").string();
    const auto refusal = [&](const std::string &fields, const QStringList &more = {}) {
        write(at("contradicts.json"), "{" + fields + "}");
        const Result result = run(QStringList{"train", "--config", path("contradicts.json"), "--steps", "1", "--batch", "4", "--out", "never"} + more);
        return result.status == 1 && result.error.contains("contradicts.json: ") && lines(result.error).size() == 1 ? result.error : "accepted";
    };
    const std::string folder = R"("dataset": ")" + pictures + R"(", )";
    const QString image = refusal(folder + R"("size": 8, "image": [28, 28, 1])");
    QVERIFY2(image.contains("image is [28,28,1], but with size 8 and colour true the images of") && image.contains("are [8,8,3]: leave it out"),
             qPrintable(image));
    const QString grey = refusal(folder + R"("size": 8, "image": [8, 8, 3], "colour": false)");
    QVERIFY2(grey.contains("colour false") && grey.contains("are [8,8,1]"), qPrintable(grey));
    const QString shapes = refusal(R"("dataset": "shapes", "image": [28, 28, 1])");
    QVERIFY2(shapes.contains("the images of shapes are [32,32,3], read as they are"), qPrintable(shapes));
    const QString size = refusal(R"("dataset": "shapes", "size": 64)");
    QVERIFY2(size.contains("size is 64, which is for pictures of a folder"), qPrintable(size));
    const QString colour = refusal(R"("dataset": "shapes", "colour": false)");
    QVERIFY2(colour.contains("colour is false, which is for pictures of a folder"), qPrintable(colour));
    QVERIFY(!fs::exists(at("never")));

    write(at("others.json"), R"({"dataset": "shapes", "size": 8, "image": [32, 32, 3], "knobs": {"encoder.width": 8}})");
    const Result others = run({"train", "--config", path("others.json"), "--dataset", path("pictures"), "--steps", "1", "--batch", "4", "--out", "others"});
    QVERIFY2(others.status == 0, qPrintable(others.error));
    QCOMPARE(loadConfig(at("others") / "config.json").image, (ImageShape{8, 8, 3}));
}

void TestCli::aConfigLeavesTheRestToTheRecipe()
{
    write(at("some.json"), R"({"dataset": ")" + at("pictures").string() + R"(", "size": 8, "batch": 4, "seed": 7, "knobs": {"encoder.width": 8}})");
    const Result result = run({"train", "--config", path("some.json"), "--steps", "1", "--threads", "1", "--set", "flip=false", "--out", "run"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    const QString leaves = result.out.section('\n', 0, 0);
    QVERIFY2(leaves.contains("some.json leaves to simclr's recipe for") && leaves.contains("encoder, ") && leaves.contains("learning_rate"),
             qPrintable(leaves));
    for (const char *said : {"batch", "encoder.width", "flip"})
        QVERIFY2(!leaves.contains(said), qPrintable(leaves));
    const RunConfig config = loadConfig(at("run") / "config.json");
    const auto data = openDataset(at("pictures").string(), {.size = 8});
    const RunConfig recipe = recommendedConfig(*data);
    QCOMPARE(config.encoder, recipe.encoder);
    QCOMPARE(config.knobs.real("learning_rate"), recipe.knobs.real("learning_rate"));
    QCOMPARE(config.knobs.integer("encoder.width"), 8);
    QCOMPARE(config.seed, uint64_t(7));

    const Result again = run({"train", "--config", path("run/config.json"), "--steps", "1", "--out", "again"}); // a run's own says everything
    QVERIFY2(again.status == 0, qPrintable(again.error));
    QVERIFY(!again.out.contains("recipe"));
    QVERIFY(loadConfig(at("again") / "config.json").knobs == config.knobs);

    write(at("text.json"), R"({"dataset": ")" + at("text.txt").string() + R"("})"); // method and encoder are of the data's kind
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "line " + std::to_string(i * i) + " of a small text\n";
    write(at("text.txt"), text);
    const Result ofText = run({"train", "--config", path("text.json"), "--steps", "1", "--batch", "8", "--set", "encoder.width=16", "--out", "text"});
    QVERIFY2(ofText.status == 0, qPrintable(ofText.error));
    QCOMPARE(loadConfig(at("text") / "config.json").method, std::string("mlm"));
}

void TestCli::aFolderThatCannotBeWrittenIsStatus1()
{
    write(at("file"), "precious");
    verifyOneLine(train({"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--out", path("file")}), 2, {path("file")});
    verifyOneLine(train({"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--out", path("file/run")}), 1, {path("file/run")});
    QCOMPARE(textOf(at("file")), std::string("precious"));
}

void TestCli::aFolderThatIsReadOnlyIsStatus1()
{
    if (geteuid() == 0)
        QSKIP("root may write everywhere; run as another user to test this");
    fs::create_directories(at("closed"));
    fs::permissions(at("closed"), fs::perms::owner_read | fs::perms::owner_exec);
    verifyOneLine(train({"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--out", path("closed/run")}), 1, {path("closed/run")});
    fs::permissions(at("closed"), fs::perms::owner_all);
}

void TestCli::aFullDiskIsStatus1_data()
{
    QTest::addColumn<int>("blocks"); // of 1024 bytes, the largest a file may grow: it stands for a disk that is full
    QTest::newRow("from the start") << 0;
    QTest::newRow("at the first checkpoint") << 8;
}

void TestCli::aFullDiskIsStatus1()
{
    QFETCH(int, blocks);
    const Result result = run(QStringList{"train"} + kSmall + QStringList{"--steps", "5", "--batch", "4", "--dataset", path("pictures"), "--out", path("run")},
                              QString("trap '' XFSZ; ulimit -f %1;").arg(blocks));
    verifyOneLine(result, 1, {path("run")});
    for (const auto &entry : fs::recursive_directory_iterator(at("run")))
        QVERIFY2(entry.path().extension() != ".safetensors", entry.path().c_str()); // whole or not at all
}

void TestCli::aRunIsNotOverwritten()
{
    write(at("run") / "metrics.csv", "precious");
    verifyOneLine(train({"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--out", path("run")}), 2, {path("run"), "not empty"});
    QCOMPARE(textOf(at("run") / "metrics.csv"), std::string("precious"));
    QCOMPARE(std::distance(fs::directory_iterator(at("run")), {}), ptrdiff_t(1));
}

void TestCli::aRunResumesAndEnds()
{
    QCOMPARE(train({"--steps", "3", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--set", "temperature=0.2", "--out", "run"}).status, 0);
    verifyOneLine(run({"train", "--resume", "--out", "run"}), 2, {"3 of 3", "--steps"});
    verifyOneLine(run({"train", "--resume", "--out", "run", "--steps", "6", "--set", "projector.width=16"}), 2, {"projector.width"});
    const Result more = run({"train", "--resume", "--out", "run", "--steps", "6", "--set", "temperature=0.5"});
    QVERIFY2(more.status == 0, qPrintable(more.error));
    QCOMPARE(readMetrics(at("run") / "metrics.csv").rows.size(), size_t(6));
    bool changed = false;
    for (const Event &event : readEvents(at("run") / "events.jsonl"))
        changed |= event.kind == "knob" && event.name == "temperature" && event.step == 4 && event.before == "0.2" && event.after == "0.5";
    QVERIFY(changed);
}

/// What a resume says of the steps to come reckons with the knobs that it sets.
void TestCli::aResumeSpeaksOfTheRateThatIsSet()
{
    QCOMPARE(train({"--steps", "4", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "run"}).status, 0);
    RunConfig config = loadConfig(at("run") / "config.json");
    const std::string asBegun = lengtheningText(config, 4, 40, ScheduleChange::rewarm);
    config.knobs.set("learning_rate", 0.05);
    const std::string asSet = lengtheningText(config, 4, 40, ScheduleChange::rewarm);
    QVERIFY(asBegun != asSet);
    const Result more = run({"train", "--resume", "--out", "run", "--steps", "40", "--schedule-on-resume", "rewarm", "--set", "learning_rate=0.05"});
    QVERIFY2(more.status == 0, qPrintable(more.error));
    QVERIFY2(more.out.contains(QString::fromStdString(asSet)), qPrintable(more.out));
    QVERIFY2(more.out.contains(", learning_rate=0.05"), qPrintable(more.out)); // among the knobs, too
    for (const Event &event : readEvents(at("run") / "events.jsonl"))
        QVERIFY(event.kind != "schedule" || event.message == asSet);
}

/// A few on the screen, and all in the run's folder.
void TestCli::everyFileLeftOutIsNamed()
{
    for (int i = 0; i < 30; ++i)
        write(at("pictures") / "odd" / ("broken" + std::to_string(100 + i) + ".png"), "no picture");
    const Result result = train({"--steps", "1", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "run"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    QVERIFY2(result.out.contains("; 30 left out") && result.out.contains("and 10 more; run/left-out.txt names all"), qPrintable(result.out));
    const QStringList all = lines(QString::fromStdString(textOf(at("run") / "left-out.txt")));
    QCOMPARE(all.size(), 30);
    for (int i = 0; i < 30; ++i)
        QVERIFY2(all[i].startsWith(QString("odd/broken%1.png: ").arg(100 + i)), qPrintable(all[i]));
    fs::remove_all(at("pictures") / "odd");
    QCOMPARE(train({"--steps", "1", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "whole"}).status, 0);
    QVERIFY(!fs::exists(at("whole") / "left-out.txt"));
}

void TestCli::aRunSettlesOnAPrecision()
{
    const auto trained = [&](const char *precision) { // what config.json says then, and the losses
        const QString run = QString("in-") + precision;
        const Result result = this->run({"train", "--dataset", "operators", "--batch", "4", "--steps", "2", "--precision", precision, "--out", run});
        if (result.status != 0)
            return std::pair(result.error.toStdString(), std::vector<std::string>());
        std::ifstream config(at((run + "/config.json").toStdString())), metrics(at((run + "/metrics.csv").toStdString()));
        std::vector<std::string> losses;
        for (std::string line, cell; std::getline(metrics, line);) {
            std::istringstream cells(line);
            for (int i = 0; i < 3; ++i) // step, seconds, loss/total
                std::getline(cells, cell, ',');
            losses.push_back(cell);
        }
        return std::pair(nlohmann::json::parse(config).at("precision").get<std::string>(), losses);
    };
    const auto f32 = trained("f32"), bf16 = trained("bf16"), settled = trained("auto");
    QCOMPARE(f32.first, std::string("f32"));
    QCOMPARE(bf16.first, std::string("bf16"));
    QCOMPARE(f32.second.size(), size_t(3));
    QVERIFY(f32.second != bf16.second);
    QVERIFY(settled == f32 || settled == bf16);
}

void TestCli::aProfileSaysWhereTheTimeWent()
{
    const QStringList short_{"--steps", "3", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "run"};
    const Result result = train(short_ + QStringList{"--profile"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    for (const char *word : {"phase", "forward", "linearBackwardWeight", "optimizer", "GFLOP/s", "run/trace-step-00000000.json, of 3 steps"})
        QVERIFY2(result.out.contains(word), qPrintable(result.out));
    QVERIFY(nlohmann::json::parse(textOf(at("run") / "trace-step-00000000.json")).at("traceEvents").size() > 30);
}

void TestCli::benchTimesARow()
{
    const Result list = run({"bench", "--list"}), table = run({"bench", "--row", "attention-64", "--rounds", "1", "--against", "none"});
    QVERIFY(list.out.contains("simclr-32") && list.out.contains("attention-64"));
    QVERIFY2(table.status == 0, qPrintable(table.error));
    QVERIFY(table.out.contains("attention-64") && table.out.contains("without PyTorch"));
    const Result other = run({"bench", "--row", "attention-64", "--rounds", "1", "--against", "echo no torch >&2; false", "--json"});
    QVERIFY2(other.status == 0, qPrintable(other.error));
    const auto json = nlohmann::json::parse(other.out.toStdString());
    QVERIFY(json.at("peak_gflops") > 0 && json.at("rows").at(0).at("pretext").at("ms") > 0);
    QVERIFY(other.error.contains("no torch"));
    verifyOneLine(run({"bench", "--ui"}), 1, {"display", "xvfb-run"});
}

void TestCli::withoutADisplayTheWindowSaysSo()
{
    verifyOneLine(run({path("pictures")}), 1, {"there is no display (DISPLAY is not set)", "pretext --help"});
    verifyOneLine(run({"--json"}), 2, {"json"});
}

void TestCli::interruptedItCanBeResumed()
{
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    process.start(PRETEXT_BINARY, QStringList{"train"} + kSmall
                                      + QStringList{"--steps", "1000000", "--batch", "4", "--dataset", path("pictures"), "--size", "8", "--out", "run"});
    QVERIFY(QTest::qWaitFor([&] { return fs::exists(at("run") / "metrics.csv") && textOf(at("run") / "metrics.csv").size() > 1000; }, 60000));
    for (int sent = 0; sent < 2; ++sent) // timeout(1) sends two
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60000));
    QVERIFY(process.exitStatus() == QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(process.readAllStandardOutput().contains("pretext train --resume --out run"));
    const auto rows = readMetrics(at("run") / "metrics.csv").rows;
    {
        const RunFolder resumed = RunFolder::resume(at("run"), int64_t(rows.size())); // nobody else writes it meanwhile
        QCOMPARE(resumed.checkpoints().back().filename(), resumed.checkpointPath(int64_t(rows.size())).filename());
    }
    QCOMPARE(run({"train", "--resume", "--out", "run", "--steps", QString::number(rows.size() + 3)}).status, 0);
    QCOMPARE(readMetrics(at("run") / "metrics.csv").rows.size(), rows.size() + 3);
}

void TestCli::whatAnEvaluationKnewIsKept_data()
{
    QTest::addColumn<bool>("json");
    QTest::newRow("table") << false;
    QTest::newRow("JSON") << true;
}

void TestCli::whatAnEvaluationKnewIsKept()
{
    QFETCH(bool, json);
    for (int i = 0; i < 300; ++i)
        writePicture(at("many") / std::to_string(i % 3) / (std::to_string(i) + ".pgm"), 16, 16, i);
    QCOMPARE(run(QStringList{"train"} + kSmall + QStringList{"--steps", "1", "--batch", "4", "--dataset", path("many"), "--size", "48", "--out", "run"}).status,
             0);
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_CACHE_HOME", path("cache")); // where no baselines of these pictures are kept yet
    process.setProcessEnvironment(environment);
    process.start(PRETEXT_BINARY, QStringList{"evaluate", "run"} + (json ? QStringList{"--json"} : QStringList()));
    QByteArray said; // of the encoder's own row standard error hears, too
    QVERIFY(QTest::qWaitFor([&] { return (said += process.readAllStandardError()).contains("untrained"); }, 60000));
    ::kill(static_cast<pid_t>(process.processId()), SIGTERM); // PCA of 6912 pixels is yet to come
    QVERIFY(process.waitForFinished(60000));
    QVERIFY(process.exitStatus() == QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 1); // a part is not the whole
    const QByteArray out = process.readAllStandardOutput();
    QVERIFY2(out.contains("Cancelled") && !out.contains("raw pixels"), out.constData());
    if (!json) {
        QVERIFY2(out.contains("\nencoder ") && out.indexOf("alignment") < out.indexOf("\nencoder "), out.constData());
        return;
    }
    const nlohmann::json found = nlohmann::json::parse(out.toStdString());
    QCOMPARE(found.at("complete"), false);
    QCOMPARE(found.at("rows").at(0).at("features"), "encoder");
    QVERIFY(found.at("neighbours").at("k") > 10 && found.at("neighbours").at("bank") > 200);
}

/// Of many samples: it is there before all of them have been through the encoder.
void TestCli::aFirstLookIsAllThatAStoppedEvaluationNeeds()
{
    QFETCH(bool, json);
    constexpr uint32_t kTrain = 30000, kTest = 3001;
    const auto images = [](uint32_t count) {
        std::string pixels(count * 64, '\0');
        for (size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = char((i * 7 + i / 64 % 2 * 90 + i / 640) % 251);
        return bigEndian(0x803) + bigEndian(count) + bigEndian(8) + bigEndian(8) + pixels;
    };
    const auto labels = [](uint32_t count) {
        std::string text = bigEndian(0x801) + bigEndian(count);
        for (uint32_t i = 0; i < count; ++i)
            text.push_back(char(i % 2));
        return text;
    };
    write(at("many/train-images-idx3-ubyte"), images(kTrain));
    write(at("many/train-labels-idx1-ubyte"), labels(kTrain));
    write(at("many/t10k-images-idx3-ubyte"), images(kTest));
    write(at("many/t10k-labels-idx1-ubyte"), labels(kTest));
    const QStringList small{"--steps", "1", "--batch", "4", "--encoder", "resnet", "--set", "encoder.width=8", "--dataset", path("many"), "--out", "run"};
    const Result trained = run(QStringList{"train"} + small);
    QVERIFY2(trained.status == 0, qPrintable(trained.error));
    QProcess process;
    process.setWorkingDirectory(m_folder->path());
    process.start(PRETEXT_BINARY, QStringList{"evaluate", "run", "--threads", "1"} + (json ? QStringList{"--json"} : QStringList()));
    QByteArray said;
    QVERIFY(QTest::qWaitFor([&] { return (said += process.readAllStandardError()).contains("a first look, by 12000 training samples:"); }, 60000));
    ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitCode(), 1);
    const QByteArray out = process.readAllStandardOutput();
    if (!json) {
        QVERIFY2(out.contains("\nencoder, a first look  ") && out.contains("Cancelled") && out.contains("stands until all of them are judged"),
                 out.constData());
        QCOMPARE(out.count("alignment"), 1);
        return;
    }
    const auto document = nlohmann::json::parse(out.toStdString());
    QCOMPARE(document.at("complete"), false);
    QCOMPARE(document.at("first_look"), 12000);
    QCOMPARE(document.at("rows").size(), size_t(1));
    QCOMPARE(document.at("rows").at(0).at("features"), "encoder");
    QCOMPARE(document.at("rows").at(0).at("first_look"), 12000);
    QVERIFY(document.at("rows").at(0).at("knn") >= 0.0 && document.at("rows").at(0).at("probe") >= 0.0);
}

/// What was named and does not go together is the command line's, whichever command says it; what has become of a run's own data is not.
void TestCli::dataOfAnotherKindAreStatus2()
{
    std::string corpus;
    for (int i = 0; i < 200; ++i)
        corpus += "the cat " + std::to_string(i) + " sat on the mat\n";
    write(at("corpus.txt"), corpus);
    const QStringList pictures{"--dataset", path("pictures")}, text{"--dataset", path("corpus.txt")};
    const auto begin = [&](const QString &out, const QStringList &more) {
        return run(QStringList{"train", "--steps", "1", "--batch", "4", "--threads", "1", "--out", out} + more).status;
    };
    QCOMPARE(begin("images", pictures + QStringList{"--size", "8"} + kSmall.first(4) + QStringList{"--encoder", "mlp"}), 0);
    verifyOneLine(run(QStringList{"train", "--steps", "1", "--method", "mlm", "--out", "x"} + pictures), 2, {"mlm", "images"});
    verifyOneLine(run(QStringList{"train", "--steps", "1", "--method", "byol", "--out", "x"} + text), 2, {"byol", "text"});
    verifyOneLine(run(QStringList{"train", "--steps", "1", "--method", "next-frame", "--out", "x"} + pictures), 2, {"next-frame", "clip"});
    verifyOneLine(run(QStringList{"train", "--resume", "--out", "images", "--steps", "3"} + text), 2, {"--dataset", "holds text", "images"});
    for (const QStringList &command : {QStringList{"evaluate", "images"}, QStringList{"embed", "images", "--out", "z.npy"},
                                       QStringList{"export", "images", "--format", "onnx", "--out", "e.onnx"}}) {
        verifyOneLine(run(command + text), 2, {"--dataset", "holds text", "images"});
        verifyOneLine(run(command + QStringList{"--dataset", "shapes"}), 2, {"--dataset", "32 x 32 x 3", "8 x 8"});
    }
    fs::create_directories(at("plain"));
    for (int i = 0; i < 12; ++i)
        writePicture(at("plain") / (std::to_string(i) + ".pgm"), 8, 8, i);
    verifyOneLine(run({"evaluate", "images", "--dataset", path("plain"), "--supervised"}), 2, {"--supervised", "has none"});
    fs::remove_all(at("pictures"));
    verifyOneLine(run({"evaluate", "images"}), 1, {"pictures", "gone"});
}

void TestCli::initNamesWhatDoesNotFit()
{
    const QStringList data{"--steps", "2", "--batch", "4", "--dataset", path("pictures"), "--size", "8"};
    QCOMPARE(train(data + QStringList{"--out", "first"}).status, 0);
    const Result other = run(
        QStringList{"train", "--encoder", "mlp", "--set", "encoder.width=8", "--set", "projector.width=12", "--init", path("first"), "--out", "second"} + data);
    QVERIFY2(other.status == 0, qPrintable(other.error));
    QVERIFY2(other.out.contains("projector.linear0.weight: is [12"), qPrintable(other.out));
    QVERIFY2(!other.out.contains(QRegularExpression("encoder\\.\\S*: is ")), qPrintable(other.out));
}

/// Sentences enough for a split, of few words.
std::string sentences(int count)
{
    const char *who[] = {"the king", "a shepherd", "the prophet", "an angel"}, *what[] = {"went up to", "looked upon", "spoke against", "blessed"},
               *where[] = {"the mountain", "a city", "the waters", "the land"};
    std::string text;
    for (int i = 0; i < count; ++i)
        text += std::string(who[i % 4]) + " " + what[i / 4 % 4] + " " + where[i / 16 % 4] + " and it was day " + std::to_string(i) + " .\n";
    return text;
}

Result TestCli::trainText(const QStringList &arguments)
{
    return run(QStringList{"train", "--threads", "1", "--batch", "4", "--set", "encoder.width=16", "--set", "encoder.layers=1", "--set", "encoder.heads=2",
                           "--set", "encoder.context=32"}
               + arguments);
}

void TestCli::badTextIsOneLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QStringList>("words");
    const QByteArray good = QByteArray::fromStdString(sentences(64));
    const QStringList none;
    QTest::newRow("empty file") << QByteArray() << none << 1 << QStringList{"corpus.txt", "empty"};
    QTest::newRow("one line") << QByteArray("In the beginning.\n") << none << 1 << QStringList{"corpus.txt"};
    QTest::newRow("white space") << QByteArray("\n \n\t\n") << none << 1 << QStringList{"corpus.txt"};
    QTest::newRow("invalid UTF-8") << QByteArray("one\ntwo \xff\nthree\n") << none << 1 << QStringList{"corpus.txt", "UTF-8", "8"};
    QTest::newRow("a NUL") << QByteArray("one\ntwo\0three\n", 14) << none << 1 << QStringList{"corpus.txt", "byte 7 (line 2)", "NUL", "binary"};
    QTest::newRow("UTF-16") << QByteArray("o\0n\0e\0\n\0t\0w\0o\0\n\0", 16) << none << 1
                            << QStringList{"corpus.txt", "iconv -f UTF-16LE -t UTF-8", "corpus.utf8.txt"};
    QTest::newRow("vocabulary too large") << good << QStringList{"--set", "tokenizer=unigram", "--set", "tokenizer.vocabulary=60000"} << 1
                                          << QStringList{"60000", "larger than the text supports", "at most"};
    QTest::newRow("vocabulary too small") << good << QStringList{"--set", "tokenizer=bpe", "--set", "tokenizer.vocabulary=16"} << 1
                                          << QStringList{"16", "smaller than", "at least"};
    QTest::newRow("mask ratio 0") << good << QStringList{"--set", "mask.ratio=0"} << 2 << QStringList{"mask.ratio", "0.01"};
    QTest::newRow("mask ratio 1") << good << QStringList{"--set", "mask.ratio=1"} << 2 << QStringList{"mask.ratio", "0.9"};
    QTest::newRow("heads and blocks") << good << QStringList{"--set", "encoder.heads=3"} << 2 << QStringList{"encoder.heads=3", "twice"};
    QTest::newRow("unknown noise") << good << QStringList{"--method", "denoise", "--set", "noise=smoke"} << 2 << QStringList{"smoke", "sentinels"};
}

void TestCli::badTextIsOneLine()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QStringList, words);
    write(at("corpus.txt"), text.toStdString());
    verifyOneLine(trainText(QStringList{"--steps", "2", "--dataset", path("corpus.txt"), "--out", "run"} + arguments), status, words);
    QVERIFY(!fs::exists(at("run") / "checkpoints") || fs::is_empty(at("run") / "checkpoints"));
}

void TestCli::oddTextsTrain_data()
{
    QTest::addColumn<QStringList>("parts");
    QTest::newRow("punctuation") << QStringList{"...", "?!", ",;:", "(-)"};
    QTest::newRow("emoji") << QStringList{"👩‍🚀", "🇩🇪😀", "😀", "❤️"};
    QTest::newRow("right to left") << QStringList{"שלום", "עולם", "مرحبا", "بالعالم"};
    QTest::newRow("all alike") << QStringList{"the same line"};
}

/// What trains is judged and leaves as a folder, whatever its letters are.
void TestCli::oddTextsTrain()
{
    QFETCH(QStringList, parts);
    QString text;
    for (int i = 0; i < 80; ++i)
        text += parts[i % parts.size()] + ' ' + parts[i / 2 % parts.size()] + ' ' + parts[i / 3 % parts.size()] + '\n';
    write(at("corpus.txt"), text.toStdString());
    QCOMPARE(trainText({"--steps", "2", "--dataset", path("corpus.txt"), "--out", "run"}).status, 0);
    const Result judged = run({"evaluate", "run", "--finetune-steps", "0", "--json"});
    QVERIFY2(judged.status == 0, qPrintable(judged.error));
    QVERIFY(!judged.out.contains("NaN") && !judged.out.contains("null"));
    QCOMPARE(run({"export", "run", "--format", "huggingface", "--out", "models/odd"}).status, 0);
}

void TestCli::aLineOfAMegabyteTrains()
{
    std::string line = sentences(25000);
    std::replace(line.begin(), line.end(), '\n', ' ');
    QVERIFY(line.size() > 1000000);
    write(at("corpus.txt"), line);
    const Result result = trainText({"--steps", "2", "--dataset", path("corpus.txt"), "--out", "run"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    QCOMPARE(readMetrics(at("run") / "metrics.csv").rows.size(), size_t(2));
}

void TestCli::runsAreJudgedAsOneEncoder()
{
    for (int i = 0; i < 60; ++i)
        writePicture(at("pictures") / (i % 2 ? "a" : "b") / (std::to_string(i) + ".pgm"), 16, 16, i);
    const auto train = [&](const QString &out, const QStringList &more) {
        return run(QStringList{"train", "--dataset", path("pictures"), "--size", "8", "--steps", "2", "--batch", "8", "--encoder", "mlp", "--set",
                               "encoder.width=16", "--out", out}
                   + more)
            .status;
    };
    QCOMPARE(train("one", {"--set", "encoder.dimension=8"}), 0);
    QCOMPARE(train("two", {"--set", "encoder.dimension=8", "--method", "byol"}), 0);
    QCOMPARE(train("wide", {"--set", "encoder.dimension=12", "--method", "rotation"}), 0);
    verifyOneLine(run({"evaluate", "one", "two"}), 2, {"--ensemble average", "concatenate"});
    verifyOneLine(run({"evaluate", "one", "--ensemble", "average"}), 2, {"at least two runs"});
    verifyOneLine(run({"evaluate", "one", "wide", "--ensemble", "average"}), 2, {"one have 8", "wide 12", "concatenate"});
    const Result judged = run({"evaluate", "one", "two", "wide", "--ensemble", "concatenate", "--json", "--no-baselines"});
    QVERIFY2(judged.status == 0, qPrintable(judged.error));
    const auto json = nlohmann::json::parse(judged.out.toStdString());
    QCOMPARE(json.at("ensemble"), "concatenate");
    QCOMPARE(json.at("runs").size(), size_t(3));
    QCOMPARE(json.at("runs").at(1).at("method"), "byol");
    QCOMPARE(json.at("rows").at(0).at("features"), "ensemble");
    QCOMPARE(json.at("rows").at(0).at("dimension"), 28);
    const Result embedded = run({"embed", "one", "two", "--ensemble", "average", "--limit", "5", "--out", "z.npy"});
    QVERIFY2(embedded.status == 0 && embedded.out.contains("5 x 8") && embedded.out.contains("two/checkpoints"), qPrintable(embedded.out + embedded.error));
}

void TestCli::theSameEncoderIsSupervised()
{
    for (int i = 0; i < 60; ++i)
        writePicture(at("labelled") / (i % 2 ? "a" : "b") / (std::to_string(i) + ".pgm"), 16, 16, i);
    const QStringList small{"--dataset", path("labelled"), "--size", "8", "--steps", "2", "--batch", "8", "--encoder", "mlp", "--set", "encoder.width=16"};
    QCOMPARE(run(QStringList{"train", "--out", "run"} + small).status, 0);
    const QStringList supervised{"evaluate", "run", "--supervised", "--supervised-steps", "3", "--no-baselines"};
    const Result first = run(supervised), second = run(supervised);
    QVERIFY2(first.status == 0 && first.out.contains("\nsupervised baseline ") && first.out.contains("3 steps of 8."), qPrintable(first.out + first.error));
    QVERIFY2(second.out.contains("kept from an earlier evaluation"), qPrintable(second.out));
    verifyOneLine(run({"evaluate", "run", "--supervised-steps", "3"}), 2, {"--supervised"});
    // As a method of its own it goes on, and its checkpoint says how many classes there are.
    QCOMPARE(run(QStringList{"train", "--method", "supervised", "--out", "labels"} + small).status, 0);
    QCOMPARE(run({"train", "--resume", "--out", "labels", "--steps", "4"}).status, 0);
    QCOMPARE(nlohmann::json::parse(std::ifstream(at("labels") / "config.json")).at("classes"), 2);
    // Weights of another method: the encoder is that run's unless another is asked for, and all of it fits.
    const Result begun = run(
        {"train", "--dataset", path("labelled"), "--size", "8", "--steps", "1", "--batch", "8", "--method", "supervised", "--init", "run", "--out", "begun"});
    QVERIFY2(begun.status == 0 && begun.out.contains("as that of run: encoder.width 16"), qPrintable(begun.out + begun.error));
    QVERIFY2(begun.out.contains("classes.weight: missing") && !begun.out.contains(QRegularExpression("encoder\\.\\S*: ")), qPrintable(begun.out));
}

void TestCli::textIsEvaluatedEmbeddedAndExported()
{
    for (int i = 0; i < 40; ++i) // whole files are held out
        write(at("corpus") / (i % 2 ? "day" : "night") / (std::to_string(i) + ".txt"), sentences(4));
    QCOMPARE(trainText({"--steps", "3", "--dataset", path("corpus"), "--method", "simcse", "--out", "run"}).status, 0);
    const Result scores = run({"evaluate", "run", "--json", "--finetune-steps", "2"});
    QVERIFY2(scores.status == 0, qPrintable(scores.error));
    const auto json = nlohmann::json::parse(scores.out.toStdString());
    QCOMPARE(json.at("rows").size(), size_t(4)); // encoder, untrained, TF-IDF, supervised
    QCOMPARE(json.at("finetuning").at(0).at("accuracy").at(3).at("labels_per_class"), "all");
    QVERIFY(!json.contains("tokens") && json.contains("alignment"));
    QCOMPARE(json.at("checkpoint"), "run/checkpoints/step-00000003.safetensors");
    QCOMPARE(json.at("step"), 3);
    const QString taken = "run/checkpoints/step-00000003.safetensors, simcse at step 3\n";
    const Result table = run({"evaluate", "run", "--finetune-steps", "2"});
    QVERIFY2(table.out.contains("TF-IDF") && table.out.contains("labels per class") && table.out.contains("alignment"), qPrintable(table.out));
    QVERIFY2(table.out.startsWith(taken), qPrintable(table.out));
    QVERIFY(!run({"evaluate", "run", "--no-baselines"}).out.contains("TF-IDF"));

    const Result embedded = run({"embed", "run", "--split", "train", "--limit", "10", "--out", "z.npy"});
    QVERIFY2(embedded.status == 0 && embedded.out.contains("10 x 16"), qPrintable(embedded.out + embedded.error));
    QVERIFY2(embedded.out.startsWith(taken), qPrintable(embedded.out));
    QVERIFY(fs::exists(at("z.labels.npy")));
    for (const char *format : {"onnx", "safetensors", "tsv", "huggingface"}) {
        const Result exported = run({"export", "run", "--format", format, "--out", format});
        QVERIFY2(exported.status == 0 && exported.out.contains("largest difference"), qPrintable(exported.out + exported.error));
        QVERIFY2(exported.out.startsWith(taken), qPrintable(exported.out));
        QVERIFY(fs::exists(at(format)));
    }
    verifyOneLine(run({"export", "run", "--format", "huggingface", "--out", "huggingface"}), 2, {"huggingface", "already"});
    verifyOneLine(run({"export", "run", "--format", "onnx", "--with-projector", "--out", "other"}), 2, {"--with-projector"});
    verifyOneLine(run({"evaluate", "run", "--prompt", "the king"}), 2, {"simcse", "mlm"});
    verifyOneLine(run({"embed", "run", "--dataset", path("pictures"), "--out", "w.npy"}), 2, {"pictures", "text"});
}

void TestCli::promptsAreAnswered()
{
    write(at("corpus.txt"), sentences(100));
    QCOMPARE(trainText({"--steps", "3", "--dataset", path("corpus.txt"), "--out", "mlm"}).status, 0);
    const Result filled = run({"evaluate", "mlm", "--prompt", "the [MASK] went up", "--prompt", "[MASK] [MASK]", "--json"});
    QVERIFY2(filled.status == 0, qPrintable(filled.error));
    const auto json = nlohmann::json::parse(filled.out.toStdString());
    QCOMPARE(json.at("answers").at(0).at("masks").at(0).size(), size_t(5));
    QCOMPARE(json.at("answers").at(1).at("masks").size(), size_t(2));
    QCOMPARE(json.at("checkpoint"), "mlm/checkpoints/step-00000003.safetensors");
    const QString table = run({"evaluate", "mlm", "--prompt", "the [MASK]"}).out;
    QVERIFY2(table.startsWith("mlm/checkpoints/step-00000003.safetensors, mlm at step 3\nthe [MASK]\n"), qPrintable(table));
    verifyOneLine(run({"evaluate", "mlm", "--prompt", "the king"}), 2, {"the king", "[MASK]"});
    verifyOneLine(run({"evaluate", "mlm", "--prompt", QString("the ").repeated(31) + "[MASK]"}), 2, {"32 tokens", "30"});

    QCOMPARE(trainText({"--steps", "3", "--method", "clm", "--dataset", path("corpus.txt"), "--out", "clm"}).status, 0);
    const Result continued = run({"evaluate", "clm", "--prompt", "the king", "--json"});
    QVERIFY2(continued.status == 0, qPrintable(continued.error));
    QVERIFY(nlohmann::json::parse(continued.out.toStdString()).at("answers").at(0).contains("continuation"));
    verifyOneLine(run({"export", "clm", "--format", "pickle", "--out", "x"}), 2, {"pickle", "huggingface"});
}

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
