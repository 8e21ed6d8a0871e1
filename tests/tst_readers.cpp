// What is opened for reading, and how much of it: no pipe is waited for, no device read, no header believed; a name may be any bytes.
#include "core/data/dataset.h"
#include "core/data/interruption.h"
#include "core/data/sources/source.h"
#include "core/engine/config.h"
#include "core/engine/rowfile.h"
#include "core/files/regularfile.h"
#include "core/files/safetensors.h"
#include "core/files/shownpath.h"
#include "tests/filefixture.h"

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

void writeGzip(const fs::path &path, const std::string &head, size_t zeros)
{
    gzFile file = gzopen(path.c_str(), "wb1");
    gzwrite(file, head.data(), static_cast<unsigned>(head.size()));
    const std::string piece(1 << 20, '\0');
    for (; zeros > 0; zeros -= std::min(zeros, piece.size()))
        gzwrite(file, piece.data(), static_cast<unsigned>(std::min(zeros, piece.size())));
    gzclose(file);
}

/// Of `count` grey images of 28 x 28.
std::string idxHeader(uint32_t count)
{
    std::string head("\0\0\x08\x03", 4);
    for (uint32_t extent : {count, 28u, 28u})
        for (int shift = 24; shift >= 0; shift -= 8)
            head += static_cast<char>(extent >> shift);
    return head;
}

} // namespace

class TestReaders : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;

private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
        qputenv("XDG_CACHE_HOME", (m_folder / ".cache").c_str());
        qunsetenv("PRETEXT_MAX_BYTES");
    }
    void cleanup()
    {
        qunsetenv("PRETEXT_MAX_BYTES");
        qunsetenv("PRETEXT_MAX_FILES");
        fs::remove_all(m_folder); // Qt does not see names that are not UTF-8
    }

    /// Each of these would hang, or read until memory ends, were it opened.
    void everyReaderOpensRegularFilesOnly()
    {
        const fs::path pipe = m_folder / "pipe", device = m_folder / "device";
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        fs::create_symlink("/dev/zero", device);
        const std::vector<std::function<void(const fs::path &)>> readers = {
            [](const fs::path &path) { loadConfig(path); },
            [](const fs::path &path) { readSafetensors(path); },
            [](const fs::path &path) { readSafetensorsMetadata(path); },
            [](const fs::path &path) { moveNonEvents(path, path); },
            [](const fs::path &path) { moveRowsPast(path, path, 1); },
            [](const fs::path &path) { firstBytes(path, 4); },
            [](const fs::path &path) { wholeBytes(path); },
            [](const fs::path &path) { openDataset(path.string()); },
        };
        for (const auto &read : readers) {
            QVERIFY(says(errorOf([&] { read(pipe); }), {"pipe: cannot be read: it is a pipe"}));
            QVERIFY(says(errorOf([&] { read(device); }), {"device: cannot be read: it is a device"}));
        }
        QVERIFY(says(errorOf([] { loadConfig("/proc/self/status"); }), {"/proc/self/status", "made up by the system"}));
        QVERIFY(says(errorOf([&] { loadConfig(m_folder); }), {"a folder, not a file"}));
        QVERIFY(says(errorOf([&] { loadConfig(m_folder / "absent"); }), {"absent", "No such file"}));
        QVERIFY(says(openingError("/proc"), {"/proc: what the system makes up", "choose a folder on a disk"}));
    }

    void pipesAndDevicesOfEveryNameAreRefusedAsData()
    {
        for (const char *name : {"a.txt", "a.csv", "a.idx", "a.gz", "a.bin", "a.png"}) {
            QCOMPARE(::mkfifo((m_folder / name).c_str(), 0600), 0);
            QVERIFY2(says(openingError(m_folder / name), {name, "it is a pipe"}), name);
        }
        fs::create_symlink("b.txt", m_folder / "c.txt");
        fs::create_symlink("c.txt", m_folder / "b.txt");
        QVERIFY(says(openingError(m_folder / "b.txt"), {"b.txt", "link", "circle"}));
    }

    void aFolderNamesWhatIsNoFileAndOpensTheRest()
    {
        QVERIFY(fs::create_directories(m_folder / "data" / "cat"));
        for (int i = 0; i < 6; ++i)
            QVERIFY(cv::imwrite((m_folder / "data" / "cat" / (std::to_string(i) + ".png")).string(), cv::Mat(8, 8, CV_8UC3, cv::Scalar(10 * i, 20, 30))));
        const fs::path data = m_folder / "data";
        QCOMPARE(::mkfifo((data / "pipe.png").c_str(), 0600), 0);
        fs::create_symlink("/dev/zero", data / "endless.jpg");
        fs::create_symlink("circle", data / "circle");
        fs::create_symlink("..", data / "cat" / "up");
        fs::create_symlink("/proc/self", data / "process");
        fs::create_symlink("..", data / "around"); // with what lies beside the data
        QVERIFY(cv::imwrite((m_folder / "beside.png").string(), cv::Mat(8, 8, CV_8UC3, cv::Scalar(90, 20, 30))));
        const auto dataset = openDataset(data.string());
        QCOMPARE(dataset->size(Split::train) + dataset->size(Split::test), int64_t(6));
        QString skipped;
        for (const std::string &line : dataset->info().skipped)
            skipped += QString::fromStdString(line) + "; ";
        QVERIFY(says(skipped, {"pipe.png: a pipe", "endless.jpg: a device", "circle: a link that leads nowhere, or in a circle", "cat/up/: a link back",
                               "process/: made up by the system", "around/: a link back"}));
        QCOMPARE(dataset->info().skipped.size(), size_t(6));
    }

    void aFolderOfTextsNamesThemToo()
    {
        const fs::path texts = m_folder / "texts";
        write(texts / "a.txt", "one line\nand another\n");
        QCOMPARE(::mkfifo((texts / "pipe.txt").c_str(), 0600), 0);
        fs::create_symlink("circle.txt", texts / "circle.txt");
        const auto dataset = openDataset(texts.string());
        QString skipped;
        for (const std::string &line : dataset->info().skipped)
            skipped += QString::fromStdString(line) + "; ";
        QVERIFY(says(skipped, {"pipe.txt: a pipe", "circle.txt: a link"}));
    }

    void aWalkIsBoundedAndCanBeEnded()
    {
        fs::path deep = m_folder / "deep";
        for (int i = 0; i < 40; ++i)
            deep /= "d";
        fs::create_directories(deep);
        QVERIFY(cv::imwrite((m_folder / "deep" / "d" / "a.png").string(), cv::Mat(8, 8, CV_8UC3, cv::Scalar(1, 2, 3))));
        QVERIFY(cv::imwrite((deep / "b.png").string(), cv::Mat(8, 8, CV_8UC3, cv::Scalar(1, 2, 3))));
        QVERIFY(says(QString::fromStdString(openDataset((m_folder / "deep").string())->info().skipped.at(0)), {"more than 32 folders deep"}));

        for (int i = 0; i < 600; ++i)
            write(m_folder / "many" / (std::to_string(i) + ".dat"), "");
        qputenv("PRETEXT_MAX_FILES", "500");
        QVERIFY(says(openingError(m_folder / "many"), {"many", "more than 500 files", "PRETEXT_MAX_FILES"}));
        qputenv("PRETEXT_MAX_FILES", "many");
        QVERIFY(says(openingError(m_folder / "many"), {"PRETEXT_MAX_FILES is 'many'"}));
        qunsetenv("PRETEXT_MAX_FILES");
        const Interruptible unwanted([] { return false; });
        QVERIFY_THROWS_EXCEPTION(Interrupted, openDataset((m_folder / "many").string()));
    }

    void aHeaderThatPromisesTooMuchIsNotBelieved()
    {
        writeGzip(m_folder / "liar-idx3-ubyte.gz", idxHeader(4'000'000), 100);
        QVERIFY(says(openingError(m_folder / "liar-idx3-ubyte.gz"), {"liar", "3136000000", "gzip can hold"}));
        // Honest, but more than the bound: 78 MB of zeros in 340 kB.
        qputenv("PRETEXT_MAX_BYTES", "64M");
        const fs::path bomb = m_folder / "bomb-idx3-ubyte.gz";
        writeGzip(bomb, idxHeader(100'000), 78'400'000);
        QVERIFY(says(openingError(bomb), {"bomb", "74.8 MiB", "64.0 MiB", "PRETEXT_MAX_BYTES=1G"}));
        qputenv("PRETEXT_MAX_BYTES", "1G");
        QCOMPARE(openDataset(bomb.string())->size(Split::train), int64_t(90'000));
        qputenv("PRETEXT_MAX_BYTES", "1.5X");
        QVERIFY(says(openingError(bomb), {"PRETEXT_MAX_BYTES", "1.5X"}));
    }

    void anImpossibleImageSizeNamesItsFile()
    {
        for (const char *image : {"[2000000000, 2000000000, 3]", "[0, 28, 1]", "[28, 28, 2]", "[-1, 28, 1]", "[1e300, 28, 1]"}) {
            write(m_folder / "config.json", std::string("{\"image\": ") + image + "}");
            QVERIFY2(says(errorOf([&] { loadConfig(m_folder / "config.json"); }), {"config.json", "image is "}), image);
        }
        write(m_folder / "large-idx3-ubyte", idxHeader(1).replace(8, 4, std::string("\0\1\0\0", 4)) + std::string(65536 * 28, 'a'));
        QVERIFY(says(openingError(m_folder / "large-idx3-ubyte"), {"large-idx3-ubyte", "65536 x 28"}));
        const QString digits(300, '9'); // a number that no message repeats in full
        write(m_folder / "config.json", "{\"minutes\": " + digits.toStdString() + "}");
        const QString error = errorOf([&] { loadConfig(m_folder / "config.json"); });
        QVERIFY2(says(error, {"config.json", "minutes"}) && !error.contains(QString(40, '9')) && error.size() < 300, qPrintable(error));
    }

    void aBombWithoutAHeaderIsRefusedToo()
    {
        qputenv("PRETEXT_MAX_BYTES", "8M");
        writeGzip(m_folder / "bomb.txt", "one line\n", 16 << 20);
        QVERIFY(says(openingError(m_folder / "bomb.txt"), {"bomb.txt", "8.0 MiB", "PRETEXT_MAX_BYTES"}));
        writeGzip(m_folder / "data_batch_1.bin", {}, 3073 * 4000);
        QVERIFY(says(openingError(m_folder / "data_batch_1.bin"), {"data_batch_1.bin", "PRETEXT_MAX_BYTES"}));
        QCOMPARE(firstBytes(m_folder / "bomb.txt", 8).size(), size_t(8)); // its beginning can be looked at
    }

    void theBoundOfATextIsRaisedByTheSameVariable()
    {
        constexpr uint64_t kUsual = 1 << 20;
        write(m_folder / "plain.txt", std::string(2 << 20, 'a'));
        writeGzip(m_folder / "packed.txt", "one line\n", 2 << 20);
        for (const char *name : {"plain.txt", "packed.txt"}) {
            const fs::path file = m_folder / name;
            QVERIFY(says(errorOf([&] { wholeBytes(file, kUsual, Bound::raisable); }), {name, "1.0 MiB", "if it is meant so, set PRETEXT_MAX_BYTES=1G"}));
            qputenv("PRETEXT_MAX_BYTES", "512K"); // it raises, and does not lower
            QCOMPARE(raisedBound(kUsual), kUsual);
            qputenv("PRETEXT_MAX_BYTES", "4M");
            QVERIFY(wholeBytes(file, kUsual, Bound::raisable).size() >= size_t(2 << 20));
            QVERIFY(!says(errorOf([&] { wholeBytes(file, kUsual); }), {"PRETEXT_MAX_BYTES"})); // where it does not, it is not named
            qunsetenv("PRETEXT_MAX_BYTES");
        }
    }

    void pathsAreShownAndFoundAgain()
    {
        for (const std::string &path :
             {std::string("caf\xe9/x"), std::string("日本/é"), std::string("a\nb"), std::string("\\x41"), std::string("\xff\xfe\\"), std::string("\\x")}) {
            const std::string shown = shownPath(path);
            QVERIFY(!QString::fromStdString(shown).contains(QChar::ReplacementCharacter));
            QCOMPARE(pathAsShown(shown).native(), path);
        }
        QCOMPARE(shownPath("caf\xe9"), std::string("caf\\xE9"));
        QCOMPARE(shownPath("日本/é \\ x"), std::string("日本/é \\ x"));
    }

    void aNameThatIsNotUtf8Works()
    {
        const fs::path file = m_folder / "caf\xe9-idx3-ubyte";
        write(file, idxHeader(20) + std::string(20 * 784, 'a'));
        const auto dataset = openDataset(file.string());
        QCOMPARE(dataset->size(Split::train), int64_t(16));
        QCOMPARE(QString::fromStdString(openDataset(shownPath(file))->info().name), QString::fromStdString(shownPath(file)));
        RunConfig config;
        config.dataset = file.string();
        config.image = dataset->info().image;
        QCOMPARE(configFromJson(nlohmann::json::parse(toJson(config).dump())).dataset, file.string());
    }
};

QTEST_GUILESS_MAIN(TestReaders)
#include "tst_readers.moc"
