// What is written for other tools reads back as what was meant: .npy, .tsv, safetensors, ONNX.
#include "core/analysis/features.h"
#include "core/exchange/export.h"
#include "core/exchange/projectorfiles.h"
#include "toytext.h"
#include "core/files/safetensors.h"
#include "core/nn/whitening.h"

#include <nlohmann/json.hpp>

#include <opencv2/imgcodecs.hpp>

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "flippedweight.h"
#include "tests/projector.h"

using namespace pretext;
using namespace pretext::test;

namespace {

std::string bytesOf(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// What of a label can stand in a line: white space of any kind is one space.
QString meant(const std::string &label)
{
    const QString plain = QString::fromStdString(label).replace(QChar(0xfeff), ' ').simplified();
    return plain.isEmpty() ? "(none)" : plain;
}

/// An untrained model with its normalisation layers moved off the identity, so that an export that ignores them is caught.
struct Case
{
    std::shared_ptr<const Dataset> data = openDataset("shapes");
    CheckpointState state;
    Model model;

    /// `unusual`: of an encoder that has choices, not the first ones.
    Case(const std::string &encoder, const std::vector<std::pair<std::string, double>> &knobs, bool unusual = false)
    {
        state.config = makeConfig("simclr", encoder, "shapes", data->info());
        if (unusual && state.config.knobs.find("encoder.readout")) {
            state.config.knobs.set("encoder.readout", std::string("class"));
            state.config.knobs.set("encoder.positions", std::string("learned"));
        }
        for (const auto &[name, value] : knobs)
            state.config.knobs.set(name, value);
        state.prepared = preparedImages(data->info());
        model = makeModel(state.config, state.input());
        Random random(3);
        for (Module *module : {static_cast<Module *>(model.encoder.get()), &model.method->heads()}) {
            for (NamedTensor buffer : module->buffers())
                disturb(buffer.tensor, random);
            for (NamedParameter &parameter : module->parameters())
                if (!parameter.decay)
                    disturb(parameter.variable.value(), random);
        }
    }

private:
    static void disturb(Tensor &tensor, Random &random)
    {
        std::vector<float> values = tensor.toHost();
        for (float &value : values)
            value += random.uniform(0.05f, 0.5f); // upwards: variances stay positive
        tensor.setFromHost(values);
    }
};

} // namespace

class ExchangeTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    std::filesystem::path file(const char *name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }

private slots:
    void npyIsNumpysLayout()
    {
        const Matrix matrix{2, 3, {1, 2, 3, 4, 5, -0.5f}};
        writeNpy(file("z.npy"), matrix);
        const std::string bytes = bytesOf(file("z.npy"));
        const size_t data = bytes.size() - 6 * sizeof(float);
        QCOMPARE(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
        QCOMPARE(data % 64, size_t(0));
        QCOMPARE(data, size_t(10 + uint8_t(bytes[8]) + 256 * uint8_t(bytes[9])));
        QCOMPARE(bytes[data - 1], '\n');
        QVERIFY(bytes.find("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }") == 10);
        QCOMPARE(std::memcmp(&bytes[data], matrix.values.data(), 24), 0);

        writeNpy(file("labels.npy"), std::vector<int32_t>{7, -1});
        QVERIFY(bytesOf(file("labels.npy")).find("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }") == 10);
    }

    void tsvReadsBackTheSameFloats()
    {
        const ExportReport report = writeTsv(file("v.tsv"), {2, 2, {0.1f, -1e-20f, 3e30f, 1.f / 3}}, {{{"label", {"a\tb", "c"}}}});
        QCOMPARE(report.largestDifference, 0.);
        QCOMPARE(bytesOf(file("v.tsv")).substr(0, 10), std::string("0.1\t-1e-20"));
        QCOMPARE(bytesOf(tsvLabelFile(file("v.tsv"))), std::string("a b\nc\n"));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, writeTsv(file("w.tsv"), {2, 1, {1, 2}}, {{{"label", {"one"}}}}));
    }

    void aBlankLabelKeepsItsLine_data()
    {
        QTest::addColumn<QString>("label");
        QTest::addColumn<QString>("written");
        QTest::newRow("empty") << ""
                               << "(none)";
        QTest::newRow("spaces") << "  "
                                << "(none)";
        QTest::newRow("what JavaScript trims") << QString::fromUtf8(" \u00a0\u2003\ufeff\u2028 ") << "(none)";
        QTest::newRow("line ends and tabs") << "\r\n a\t\tb\r\nc \n"
                                            << "a b c";
        QTest::newRow("a word") << QString::fromUtf8("Äpfel 苹果") << QString::fromUtf8("Äpfel 苹果");
    }
    void aBlankLabelKeepsItsLine()
    {
        QFETCH(QString, label);
        QFETCH(QString, written);
        const std::string given = label.toStdString(), wanted = written.toStdString();
        writeTsv(file("v.tsv"), {3, 1, {1, 2, 3}}, {{{"label", {"first", given, "last"}}}});
        QCOMPARE(bytesOf(tsvLabelFile(file("v.tsv"))), "first\n" + wanted + "\nlast\n");
        writeTsv(file("v.tsv"), {3, 1, {1, 2, 3}}, {{{"label", {"first", given, "last"}}, {"text", {given, "b", "c"}}}}); // several have a heading
        QCOMPARE(bytesOf(tsvLabelFile(file("v.tsv"))), "label\ttext\nfirst\t" + wanted + "\n" + wanted + "\tb\nlast\tc\n");
    }

    /// Names that white space alone tells apart stay apart, and each can be read; a folder of an odd name is not lost.
    void namesStayApart()
    {
        const std::vector<std::string> names{"a b", " ", "\u00a0", "\u3000", "a  b", "a b ", "\\u{A0}", "\u3000/a.png", " /a.png", "a\tb"};
        const std::string wanted = "a b\n\\u{20}\n\\u{A0}\n\\u{3000}\na\\u{20}\\u{20}b\na b\\u{20}\n\\u{5C}u{A0}\n\\u{3000}/a.png\n\\u{20}/a.png\na\\u{9}b\n";
        writeTsv(file("v.tsv"), {10, 1, std::vector<float>(10, 1.f)}, {{{"label", names, true}}});
        QCOMPARE(bytesOf(tsvLabelFile(file("v.tsv"))), wanted);
        const TsvMetadata ofShapes = tsvMetadata(*openDataset("shapes"), Split::test, 2);
        QVERIFY(ofShapes.columns.front().named && ofShapes.columns.back().named);
    }

    /// Whatever the labels are, each comes to its own row, and each column under its own name; also in a file of more than one piece.
    void projectorsReadEveryLabelAtItsRow_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::newRow("one row") << 1 << 1;
        QTest::newRow("labels") << 300 << 1;
        QTest::newRow("several columns") << 300 << 4;
        QTest::newRow("some megabytes") << 60000 << 3;
    }
    void projectorsReadEveryLabelAtItsRow()
    {
        QFETCH(int, rows);
        QFETCH(int, columns);
        const QStringList pieces{"a",   "Äpfel",  "苹果",   " ",      "\t",     "\n",     "\r\n", "",    "0",
                                 "1e5", "\u00a0", "\u2028", "\ufeff", "\u3000", "(none)", "\"",   "NaN", "😀"};
        const char *const names[] = {"label", "text", " label\t", "text"}; // two of a name, once blanks are gone
        Random random(7);
        TsvMetadata metadata;
        Matrix matrix{rows, 2, std::vector<float>(size_t(rows) * 2)};
        for (float &value : matrix.values)
            value = std::ldexp(random.uniform() - 0.5f, int(random.below(60)) - 30);
        for (int c = 0; c < columns; ++c) {
            metadata.columns.push_back({names[c], {}});
            for (int row = 0; row < rows; ++row) {
                QString value;
                for (uint32_t left = random.below(5); left > 0; --left)
                    value += pieces[int(random.below(uint32_t(pieces.size())))];
                metadata.columns.back().values.push_back(value.toStdString());
            }
        }
        writeTsv(file("v.tsv"), matrix, metadata);
        const std::optional<Projected> vectors = readVectors(bytesOf(file("v.tsv")));
        QVERIFY(vectors && vectors->numbers == matrix.values && vectors->rows == rows);
        const std::optional<Projected> read = readMetadata(bytesOf(tsvLabelFile(file("v.tsv"))));
        QVERIFY(read);
        QCOMPARE(read->rows, int64_t(rows));
        QCOMPARE(read->columns.size(), size_t(columns)); // as many names as columns
        const char *const shown[] = {"label", "text", "label 2", "text 2"};
        for (int c = 0; c < columns; ++c)
            for (int row = 0; row < rows; ++row)
                QCOMPARE(read->columns.at(shown[c]).at(size_t(row)), meant(metadata.columns[size_t(c)].values[size_t(row)]));
    }

    void aSpriteHasEverySampleInItsPlace()
    {
        const auto shapes = openDataset("shapes");
        const QTemporaryDir folder;
        const std::filesystem::path tsv = std::filesystem::path(folder.path().toStdString()) / "shapes.tsv";
        Matrix vectors{5, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
        const ProjectorReport report = writeProjectorFiles(tsv, vectors, *shapes, Split::test);
        const int side = shapes->info().image.width;
        QCOMPARE(report.spriteSide, side);
        const cv::Mat sheet = cv::imread(spriteFile(tsv).string());
        QVERIFY(sheet.rows == 3 * side && sheet.cols == 3 * side); // square, of three by three
        for (int sample = 0; sample < 5; ++sample) {
            const Image image = shapes->image(Split::test, sample);
            for (int at = 0; at < side * side; at += 7) {
                const uint8_t *pixel = &image.pixels[size_t(3 * at)];
                QVERIFY(sheet.at<cv::Vec3b>(sample / 3 * side + at / side, sample % 3 * side + at % side) == cv::Vec3b(pixel[2], pixel[1], pixel[0]));
            }
        }
        QVERIFY(sheet.at<cv::Vec3b>(side + 1, 2 * side + 1) == cv::Vec3b()); // of a sixth there is none
        const std::filesystem::path config = tsv.parent_path() / "projector_config.pbtxt";
        const std::string entry =
            "embeddings {\n  tensor_name: \"shapes\"\n  tensor_path: \"shapes.tsv\"\n  metadata_path: \"shapes.metadata.tsv\"\n  sprite {\n"
            "    image_path: \"shapes.sprite.png\"\n    single_image_dim: 32\n    single_image_dim: 32\n  }\n}\n";
        QCOMPARE(bytesOf(config), entry);
        writeProjectorConfig(tsv.parent_path() / "other.tsv", false, 0); // a second export to the folder
        writeProjectorConfig(tsv, true, 16);                             // the first one again
        const std::string both = bytesOf(config), other = "embeddings {\n  tensor_name: \"other\"\n  tensor_path: \"other.tsv\"\n}\n";
        QCOMPARE(both.substr(0, other.size()), other);
        QVERIFY(both.find("single_image_dim: 16") != std::string::npos && both.find("32") == std::string::npos);
        const auto verses = std::make_shared<ToyText>();
        QCOMPARE(writeSprite(spriteFile(tsv), *verses, Split::test, 3), 0); // texts have no pictures
    }

    void tsvMetadataHasEveryLabelAndWhatItIs()
    {
        const std::shared_ptr<const Dataset> shapes = openDataset("shapes");
        const TsvMetadata metadata = tsvMetadata(*shapes, Split::test, 5);
        QCOMPARE(metadata.columns.size(), shapes->info().columns.size() + 1);
        for (const TsvColumn &column : metadata.columns)
            QCOMPARE(column.values.size(), size_t(5));
        QCOMPARE(metadata.columns.back().values.at(3), shapes->caption(Split::test, 3));
        QCOMPARE(metadata.columns.front().values.at(3), shapes->info().columns.front().classes.at(size_t(shapes->label(Split::test, 3))));
    }

    void whatIsNotFiniteIsNoExport()
    {
        const float nan = std::nanf("");
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, writeTsv(file("n.tsv"), {2, 1, {1, nan}}, {}));
        for (const auto &[expected, got] : {std::pair{1.f, nan}, {nan, 1.f}, {nan, nan}, {1.f, INFINITY}, {INFINITY, INFINITY}}) {
            ExportReport report{"missing", 0, 0, "nothing"};
            report.compare(1., 1.);
            report.compare(double(expected), double(got));
            report.compare(1., 1.); // what comes later does not hide it
            QVERIFY_THROWS_EXCEPTION(std::runtime_error, requireAgreement(report));
        }
        Case test("convnet", {{"encoder.width", 8}});
        NamedTensor buffer = test.model.encoder->buffers().front();
        std::vector<float> values = buffer.tensor.toHost();
        values.back() = nan;
        buffer.tensor.setFromHost(values);
        const auto named = [&](const auto &write) {
            try {
                write();
            } catch (const std::runtime_error &error) {
                return QString(error.what()).contains(QString::fromStdString(buffer.name));
            }
            return false;
        };
        QVERIFY(named([&] { exportOnnx(*test.model.encoder, test.state, *test.data, file("n.onnx")); }));
        QVERIFY(named([&] { exportSafetensors(*test.model.encoder, test.state, file("n.safetensors")); }));
        QVERIFY(!std::filesystem::exists(file("n.onnx")) && !std::filesystem::exists(file("n.safetensors")));
    }

    void aFlippedWeightIsFound_data()
    {
        QTest::addColumn<bool>("onnx");
        QTest::addColumn<bool>("sign");
        QTest::newRow("onnx, the sign") << true << true;
        QTest::newRow("onnx, the last bit") << true << false;
        QTest::newRow("safetensors, the sign") << false << true;
        QTest::newRow("safetensors, the last bit") << false << false;
    }
    void aFlippedWeightIsFound()
    {
        QFETCH(bool, onnx);
        QFETCH(bool, sign);
        Case test("convnet", {{"encoder.width", 8}, {"encoder.dimension", 24}});
        const auto flip = [&](const std::filesystem::path &path) { QVERIFY(test::flipWeight(path, *test.model.encoder, sign)); };
        const std::filesystem::path path = file("flipped");
        try {
            onnx ? exportOnnx(*test.model.encoder, test.state, *test.data, path, nullptr, flip)
                 : exportSafetensors(*test.model.encoder, test.state, path, nullptr, flip);
            QFAIL("the flipped weight passed");
        } catch (const std::runtime_error &error) {
            qInfo("%s", error.what());
            QVERIFY(QString(error.what()).contains("flipped"));
        }
        onnx ? exportOnnx(*test.model.encoder, test.state, *test.data, path) : exportSafetensors(*test.model.encoder, test.state, path); // unflipped it passes
    }

    void onnxComputesWhatTheEncoderDoes_data()
    {
        QTest::addColumn<QString>("encoder");
        QTest::addColumn<QString>("knob");
        QTest::addColumn<double>("value");
        QTest::addColumn<bool>("projector");
        QTest::newRow("resnet, global average") << "resnet"
                                                << "encoder.pool" << 1. << false;
        QTest::newRow("resnet, 2 x 2 grid") << "resnet"
                                            << "encoder.pool" << 2. << false;
        QTest::newRow("resnet, 2 x 2 grid and projector") << "resnet"
                                                          << "encoder.pool" << 2. << true;
        QTest::newRow("convnet, linear output") << "convnet"
                                                << "encoder.dimension" << 24. << false;
        QTest::newRow("mlp") << "mlp"
                             << "encoder.depth" << 2. << false;
        QTest::newRow("vit, mean") << "vit"
                                   << "encoder.patch" << 4. << false;
        QTest::newRow("vit, class token, and projector") << "vit"
                                                         << "encoder.patch" << 8. << true;
    }
    void onnxComputesWhatTheEncoderDoes()
    {
        QFETCH(QString, encoder);
        QFETCH(QString, knob);
        QFETCH(double, value);
        QFETCH(bool, projector);
        Case test(encoder.toStdString(), {{"encoder.width", 8}, {knob.toStdString(), value}}, projector);
        const ExportReport report =
            exportOnnx(*test.model.encoder, test.state, *test.data, file("encoder.onnx"), projector ? &test.model.method->heads() : nullptr);
        qInfo("largest difference %.2g of %.3g", report.largestDifference, report.scale);
        QVERIFY(report.scale > 0);
        QVERIFY(report.largestDifference >= 0 && report.largestDifference < 1e-4 * report.scale);
        const std::string bytes = bytesOf(file("encoder.onnx"));
        for (const char *text : {"pixel_values", "embedding", "preprocessing", "\"channels\":\"RGB\"", "simclr", "classes"})
            QVERIFY2(bytes.find(text) != std::string::npos, text);
    }

    void twoStagesAreExportedBesideEachOther()
    {
        for (const char *encoder : {"convnet", "resnet"})
            for (const double pool : {1., 2.}) {
                Case test(encoder, {{"encoder.width", 8}, {"encoder.pool", pool}, {"encoder.read", 2}});
                const ExportReport report = exportOnnx(*test.model.encoder, test.state, *test.data, file("two.onnx"));
                QVERIFY2(report.largestDifference >= 0 && report.largestDifference < 1e-4 * report.scale, encoder);
            }
    }

    void aWhitenedEncoderIsExportedSo()
    {
        Case test("convnet", {{"encoder.width", 8}, {"encoder.pool", 2}});
        const ExportReport plain = exportOnnx(*test.model.encoder, test.state, *test.data, file("plain.onnx"));
        test.state.config.knobs.set("encoder.whiten", true);
        test.model = makeModel(test.state.config, test.state.input());
        const Matrix seen = embed(*test.model.encoder, preprocessingOf(*test.state.prepared), *test.data, Split::train, 200);
        test.model.encoder->whitening()->follow(Tensor::fromHost(seen.values, {seen.rows, seen.columns}));
        const ExportReport report = exportOnnx(*test.model.encoder, test.state, *test.data, file("white.onnx"));
        qInfo("largest difference %.2g of %.3g", report.largestDifference, report.scale);
        QVERIFY(report.largestDifference >= 0 && report.largestDifference < 1e-3 * report.scale);
        QVERIFY(bytesOf(file("white.onnx")).size() > bytesOf(file("plain.onnx")).size() + size_t(4 * seen.columns * seen.columns));
        const ExportReport rebuilt = exportSafetensors(*test.model.encoder, test.state, file("white.safetensors"));
        QCOMPARE(rebuilt.largestDifference, 0.);
    }

    void safetensorsBuildsTheSameVit()
    {
        Case test("vit", {{"encoder.width", 8}}, true);
        const ExportReport report = exportSafetensors(*test.model.encoder, test.state, file("v.safetensors"), &test.model.method->heads());
        QCOMPARE(report.largestDifference, 0.);
        QVERIFY(report.scale > 0);
        const SafetensorsFile written = readSafetensors(file("v.safetensors"));
        QVERIFY(written.tensors.contains("class_token") && written.tensors.contains("trunk.layer3.attention.query_key_value.weight"));
    }

    void safetensorsBuildsTheSameEncoder()
    {
        Case test("convnet", {{"encoder.width", 8}, {"encoder.pool", 2}});
        const ExportReport report = exportSafetensors(*test.model.encoder, test.state, file("e.safetensors"), &test.model.method->heads());
        QCOMPARE(report.largestDifference, 0.);
        QVERIFY(report.scale > 0);
        const SafetensorsFile written = readSafetensors(file("e.safetensors"));
        QVERIFY(written.tensors.contains("conv0_0.weight") && written.tensors.contains("norm0_0.running_var"));
        const nlohmann::json preprocessing = nlohmann::json::parse(written.metadata.at("preprocessing"));
        QCOMPARE(preprocessing.at("mean").get<std::vector<float>>(), preprocessingOf(*test.state.prepared).mean);

        Model fresh = makeModel(makeConfig("simclr", "mlp", "shapes", test.data->info()), test.state.input());
        QVERIFY(!initialiseFrom(file("e.safetensors"), fresh).empty()); // another encoder's tensors are missed
        RunConfig other = test.state.config;
        other.seed = 99;
        Model same = makeModel(other, test.state.input());
        QVERIFY(initialiseFrom(file("e.safetensors"), same).empty());
    }
};

QTEST_APPLESS_MAIN(ExchangeTest)
#include "tst_exchange.moc"
