// Checkpoints and configs: what is saved comes back to the bit, and what is damaged is refused in one line that names it.
#include "core/data/preparedimages.h"
#include "core/engine/model.h"
#include "core/files/safetensors.h"
#include "tests/toydata.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

ImageShape toyShape()
{
    return ToyData().info().image;
}

CheckpointState stateAt(int64_t step, const RunConfig &config)
{
    return {step, 20, 1.25, config, R"({"device":"cpu"})", preparedImages(ToyData().info())};
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

/// Takes one step, so that moments and statistics are no longer zero.
void trainOnce(Model &model)
{
    for (NamedParameter &parameter : parametersOf(model))
        accumulateGrad(parameter.variable, Tensor::full(parameter.variable.shape(), 0.01f));
    model.optimizer->step(0.1f);
    for (NamedTensor &buffer : model.method->heads().buffers())
        buffer.tensor.setFromHost(std::vector<float>(buffer.tensor.size(), 0.75f));
}

} // namespace

class TestCheckpoint : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void everythingComesBackToTheBit_data();
    void everythingComesBackToTheBit();
    void stateComesBack();
    void aSeedFixesTheInitialWeights();
    void aMissingOrMisshapenTensorIsNamed();
    void damageIsOneLineThatNamesTheFile_data();
    void damageIsOneLineThatNamesTheFile();
    void anEncoderLoadsAlone();
    void aTeacherBeginsAtTheWeightsThatAreGiven();
    void configComesBack();
    void aWrongConfigNamesFieldAndValue_data();
    void aWrongConfigNamesFieldAndValue();

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder, m_file;
};

void TestCheckpoint::init()
{
    m_temporary = std::make_unique<QTemporaryDir>();
    m_folder = m_temporary->path().toStdString();
    m_file = m_folder / "step-00000007.safetensors";
}

void TestCheckpoint::everythingComesBackToTheBit_data()
{
    QTest::addColumn<QString>("optimizer");
    for (const char *name : {"sgd", "adam", "adamw", "lars"})
        QTest::newRow(name) << name;
}

void TestCheckpoint::everythingComesBackToTheBit()
{
    QFETCH(QString, optimizer);
    RunConfig config = toyConfig(20);
    config.knobs.set("optimizer", optimizer.toStdString());
    Model model = makeModel(config, toyShape());
    trainOnce(model);
    saveCheckpoint(m_file, model, stateAt(7, config));

    config.seed = 99;
    Model other = makeModel(config, toyShape());
    loadCheckpoint(m_file, other);
    QCOMPARE(other.optimizer->stepsTaken(), int64_t(1));
    const auto same = [](const std::vector<NamedTensor> &a, const std::vector<NamedTensor> &b) {
        QCOMPARE(a.size(), b.size());
        QVERIFY(!a.empty());
        for (size_t i = 0; i < a.size(); ++i)
            QVERIFY2(a[i].name == b[i].name && a[i].tensor.toHost() == b[i].tensor.toHost(), a[i].name.c_str());
    };
    same(weightsOf(model), weightsOf(other));
    same(model.optimizer->state(), other.optimizer->state());
}

void TestCheckpoint::stateComesBack()
{
    RunConfig config = toyConfig(20);
    config.knobs.set("temperature", 0.345);
    config.seed = 0xfedcba9876543210;
    Model model = makeModel(config, toyShape());
    saveCheckpoint(m_file, model, stateAt(7, config));
    const CheckpointState state = readCheckpointState(m_file);
    QCOMPARE(state.step, int64_t(7));
    QCOMPARE(state.plannedSteps, int64_t(20));
    QCOMPARE(state.loss, 1.25);
    QCOMPARE(state.config.seed, config.seed);
    QVERIFY(state.config.knobs == config.knobs);
    const Preprocessing &pixels = preprocessingOf(*state.prepared);
    QVERIFY(pixels.mean == std::vector<float>{0.5f} && pixels.deviation == std::vector<float>{0.25f});
    QVERIFY(pixels.shape == toyShape());
}

void TestCheckpoint::aSeedFixesTheInitialWeights()
{
    RunConfig config = toyConfig(1);
    const auto first = weightsOf(makeModel(config, toyShape())).front().tensor.toHost();
    QVERIFY(weightsOf(makeModel(config, toyShape())).front().tensor.toHost() == first);
    config.seed = 2;
    QVERIFY(weightsOf(makeModel(config, toyShape())).front().tensor.toHost() != first);
}

void TestCheckpoint::aMissingOrMisshapenTensorIsNamed()
{
    Model model = makeModel(toyConfig(20), toyShape());
    saveCheckpoint(m_file, model, stateAt(7, toyConfig(20)));
    const SafetensorsFile whole = readSafetensors(m_file);
    const std::string name = weightsOf(model).front().name;

    SafetensorsFile file = whole;
    file.tensors.erase(name);
    writeSafetensors(m_file, file);
    QCOMPARE(refusal([&] { loadCheckpoint(m_file, model); }), m_file.string() + ": " + name + ": missing");

    file.tensors[name] = FileTensor::of(std::vector<float>{1, 2, 3}, {3});
    writeSafetensors(m_file, file);
    const std::string said = refusal([&] { loadCheckpoint(m_file, model); });
    QVERIFY2(said.find(name) != std::string::npos && said.find("the file has [3]") != std::string::npos, said.c_str());
}

void TestCheckpoint::damageIsOneLineThatNamesTheFile_data()
{
    QTest::addColumn<int>("keep"); // bytes
    QTest::addColumn<QByteArray>("insert");
    QTest::newRow("empty") << 0 << QByteArray();
    QTest::newRow("header's length cut") << 5 << QByteArray();
    QTest::newRow("header cut") << 60 << QByteArray();
    QTest::newRow("data cut") << -10 << QByteArray();
    QTest::newRow("not safetensors") << 0 << QByteArray("PK\x03\x04 this is something else entirely, a zip perhaps");
    QTest::newRow("no state") << 0 << QByteArray("\x02\0\0\0\0\0\0\0{}", 10);
}

void TestCheckpoint::damageIsOneLineThatNamesTheFile()
{
    QFETCH(int, keep);
    QFETCH(QByteArray, insert);
    Model model = makeModel(toyConfig(20), toyShape());
    saveCheckpoint(m_file, model, stateAt(7, toyConfig(20)));
    fs::resize_file(m_file, keep < 0 ? fs::file_size(m_file) + keep : keep);
    std::ofstream(m_file, std::ios::app | std::ios::binary).write(insert.data(), insert.size());
    const auto before = weightsOf(model).front().tensor.toHost();
    for (const std::string &said :
         {refusal([&] { loadCheckpoint(m_file, model); }), refusal([&] { readCheckpointState(m_file); }), refusal([&] { loadEncoder(m_file); })}) {
        QVERIFY2(said.starts_with(m_file.string() + ": "), said.c_str());
        QVERIFY2(said.find('\n') == std::string::npos, said.c_str());
    }
    QVERIFY(weightsOf(model).front().tensor.toHost() == before);
}

/// From a run without a teacher; from one that has its own, it is that.
void TestCheckpoint::aTeacherBeginsAtTheWeightsThatAreGiven()
{
    RunConfig config = toyConfig(20);
    Model model = makeModel(config, toyShape());
    trainOnce(model);
    saveCheckpoint(m_file, model, stateAt(7, config));
    config = toyConfig(20, "byol");
    config.seed = 5;
    Model byol = makeModel(config, toyShape());
    for (const std::string &unfit : initialiseFrom(m_file, byol))
        QVERIFY2(unfit.starts_with("predictor."), unfit.c_str());
    const auto weight = [](const Model &model, const std::string &name) {
        for (const NamedTensor &tensor : weightsOf(model))
            if (tensor.name == name)
                return tensor.tensor.toHost();
        return std::vector<float>();
    };
    for (const char *name : {"encoder.linear0.weight", "projector.linear0.weight", "projector.norm0.running_mean"}) {
        QVERIFY2(!weight(model, name).empty(), name);
        QCOMPARE(weight(byol, name), weight(model, name));
        QCOMPARE(weight(byol, std::string("teacher.") + name), weight(model, name));
    }

    trainOnce(byol); // the teacher stays behind
    saveCheckpoint(m_file, byol, stateAt(8, config));
    config.seed = 6;
    Model again = makeModel(config, toyShape());
    QVERIFY(initialiseFrom(m_file, again).empty());
    QCOMPARE(weight(again, "teacher.encoder.linear0.weight"), weight(byol, "teacher.encoder.linear0.weight"));
    QVERIFY(weight(again, "teacher.encoder.linear0.weight") != weight(again, "encoder.linear0.weight"));
}

void TestCheckpoint::anEncoderLoadsAlone()
{
    const RunConfig config = toyConfig(20);
    Model model = makeModel(config, toyShape());
    trainOnce(model);
    fs::create_directories(m_folder / "checkpoints");
    saveCheckpoint(m_folder / "checkpoints" / "step-00000003.safetensors", model, stateAt(3, config));
    saveCheckpoint(m_folder / "checkpoints" / "step-00000012.safetensors", model, stateAt(12, config));
    const TrainedEncoder trained = loadEncoder(m_folder);
    QCOMPARE(trained.state.step, int64_t(12));
    QVERIFY(!trained.encoder->training());
    const NoGrad noGrad;
    const Variable x(Tensor::full(Shape{2, 8, 8, 1}, 0.3f));
    model.encoder->setTraining(false);
    QVERIFY((*trained.encoder)(x).value().toHost() == (*model.encoder)(x).value().toHost());
    QCOMPARE(refusal([&] { findCheckpoint(m_folder / "none"); }), (m_folder / "none").string() + ": there is no such run or checkpoint");
    fs::create_directories(m_folder / "empty");
    QVERIFY(refusal([&] { findCheckpoint(m_folder / "empty"); }).find("holds no checkpoint") != std::string::npos);
}

void TestCheckpoint::configComesBack()
{
    RunConfig config = toyConfig(123, "simclr", "convnet");
    config.dataset = "/some/where";
    config.datasetOptions = {48, false};
    config.threads = 3;
    config.init = "runs/first";
    config.parent = {"/runs/first", 20};
    config.knobs.set("crop.min_area", 0.123456789);
    const RunConfig back = configFromJson(nlohmann::json::parse(toJson(config).dump()));
    QVERIFY(toJson(back) == toJson(config));
    QVERIFY(back.knobs == config.knobs);
    config.steps = 0; // minutes instead
    config.minutes = 2.5;
    QVERIFY(toJson(configFromJson(nlohmann::json::parse(toJson(config).dump()))) == toJson(config));
}

void TestCheckpoint::aWrongConfigNamesFieldAndValue_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("not JSON") << "{\"method\": " << QStringList{"not JSON"};
    QTest::newRow("a list") << "[]" << QStringList{"must be an object"};
    QTest::newRow("a step of the parent before its first") << R"({"parent": {"run": "runs/first", "step": -1}})" << QStringList{"parent", "-1"};
    QTest::newRow("unknown field") << R"({"bach": 3})" << QStringList{"bach", "batch"};
    QTest::newRow("wrong type") << R"({"batch": "many"})" << QStringList{"batch", "many"};
    QTest::newRow("fraction") << R"({"steps": 1.5})" << QStringList{"steps", "1.5"};
    QTest::newRow("too large") << R"({"threads": 99999999999})" << QStringList{"threads", "99999999999"};
    QTest::newRow("negative seed") << R"({"seed": -1})" << QStringList{"seed", "-1"};
    QTest::newRow("batch of one") << R"({"batch": 1})" << QStringList{"batch", "1", "negatives"};
    QTest::newRow("unknown method") << R"({"method": "simclar"})" << QStringList{"simclar", "simclr"};
    QTest::newRow("unknown encoder") << R"({"encoder": "resnt"})" << QStringList{"resnt", "resnet"};
    QTest::newRow("unknown device") << R"({"device": "gpu"})" << QStringList{"device", "gpu", "cuda"};
    QTest::newRow("unknown knob") << R"({"knobs": {"temprature": 0.1}})" << QStringList{"temprature", "temperature"};
    QTest::newRow("knob out of range") << R"({"knobs": {"temperature": -0.1}})" << QStringList{"temperature", "-0.1"};
    QTest::newRow("knob of a wrong type") << R"({"knobs": {"temperature": "hot"}})" << QStringList{"temperature", "hot"};
    QTest::newRow("knob of no type") << R"({"knobs": {"temperature": []}})" << QStringList{"temperature", "[]"};
    QTest::newRow("a field twice") << R"({"steps": 5, "steps": 7})" << QStringList{"steps", "twice"};
    QTest::newRow("newer version") << R"({"version": 9})" << QStringList{"version", "9"};
}

void TestCheckpoint::aWrongConfigNamesFieldAndValue()
{
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    const fs::path file = m_folder / "config.json";
    std::ofstream(file) << text.toStdString();
    const std::string said = refusal([&] { loadConfig(file); });
    QVERIFY2(said.starts_with(file.string() + ": ") && said.find('\n') == std::string::npos, said.c_str());
    for (const QString &word : expected)
        QVERIFY2(said.find(word.toStdString()) != std::string::npos, said.c_str());
}

QTEST_APPLESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
