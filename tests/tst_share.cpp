// A run in a text, a QR code and a file: whatever is written comes back, the run that it begins is the same bit for bit, and what was changed, cut off or is of
// a newer version is one clear line.
#include "app/cli/runline.h"
#include "app/opener.h"
#include "app/session.h"
#include "app/shared.h"
#include "app/sharedialog.h"
#include "commandfixture.h"
#include "core/engine/rowfile.h"
#include "core/engine/runtext.h"
#include "core/files/qrcode.h"
#include "core/files/safetensors.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "core/tensor/random.h"
#include "jobfixture.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include <QCheckBox>
#include <QPainter>
#include <QPlainTextEdit>
#include <QProcess>
#include <QStandardPaths>
#include <QSvgRenderer>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <random>

using namespace pretext;
using namespace pretext::test;

namespace {

/// Some knobs at other values than the recipe's, of every kind.
void turnKnobs(RunConfig &config, std::mt19937 &random)
{
    for (const Knob &knob : config.knobs.declarations()) {
        if (random() % 4 != 0)
            continue;
        try {
            RunConfig turned = config;
            if (knob.kind == KnobKind::boolean)
                turned.knobs.set(knob.name, random() % 2 == 0);
            else if (!knob.choices.empty())
                turned.knobs.set(knob.name, knob.choices[random() % knob.choices.size()]);
            else if (knob.kind == KnobKind::integer)
                turned.knobs.set(knob.name, std::floor(knob.minimum + (std::min(knob.maximum, knob.minimum + 50) - knob.minimum) * double(random() % 11) / 10));
            else
                turned.knobs.set(knob.name, knob.minimum + (knob.maximum - knob.minimum) * double(random()) / double(random.max()));
            checkConfig(turned);
            turned.knobs.requireConsistent();
            requireViewsWithinImages(turned);
            config = turned;
        } catch (const std::invalid_argument &) {
            continue; // not beside the others
        }
    }
}

nlohmann::json readBack(const std::string &text)
{
    std::shared_ptr<const Dataset> dataset;
    return toJson(configOfRunText(text, dataset));
}

QString refusalOf(const std::string &text)
{
    try {
        readBack(text);
        return {};
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
}

std::string numbersOf(const std::filesystem::path &run)
{
    std::ifstream in(run / "metrics.csv");
    std::string all;
    for (std::string line; std::getline(in, line);) {
        const size_t first = line.find(','), second = line.find(',', first + 1);
        all += line.substr(0, first) + line.substr(second) + '\n';
    }
    return all;
}

/// What a reader makes of the picture, seen askew from the back of a room.
std::string readAskew(const cv::Mat &picture, const QString &scratch)
{
    const float all = float(picture.cols);
    const std::vector<cv::Point2f> corners{{0, 0}, {all, 0}, {all, all}, {0, all}}, seen{{360, 260}, {1260, 290}, {1270, 1190}, {350, 1170}};
    cv::Mat room;
    cv::warpPerspective(picture, room, cv::getPerspectiveTransform(corners, seen), {1520, 1400}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, 255);
    cv::imwrite(scratch.toStdString(), room);
    QProcess reader;
    reader.start("zbarimg", {"--raw", "--quiet", "--nodbus", scratch});
    reader.waitForFinished();
    return reader.readAllStandardOutput().trimmed().toStdString();
}

} // namespace

class TestShare : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void everyConfigComesBack();
    void ownDataComeBack();
    void theTextBeginsTheSameRun();
    void aMovedEndIsSaid();
    void slidesMayChangeDashesAndQuotes();
    void whatIsCutOffOrChangedIsRefused();
    void whatIsNewerIsOneLine();
    void otherDataAreRefused();
    void theCodeIsReadByACamera();
    void theFileHasTheWeights();
    void theWindowSharesAndOpens();

private:
    std::string sharedText(const QString &run) { return linesOf(m_folder.run({"share", run}).out).value(0).toStdString(); }

    CommandFolder m_folder;
};

void TestShare::initTestCase()
{
    qputenv("PRETEXT_UNLISTED", "1");
    useOwnSettings("pretext-tst-share");
    const CommandResult trained = m_folder.run({"train", "--dataset", "shapes", "--encoder", "mlp", "--batch", "16", "--steps", "6", "--threads", "1", "--set",
                                                "temperature=0.3", "--set", "encoder.width=32", "--out", "first"});
    QVERIFY2(trained.status == 0, qPrintable(trained.error));
}

void TestShare::everyConfigComesBack()
{
    const auto shapes = openDataset("shapes");
    std::mt19937 random(1);
    int configs = 0;
    for (const MethodType &type : methodTypes()) {
        if (!trainsOn(type, Modality::image) || !learnsFrom(type, shapes->info()))
            continue;
        for (int round = 0; round < 3; ++round, ++configs) {
            RunConfig config = recommendedConfig(*shapes, type.name);
            config.dataset = "shapes";
            config.seed = random();
            config.steps = round == 0 ? 0 : 1 + random() % 5000;
            config.batch = 2 + random() % 300;
            config.threads = int(random() % 3);
            config.precision = round == 1 ? "f32" : "auto";
            config.datasetOptions.imbalance = round == 2 ? 12.5 : 1;
            if (round > 0)
                turnKnobs(config, random);
            const auto data = openDataset("shapes", config.datasetOptions);
            const std::string text = runText(config, *data);
            QVERIFY2(readBack(text) == toJson(config), (text + '\n' + toJson(config).dump() + '\n' + readBack(text).dump()).c_str());
        }
    }
    QVERIFY(configs > 40);
}

void TestShare::ownDataComeBack()
{
    m_folder.writePictures("my pictures", 40);
    std::ofstream(m_folder.at("it's a text.txt")) << [] {
        std::string text;
        for (int i = 0; i < 4000; ++i)
            text += "the " + std::to_string(i % 97) + " cats of " + std::to_string(i % 31) + ".\n";
        return text;
    }();
    for (const char *name : {"my pictures", "it's a text.txt"}) {
        DatasetOptions options;
        if (std::string(name) == "my pictures")
            options = {24, false, 1};
        const auto data = openDataset(m_folder.at(name).string(), options);
        RunConfig config = recommendedConfig(*data);
        config.dataset = m_folder.at(name).string();
        config.datasetOptions = options;
        config.batch = 4;
        config.steps = 10;
        const std::string text = runText(config, *data);
        QVERIFY2(readBack(text) == toJson(config), (text + '\n' + toJson(config).dump() + '\n' + readBack(text).dump()).c_str());
    }
}

void TestShare::theTextBeginsTheSameRun()
{
    const std::string text = sharedText("first");
    QVERIFY2(isRunText(text) && text.find("--set temperature=0.3") != std::string::npos, text.c_str());
    const CommandResult again = m_folder.run({}, QString::fromStdString("\"$1\" " + text.substr(8) + " --out again"));
    QVERIFY2(again.status == 0, qPrintable(again.error));
    QVERIFY(numbersOf(m_folder.at("first")).size() > 200);
    QCOMPARE(numbersOf(m_folder.at("again")), numbersOf(m_folder.at("first")));
    QCOMPARE(sharedText("again"), text);
}

/// The text has the newer end from the first step on, which the run had not.
void TestShare::aMovedEndIsSaid()
{
    const QString moved = "The planned end was moved on the way";
    const CommandResult begun = m_folder.run({}, QString::fromStdString("\"$1\" " + sharedText("first").substr(8) + " --out moved"));
    QVERIFY2(begun.status == 0 && !m_folder.run({"share", "moved"}).out.contains(moved), qPrintable(begun.error));
    const CommandResult longer = m_folder.run({"train", "--resume", "--out", "moved", "--steps", "9"});
    QVERIFY2(longer.status == 0, qPrintable(longer.error));
    QVERIFY(m_folder.run({"share", "moved"}).out.contains(moved));
}

void TestShare::slidesMayChangeDashesAndQuotes()
{
    const std::string text = sharedText("first");
    QString slide = QString::fromStdString(text);
    slide.replace(" --", QString::fromUtf8("\u00a0\u2013")).replace("--", "-");
    slide = "\n " + slide.replace(" ", "\n", Qt::CaseInsensitive) + " \n";
    slide.replace(QString::fromUtf8("\u00a0"), "\n");
    slide = slide.trimmed().replace("pretext\ntrain", "pretext train");
    QVERIFY(slide != QString::fromStdString(text));
    QVERIFY2(refusalOf(slide.toStdString()).isEmpty(), qPrintable(refusalOf(slide.toStdString()) + slide));
    QVERIFY(readBack(slide.toStdString()) == readBack(text));
}

void TestShare::whatIsCutOffOrChangedIsRefused()
{
    const std::string text = sharedText("first");
    const nlohmann::json whole = readBack(text);
    for (size_t length = 0; length < text.size(); ++length) {
        const QString line = refusalOf(text.substr(0, length));
        QVERIFY2(!line.isEmpty() && !line.contains('\n'), (text.substr(0, length) + ": " + line.toStdString()).c_str());
    }
    int refused = 0;
    for (size_t at = std::string("pretext train ").size(); at < text.size(); ++at) {
        if (!std::isdigit(static_cast<unsigned char>(text[at])))
            continue;
        std::string changed = text;
        changed[at] = changed[at] == '7' ? '8' : '7';
        const QString line = refusalOf(changed);
        if (line.isEmpty()) { // of threads nothing but the last digits depend
            nlohmann::json other = readBack(changed);
            QVERIFY2(other["threads"] != whole["threads"], changed.c_str());
            other["threads"] = whole["threads"];
            QVERIFY2(other == whole, changed.c_str());
        }
        refused += !line.isEmpty();
        QVERIFY2(!line.contains("--code") && !line.contains("leave the code out"), qPrintable(line)); // where it is pasted, there is no such option
    }
    QVERIFY(refused > 5);
}

void TestShare::whatIsNewerIsOneLine()
{
    const std::string text = sharedText("first");
    const auto with = [&](const std::string &more) { return text.substr(0, text.find(" --code")) + ' ' + more + text.substr(text.find(" --code")); };
    QVERIFY2(refusalOf(with("--warp 9")).contains("--warp"), qPrintable(refusalOf(with("--warp 9"))));
    QVERIFY2(refusalOf(with("--set warp=9")).contains("warp"), qPrintable(refusalOf(with("--set warp=9"))));
    QVERIFY2(refusalOf(with("--out elsewhere")).contains("--out"), qPrintable(refusalOf(with("--out elsewhere"))));
    QVERIFY2(refusalOf("hello").contains("pretext train"), qPrintable(refusalOf("hello")));
    const CommandResult mistyped = m_folder.run({"train", "--dataset", "shapes", "--steps", "2", "--code", "7K3QF2M-Q9XB5", "--out", "never"});
    QCOMPARE(mistyped.status, 2);
    QVERIFY2(mistyped.error.contains("--code") && mistyped.error.count('\n') == 1, qPrintable(mistyped.error));
    QVERIFY(!std::filesystem::exists(m_folder.at("never")));
}

void TestShare::otherDataAreRefused()
{
    m_folder.writePictures("theirs", 40);
    const auto data = openDataset(m_folder.at("theirs").string());
    RunConfig config = recommendedConfig(*data);
    config.dataset = m_folder.at("theirs").string();
    config.batch = 4;
    const std::string text = runText(config, *data);
    QVERIFY(refusalOf(text).isEmpty());
    m_folder.writePictures("theirs", 44);
    QVERIFY2(refusalOf(text).contains("not the data"), qPrintable(refusalOf(text)));
    std::filesystem::remove_all(m_folder.at("theirs"));
    QVERIFY2(refusalOf(text).contains("theirs"), qPrintable(refusalOf(text)));
}

void TestShare::theCodeIsReadByACamera()
{
    if (QStandardPaths::findExecutable("zbarimg").isEmpty())
        QSKIP("zbarimg, of zbar-tools, is not there");
    const CommandResult shared = m_folder.run({"share", "first", "--qr", "first.png"});
    QVERIFY2(shared.status == 0, qPrintable(shared.error));
    const std::string text = sharedText("first");
    for (const std::string &longer : {std::string(), std::string(120, 'x')}) {
        const QString file = m_folder.path("code.png");
        writeQr(file, text + longer);
        cv::Mat picture = cv::imread(file.toStdString(), cv::IMREAD_GRAYSCALE);
        QVERIFY(picture.cols >= 1200 && picture.cols == picture.rows);
        QCOMPARE(readAskew(picture, m_folder.path("askew.png")), text + longer);
    }
    const QrCode code = qrCode(text);
    QCOMPARE(readAskew(cv::imread(m_folder.at("first.png").string(), cv::IMREAD_GRAYSCALE), m_folder.path("askew.png")), text);
    writeQr(m_folder.path("code.svg"), text);
    QSvgRenderer svg(m_folder.path("code.svg"));
    QImage drawn(8 * QSize(code.side + 2 * kQrMargin, code.side + 2 * kQrMargin), QImage::Format_Grayscale8);
    drawn.fill(Qt::gray);
    QPainter painter(&drawn);
    svg.render(&painter);
    painter.end();
    const cv::Mat asSvg(drawn.height(), drawn.width(), CV_8U, drawn.bits(), size_t(drawn.bytesPerLine()));
    QCOMPARE(readAskew(asSvg, m_folder.path("askew.png")), text);
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, qrCode(std::string(3000, 'x')));
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument, writeQr(m_folder.path("code.gif"), text));
    QCOMPARE(m_folder.run({"share", "first", "--qr", "first.png"}).status, 2); // it is there already
}

void TestShare::theFileHasTheWeights()
{
    const CommandResult plain = m_folder.run({"share", "first", "--out", "plain.pretext"});
    QVERIFY2(plain.status == 0, qPrintable(plain.error));
    const Session session = readSession(m_folder.path("plain.pretext"));
    QVERIFY(session.config && !session.weights && session.data && session.data->train == openDataset("shapes")->size(Split::train));
    QCOMPARE(session.config->knobs.real("temperature"), 0.3);

    const CommandResult heavy = m_folder.run({"share", "first", "--out", "heavy.pretext", "--weights"});
    QVERIFY2(heavy.status == 0, qPrintable(heavy.error));
    const auto checkpoint = readSafetensors(checkpointsIn(m_folder.at("first")).back()), file = readSafetensors(m_folder.at("heavy.pretext"));
    QVERIFY(readSession(m_folder.path("heavy.pretext")).weights);
    QCOMPARE(file.tensors.size(), checkpoint.tensors.size());
    for (const auto &[name, tensor] : checkpoint.tensors)
        QVERIFY2(file.tensors.at(name).bytes == tensor.bytes, name.c_str());
    QCOMPARE(m_folder.run({"share", "first", "--weights"}).status, 2);
    QCOMPARE(m_folder.run({"share", "absent"}).status, 2);

    std::filesystem::resize_file(m_folder.at("heavy.pretext"), 5000); // a download that broke off
    try {
        readSession(m_folder.path("heavy.pretext"));
        QFAIL("it was accepted");
    } catch (const std::exception &error) {
        QVERIFY2(QString(error.what()).contains("heavy.pretext is damaged, or was not copied whole") && !QString(error.what()).contains('\n'), error.what());
    }
}

void TestShare::theWindowSharesAndOpens()
{
    QVERIFY(m_folder.run({"share", "first", "--out", "window.pretext", "--weights"}).status == 0);
    const auto window = shownWindow({1280, 720});
    QVERIFY(window);
    Run &run = window->run();
    window->opener().openAny(m_folder.path("window.pretext"));
    QTRY_VERIFY_WITH_TIMEOUT(run.hasJob() && run.status().step == 6, 30000); // goes on from where it was
    QCOMPARE(run.config().knobs.real("temperature"), 0.3);

    const std::string text = sharedText("first");
    window->opener().setStartPaused(true);
    window->opener().openAny(QString::fromStdString(text));
    QTRY_VERIFY_WITH_TIMEOUT(run.hasJob() && run.status().step == 0 && run.status().state == TrainerState::paused, 30000);
    QCOMPARE(run.config().steps, 6);
    QCOMPARE(run.config().knobs.real("temperature"), 0.3);
    ShareDialog dialog(
        &run, [] { return Session(); }, window.get());
    QTRY_COMPARE_WITH_TIMEOUT(dialog.text(), QString::fromStdString(text), 10000); // and is shared on as the same
}

QTEST_MAIN(TestShare)
#include "tst_share.moc"
