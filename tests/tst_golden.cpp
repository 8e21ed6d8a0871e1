// Every fixture of tests/golden/fixtures, or of $PRETEXT_GOLDEN_DIR, against what PyTorch computed in float64; and every entry of the
// backend's table against the list of fixtures that reach it.
#include "core/system/threads.h"
#include "tests/golden/goldentransformer.h"
#include "tests/golden/goldenvit.h"
#include "tests/testdevice.h"

#include <QTemporaryDir>
#include <QTest>

#include <cstdio>

using namespace pretext;
using namespace golden;

namespace {

const std::filesystem::path kCommitted = PRETEXT_SOURCE_DIR "/tests/golden/fixtures";

/// An entry of operations.def, the operation of a fixture that reaches it, and the tensor of that fixture that comes out of it.
struct Coverage
{
    std::string entry, operation, tensor;
};

const std::vector<Coverage> kCoverage = {
    {"fill", "fill", "output.y"},
    {"copy", "copy", "output.y"},
    {"binary", "divide", "output.y"},
    {"reduce", "mean", "output.y"},
    {"reduceBackward", "max", "grad.x"},
    {"lerp", "lerp", "output.y"},
    {"meanRows", "meanRows", "output.y"},
    {"meanRowsBackward", "meanRows", "grad.x"},
    {"scale", "scale", "output.y"},
    {"linear", "linear", "output.y"},
    {"linearBackwardWeight", "linear", "grad.bias"},
    {"sumSquares", "sumSquares", "output.y"},
    {"matmul", "matmul", "output.y"},
    {"slice", "slice", "output.y"},
    {"place", "concat", "output.y"},
    {"swapAxes", "swapAxes", "output.y"},
    {"conv2d", "conv2d", "output.y"},
    {"conv2dBackwardData", "conv2d", "grad.x"},
    {"conv2dBackwardWeight", "conv2d", "grad.weight"},
    {"batchNorm", "batchNorm", "output.y"},
    {"batchNormAgain", "batchNorm", "output.y"},
    {"batchNormBackward", "batchNorm", "grad.residual"},
    {"layerNorm", "layerNorm", "output.y"},
    {"layerNormBackward", "layerNorm", "grad.x"},
    {"maxPool", "maxPool", "output.y"},
    {"maxPoolBackward", "maxPool", "grad.x"},
    {"avgPool", "avgPool", "output.y"},
    {"avgPoolBackward", "avgPool", "grad.x"},
    {"unary", "activation", "output.y"},
    {"unaryBackward", "activation", "grad.x"},
    {"softmax", "softmax", "output.y"},
    {"softmaxBackward", "softmax", "grad.x"},
    {"normalize", "normalize", "output.y"},
    {"normalizeBackward", "normalize", "grad.x"},
    {"crossEntropy", "crossEntropy", "output.y"},
    {"crossEntropyBackward", "crossEntropy", "grad.logits"},
    {"meanSquaredError", "meanSquaredError", "output.y"},
    {"meanSquaredErrorBackward", "meanSquaredError", "grad.x"},
    {"ntXent", "ntXent", "output.y"},
    {"ntXentBackward", "ntXent", "grad.z"},
    {"gatherRows", "embedding", "output.y"},
    {"scatterRows", "embedding", "grad.table"},
    {"addPositions", "addPositions", "output.y"},
    {"addPositionsBackward", "addPositions", "grad.table"},
    {"dropout", "dropout", "output.y"},
    {"attention", "attention", "output.y"},
    {"attentionBackward", "attention", "grad.k"},
    {"attentionWeights", "attention", "output.weights"},
    {"sgd", "optimizer", "output.weight"},
    {"adam", "optimizer", "output.weight"},
    {"lars", "optimizer", "output.weight"},
};

const std::map<std::string, Runner> &runners()
{
    static const auto all = [] {
        auto result = differentiableRunners();
        result.merge(kernelRunners());
        result.merge(trainingRunners());
        result.emplace("transformer", Runner{runTransformer});
        result.emplace("maskedPatches", Runner{runMasked});
        result.emplace("positions", Runner{runPositions});
        return result;
    }();
    return all;
}

const Runner &runnerOf(const GoldenCase &c)
{
    const auto it = runners().find(c.operation());
    if (it != runners().end())
        return it->second;
    std::string names;
    for (const auto &[name, runner] : runners())
        names += (names.empty() ? "" : ", ") + name;
    c.fail("there is no operation \"" + c.operation() + "\"; there are " + names);
}

std::vector<std::filesystem::path> fixturesIn(const std::filesystem::path &folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code unreadable; // then there are none
    for (const auto &entry : std::filesystem::directory_iterator(folder, unreadable))
        if (entry.path().extension() == ".safetensors")
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<Difference> run(const std::filesystem::path &path)
{
    GoldenCase c(path);
    runnerOf(c).run(c);
    return c.differences();
}

/// A fixture of "scale" whose parts a test can spoil.
struct Stranger
{
    std::string operation = "scale", options = R"({"factor":2})";
    std::map<std::string, FileTensor> tensors = {{"input.x", FileTensor::of(std::vector<float>{1, 2}, {2})},
                                                 {"upstream", FileTensor::of(std::vector<float>{1, 1}, {2})},
                                                 {"output.y", FileTensor::of(std::vector<float>{2, 4}, {2})},
                                                 {"grad.x", FileTensor::of(std::vector<float>{2, 2}, {2})}};
};

/// The error that reading and running it gives, or nothing.
QString errorOf(const Stranger &stranger, const QTemporaryDir &folder)
{
    const std::filesystem::path path = folder.filePath("stranger.safetensors").toStdString();
    SafetensorsFile file{stranger.tensors, {{"options", stranger.options}}};
    if (!stranger.operation.empty())
        file.metadata["operation"] = stranger.operation;
    writeSafetensors(path, file);
    try {
        run(path);
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

class TestGolden : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        setThreads(2); // enough to show a race, on any machine
        static const DeviceScope scope(testing::device());
    }

    void cleanup() { QCOMPARE(testing::findings(), QString()); }

    void agreesWithPyTorch_data()
    {
        QTest::addColumn<QString>("path");
        const QString chosen = qEnvironmentVariable("PRETEXT_GOLDEN_DIR");
        const std::filesystem::path folder = chosen.isEmpty() ? kCommitted : std::filesystem::path(chosen.toStdString());
        const auto files = fixturesIn(folder);
        for (const auto &path : files)
            QTest::newRow(path.stem().c_str()) << QString::fromStdString(path.string());
        if (files.empty())
            QTest::newRow("nothing to read") << QString::fromStdString(folder.string());
    }

    void agreesWithPyTorch()
    {
        QFETCH(QString, path);
        QVERIFY2(path.endsWith(".safetensors"), qPrintable(path + ": there is no folder with *.safetensors files"));
        std::vector<Difference> differences;
        double tolerance = 0;
        try {
            GoldenCase c(path.toStdString());
            tolerance = runnerOf(c).tolerance;
            testing::watch(std::ranges::find(kCoverage, c.operation(), &Coverage::operation) != kCoverage.end()); // what trains is made of these
            runnerOf(c).run(c);
            differences = c.differences();
        } catch (const std::exception &error) {
            const QString message = QString::fromUtf8(error.what());
            QFAIL(qPrintable(message.contains(path) ? message : path + ": " + message));
        }
        QStringList beyond;
        for (const Difference &difference : differences) {
            std::printf("%-32s %-48s %.2e\n", QTest::currentDataTag(), difference.tensor.c_str(), difference.value);
            if (!(difference.value <= tolerance)) // so that a NaN fails
                beyond << QString("%1 differs by %2").arg(QString::fromStdString(difference.tensor)).arg(difference.value);
        }
        std::fflush(stdout);
        QVERIFY2(beyond.isEmpty(), qPrintable(path + ": " + beyond.join(", ") + QString("; tolerated is %1").arg(tolerance)));
    }

    void everyBackendOperationHasAFixture_data()
    {
        QTest::addColumn<QString>("entry");
#define OPERATION(name, parameters) QTest::newRow(#name) << QString(#name);
#include "core/backend/operations.def"
#undef OPERATION
    }

    void everyBackendOperationHasAFixture()
    {
        QFETCH(QString, entry);
        const auto row = std::ranges::find(kCoverage, entry.toStdString(), &Coverage::entry);
        QVERIFY2(row != kCoverage.end(), "add it to kCoverage, and a fixture that reaches it to tests/golden");
        static const std::set<std::pair<std::string, std::string>> covered = [] {
            std::set<std::pair<std::string, std::string>> all;
            for (const auto &path : fixturesIn(kCommitted)) {
                const SafetensorsFile file = readSafetensors(path);
                std::string operation = file.metadata.at("operation");
                for (const auto &[name, tensor] : file.tensors)
                    all.emplace(operation, name);
            }
            return all;
        }();
        QVERIFY2(covered.contains({row->operation, row->tensor}),
                 ("no committed fixture of \"" + row->operation + "\" has the tensor \"" + row->tensor + "\"").c_str());
    }

    void fixturesStaySmall()
    {
        uintmax_t bytes = 0;
        for (const auto &path : fixturesIn(kCommitted))
            bytes += std::filesystem::file_size(path);
        QVERIFY2(bytes <= 8'000'000, std::to_string(bytes).c_str());
    }

    void aStrangersFileIsUnderstoodOrNamed()
    {
        QTemporaryDir folder;
        const auto spoilt = [&](auto spoil) {
            Stranger stranger;
            spoil(stranger);
            return errorOf(stranger, folder);
        };
        QCOMPARE(spoilt([](Stranger &) {}), QString());
        const auto one = FileTensor::of(std::vector<float>{1}, {1});
        const std::vector<std::pair<QString, QString>> errors = {
            {spoilt([](Stranger &s) { s.operation = "scail"; }), "no operation \"scail\""},
            {spoilt([](Stranger &s) { s.operation = ""; }), "no \"operation\""},
            {spoilt([](Stranger &s) { s.options = "{"; }), "not a JSON object"},
            {spoilt([](Stranger &s) { s.options = "{}"; }), "needs the option \"factor\""},
            {spoilt([](Stranger &s) { s.options = R"({"factor":"two"})"; }), "option \"factor\" has the wrong type"},
            {spoilt([](Stranger &s) { s.options = R"({"factor":2,"bias":1})"; }), "takes no option \"bias\""},
            {spoilt([](Stranger &s) { s.tensors.erase("input.x"); }), "needs the tensor \"input.x\""},
            {spoilt([](Stranger &s) { s.tensors.erase("upstream"); }), "needs a tensor \"upstream\""},
            {spoilt([&](Stranger &s) { s.tensors["upstream"] = one; }), "\"upstream\" is [1]"},
            {spoilt([&](Stranger &s) { s.tensors["weight"] = one; }), "tensor \"weight\" is neither"},
            {spoilt([&](Stranger &s) { s.tensors["input.z"] = one; }), "takes no tensor \"input.z\""},
            {spoilt([&](Stranger &s) { s.tensors["output.z"] = one; }), "gives no \"output.z\""},
            {spoilt([&](Stranger &s) { s.tensors["output.y"] = one; }), "\"output.y\" is [1] in the file"},
            {spoilt([](Stranger &s) { s.tensors.erase("output.y"), s.tensors.erase("grad.x"); }), "it expects nothing"},
        };
        for (const auto &[error, expected] : errors)
            QVERIFY2(error.contains("stranger.safetensors") && error.contains(expected), qPrintable(expected + " <- " + error));
    }

    void aWrongNumberIsSeen()
    {
        QTemporaryDir folder;
        Stranger stranger;
        stranger.tensors["output.y"] = FileTensor::of(std::vector<float>{2, 4.001f}, {2});
        stranger.tensors["grad.x"] = FileTensor::of(std::vector<float>{2, std::nanf("")}, {2});
        QCOMPARE(errorOf(stranger, folder), QString());
        for (const Difference &difference : run(folder.filePath("stranger.safetensors").toStdString()))
            QVERIFY2(!(difference.value <= 1e-5), difference.tensor.c_str());
    }
};

QTEST_APPLESS_MAIN(TestGolden)
#include "tst_golden.moc"
