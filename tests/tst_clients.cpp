// The exported encoders run in a real client, ONNX Runtime for Node from npm, and give our embeddings. Its packages are kept outside the
// checkout (clients/npm.h).
#include "core/analysis/features.h"
#include "core/exchange/export.h"
#include "core/tensor/random.h"
#include "tests/clients/npm.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstring>

using namespace pretext;

namespace {

const QString kClients = PRETEXT_SOURCE_DIR "/tests/clients";

void writeFloats(const QString &path, const std::vector<float> &values)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(reinterpret_cast<const char *>(values.data()), qint64(values.size() * sizeof(float)));
}

/// [N, H, W, C] as [N, C, H, W].
std::vector<float> channelsFirst(const std::vector<float> &pixels, ImageShape shape)
{
    const size_t area = size_t(shape.height) * shape.width, channels = shape.channels;
    std::vector<float> result(pixels.size());
    for (size_t i = 0; i < pixels.size(); ++i) {
        const size_t image = i / (area * channels), pixel = i / channels % area, channel = i % channels;
        result[(image * channels + channel) * area + pixel] = pixels[i];
    }
    return result;
}

/// A few batches in training mode move the normalisation layers' statistics, as training does.
void settleStatistics(Encoder &encoder, const Preprocessing &preprocessing, const std::vector<float> &pixels)
{
    const NoGrad noGrad;
    encoder.setTraining(true);
    const ImageShape shape = preprocessing.shape;
    const int64_t n = int64_t(pixels.size()) / (shape.height * shape.width * shape.channels);
    for (int step = 0; step < 5; ++step)
        encoder(Variable(Tensor::fromHost(pixels, {n, shape.height, shape.width, shape.channels})));
    encoder.setTraining(false);
}

} // namespace

class ClientsTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const QString wrong = clients::install(kClients);
        if (wrong.isEmpty())
            return;
        if (clients::required())
            QFAIL(qPrintable("onnxruntime-node could not be installed though npm answers: " + wrong));
        QSKIP(qPrintable("onnxruntime-node is not there and npm cannot fetch it: " + wrong));
    }

    void onnxRuntimeGivesOurEmbeddings_data()
    {
        QTest::addColumn<QString>("encoder");
        QTest::addColumn<QString>("knob");
        QTest::addColumn<double>("value");
        QTest::newRow("resnet, global average") << "resnet"
                                                << "encoder.pool" << 1.;
        QTest::newRow("resnet, 2 x 2 grid") << "resnet"
                                            << "encoder.pool" << 2.;
        QTest::newRow("convnet") << "convnet"
                                 << "encoder.dimension" << 24.;
        QTest::newRow("mlp") << "mlp"
                             << "encoder.depth" << 2.;
        QTest::newRow("vit, mean") << "vit"
                                   << "encoder.patch" << 4.;
        QTest::newRow("vit, class token") << "vit"
                                          << "encoder.patch" << 8.;
    }
    void onnxRuntimeGivesOurEmbeddings()
    {
        QFETCH(QString, encoder);
        QFETCH(QString, knob);
        QFETCH(double, value);
        const std::shared_ptr<const Dataset> data = openDataset("shapes");
        CheckpointState state;
        state.config = makeConfig("simclr", encoder.toStdString(), "shapes", data->info());
        state.config.knobs.set("encoder.width", 16.);
        state.config.knobs.set(knob.toStdString(), value);
        if (value == 8) {
            state.config.knobs.set("encoder.readout", std::string("class"));
            state.config.knobs.set("encoder.positions", std::string("learned"));
        }
        state.prepared = preparedImages(data->info());
        const Model model = makeModel(state.config, state.input());
        const Preprocessing &preprocessing = preprocessingOf(*state.prepared);
        const std::vector<float> pixels = pixelsOf(*data, Split::test, 0, 6);
        settleStatistics(*model.encoder, preprocessing, pixels);

        const QTemporaryDir folder;
        const QString onnx = folder.filePath("encoder.onnx"), input = folder.filePath("pixels"), output = folder.filePath("embeddings");
        exportOnnx(*model.encoder, state, *data, onnx.toStdString());
        writeFloats(input, channelsFirst(pixels, preprocessing.shape));
        const ImageShape shape = preprocessing.shape;
        const QString wrong = clients::run(
            "node",
            {kClients + "/onnx.cjs", onnx, input, "6", QString::number(shape.channels), QString::number(shape.height), QString::number(shape.width), output},
            folder.path(), 60, clients::packageFolder(kClients) + "/node_modules");
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));

        const Matrix expected = embedPixels(*model.encoder, preprocessing, pixels);
        const QByteArray bytes = clients::contentsOf(output);
        QCOMPARE(size_t(bytes.size()), expected.values.size() * sizeof(float));
        std::vector<float> got(expected.values.size());
        std::memcpy(got.data(), bytes.data(), bytes.size());
        float largest = 0, scale = 0;
        for (size_t i = 0; i < got.size(); ++i) {
            largest = std::max(largest, std::abs(got[i] - expected.values[i]));
            scale = std::max(scale, std::abs(expected.values[i]));
        }
        qInfo("largest difference %.2g of %.3g", largest, scale);
        QVERIFY(scale > 0 && largest < 1e-4f * scale);
    }
};

QTEST_GUILESS_MAIN(ClientsTest)
#include "tst_clients.moc"
