// Every source gives what its files hold, and every damaged file one clear line. The files are written here.
#include "core/data/dataset.h"
#include "core/data/longtailed.h"
#include "core/data/sources/folder.h"
#include "core/data/sources/outline.h"
#include "core/data/sources/source.h"
#include "tests/filefixture.h"
#include "tests/toydata.h"

#include <opencv2/imgcodecs.hpp>
#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

void writeGzip(const fs::path &path, const Bytes &bytes)
{
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
}

Bytes idx(std::vector<uint32_t> extents, const Bytes &values)
{
    Bytes bytes = {0, 0, 8, static_cast<uint8_t>(extents.size())};
    for (uint32_t extent : extents)
        for (int shift = 24; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<uint8_t>(extent >> shift));
    bytes.insert(bytes.end(), values.begin(), values.end());
    return bytes;
}

/// Images of 2 x 3 whose first pixel is their index.
Bytes idxImages(uint32_t count)
{
    Bytes values(count * 6, 9);
    for (uint32_t i = 0; i < count; ++i)
        values[i * 6] = static_cast<uint8_t>(i);
    return idx({count, 2, 3}, values);
}

Bytes idxLabels(uint32_t count)
{
    Bytes values(count);
    for (uint32_t i = 0; i < count; ++i)
        values[i] = static_cast<uint8_t>(i % 4);
    return idx({count}, values);
}

/// Records whose planes hold 10, 20 and 30, but for the first pixel, which holds the record's number.
Bytes cifar(int labelBytes, int count)
{
    Bytes bytes;
    for (int i = 0; i < count; ++i) {
        for (int b = 0; b < labelBytes; ++b)
            bytes.push_back(static_cast<uint8_t>(labelBytes == 2 && b == 1 ? i + 50 : i % 10));
        for (int value : {10, 20, 30})
            bytes.insert(bytes.end(), 1024, static_cast<uint8_t>(value));
        bytes[bytes.size() - 3072] = static_cast<uint8_t>(i);
    }
    return bytes;
}

void writePicture(const fs::path &path, const cv::Mat &picture)
{
    fs::create_directories(path.parent_path());
    cv::imwrite(path.string(), picture);
}

/// A plain picture, in OpenCV's order of channels.
cv::Mat plain(int height, int width, cv::Scalar bgr)
{
    return cv::Mat(height, width, CV_8UC3, bgr);
}

/// Two labels, `count` pictures each.
void writeFolder(const fs::path &folder, int count)
{
    for (int i = 0; i < count; ++i) {
        writePicture(folder / "cat" / (std::to_string(i) + ".png"), plain(20, 20, {0, 0, 200}));
        writePicture(folder / "dog" / (std::to_string(i) + ".jpg"), plain(48, 32, {200, 0, 0}));
    }
}

int64_t total(const Dataset &dataset)
{
    return dataset.size(Split::train) + dataset.size(Split::test);
}

} // namespace

class TestDatasets : public QObject
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
    }

    // --- by name

    void everyTypeOpensOrSaysWhatToInstall()
    {
        for (const DatasetType &type : datasetTypes()) {
            QVERIFY(!type.help.empty());
            if (!type.available() || type.modality != Modality::image) // texts: tst_text
                continue;
            const auto dataset = openDataset(type.name);
            const DatasetInfo &info = dataset->info();
            QCOMPARE(info.name, type.name);
            QCOMPARE(info.mean.size(), size_t(info.image.channels));
            for (Split split : {Split::train, Split::test}) {
                const int64_t last = dataset->size(split) - 1;
                const Image image = dataset->image(split, last);
                QCOMPARE(image.pixels.size(), size_t(info.image.height * info.image.width * info.image.channels));
                QCOMPARE(dataset->image(split, last), image);
                for (int column = 0; column < int(info.columns.size()); ++column)
                    QVERIFY(info.columns[column].classes.empty() || dataset->label(split, last, column) < info.columns[column].classes.size());
                QVERIFY_THROWS_EXCEPTION(std::out_of_range, dataset->image(split, last + 1));
            }
        }
    }

    void fashionMnistHasItsFacts()
    {
        if (!datasetTypes().front().available())
            QSKIP("the package dataset-fashion-mnist is not installed");
        const auto dataset = openDefaultDataset();
        QCOMPARE(dataset->info().name, std::string("fashion-mnist"));
        QCOMPARE(dataset->size(Split::train), int64_t(60000));
        QCOMPARE(dataset->size(Split::test), int64_t(10000));
        QVERIFY(std::abs(dataset->info().mean[0] - 0.2860f) < 1e-4 && std::abs(dataset->info().deviation[0] - 0.3530f) < 1e-4);
        QCOMPARE(dataset->info().columns[0].classes[9], std::string("ankle boot"));
        QCOMPARE(dataset->label(Split::train, 0), 9.f); // the boot that every tutorial shows
        QCOMPARE(dataset->label(Split::test, 0), 9.f);
    }

    void anAbsentPackageIsNamed()
    {
        try {
            openFashionMnist(m_folder);
            QFAIL("opened nothing");
        } catch (const std::invalid_argument &error) {
            QVERIFY(says(error.what(), {"train-images-idx3-ubyte.gz", "dataset-fashion-mnist", "apt-get install"}));
        }
        QVERIFY(openShapes("Fashion-MNIST is absent")->info().note.find("absent") != std::string::npos);
    }

    void anUnknownNameSuggestsTheNearest()
    {
        QVERIFY(says(openingError("fashion-mnits"), {"fashion-mnits", "did you mean 'fashion-mnist'"}));
        QVERIFY(says(openingError("/nowhere/at/all"), {"/nowhere/at/all", "nor an existing file or folder"}));
        QVERIFY(says(openingError(""), {"neither"}));
        write(m_folder / "notes.pdf", {'a'});
        QVERIFY(says(openingError(m_folder / "notes.pdf"), {"notes.pdf", "choose a folder"}));
        write(m_folder / "alone.png");
        QVERIFY(says(openingError(m_folder / "alone.png"), {"alone.png: is one picture; choose the folder that it lies in"}));
    }

    // --- shapes

    void shapesAreAFunctionOfTheirIndex()
    {
        const auto a = openDataset("shapes"), b = openDataset("shapes");
        QCOMPARE(a->size(Split::train), int64_t(50000));
        QCOMPARE(a->size(Split::test), int64_t(10000));
        QCOMPARE(a->info().columns[0].classes.size(), size_t(8));
        b->image(Split::test, 77); // nothing drawn before matters
        for (int64_t i : {0, 1, 49999})
            QCOMPARE(a->image(Split::train, i), b->image(Split::train, i));
        QVERIFY(a->image(Split::train, 0) != a->image(Split::train, 1));
        QVERIFY(a->image(Split::train, 0) != a->image(Split::test, 0));
    }

    void shapesFactorsAreEvenAndInRange()
    {
        const auto dataset = openDataset("shapes");
        const auto &columns = dataset->info().columns;
        std::vector<std::vector<int>> counts(3, std::vector<int>(8));
        std::vector<double> sums(columns.size());
        constexpr int kCount = 8000;
        for (int64_t i = 0; i < kCount; ++i) {
            for (int column = 0; column < 3; ++column)
                ++counts[column][int(dataset->label(Split::train, i, column))];
            QVERIFY(dataset->label(Split::train, i, 1) != dataset->label(Split::train, i, 2)); // it stands out
            for (int column = 3; column < 7; ++column)
                sums[column] += dataset->label(Split::train, i, column);
        }
        for (const auto &column : counts)
            for (int count : column)
                QVERIFY(std::abs(count - kCount / 8) < 6 * std::sqrt(kCount * 7 / 64.));
        QVERIFY(std::abs(sums[4] / kCount - 0.5) < 0.02 && std::abs(sums[5] / kCount - 0.5) < 0.02 && std::abs(sums[6] / kCount) < 1.5);
    }

    void aShapeIsWhereItsLabelsSay()
    {
        const auto dataset = openDataset("shapes");
        for (int64_t i = 0; i < 200; ++i) {
            if (dataset->label(Split::train, i, 0) > 1) // circles and squares, whose middle is their centre
                continue;
            const Image image = dataset->image(Split::train, i);
            const uint8_t *p = image.pixels.data();
            double x = 0, y = 0, area = 0;
            for (int row = 0; row < 32; ++row)
                for (int column = 0; column < 32; ++column, p += 3) {
                    // Unlike the background of its row, which the corner column shows.
                    const uint8_t *corner = image.pixels.data() + row * 32 * 3;
                    const double differs = std::min(1., (std::abs(p[0] - corner[0]) + std::abs(p[1] - corner[1]) + std::abs(p[2] - corner[2])) / 60.);
                    x += differs * (column + 0.5), y += differs * (row + 0.5), area += differs;
                }
            QVERIFY(std::abs(x / area - 32 * dataset->label(Split::train, i, 4)) < 0.5);
            QVERIFY(std::abs(y / area - 32 * dataset->label(Split::train, i, 5)) < 0.5);
            const double radius = 32 * dataset->label(Split::train, i, 3);
            QVERIFY(area > 2.0 * radius * radius && area < 3.9 * radius * radius);
        }
    }

    /// Channel by channel it is where its factors say, and the next clip is the same a moment later.
    void aMovingShapeGoesWhereItsLabelsSay()
    {
        const auto dataset = openDataset("moving-shapes");
        QVERIFY(dataset->info().frames);
        const auto centre = [](const Image &image, int frame) {
            double x = 0, y = 0, area = 0;
            for (int row = 0; row < 32; ++row)
                for (int column = 0; column < 32; ++column) {
                    const double above = image.pixels[size_t((row * 32 + column) * 3 + frame)] - image.pixels[size_t(row * 32 * 3 + frame)];
                    x += above * (column + 0.5), y += above * (row + 0.5), area += above;
                }
            return std::pair(x / area, y / area);
        };
        const auto direction = [](double right, double down) { return int(std::lround(std::atan2(-down, right) / (M_PI / 4)) + 8) % 8; };
        int straight = 0, bounced = 0;
        for (int64_t i = 0; i < 800; ++i) {
            const auto label = [&](int column) { return double(dataset->label(Split::test, i, column)); };
            if (label(0) > 0) // circles: the straight edges of others are drawn to a quarter of a pixel
                continue;
            const Image now = dataset->image(Split::test, i), next = dataset->next(Split::test, i);
            for (size_t pixel = 0; pixel < now.pixels.size(); pixel += 3)
                QVERIFY(now.pixels[pixel + 1] == next.pixels[pixel] && now.pixels[pixel + 2] == next.pixels[pixel + 1]);
            const auto [x, y] = centre(now, 2);
            QVERIFY(std::abs(x - 32 * label(4)) < 0.1 && std::abs(y - 32 * label(5)) < 0.1);
            const auto [beforeX, beforeY] = centre(now, 1);
            const auto [nextX, nextY] = centre(next, 2);
            const double turn = std::hypot(nextX - 2 * x + beforeX, nextY - 2 * y + beforeY); // of a straight way it is 0
            if (label(2) == 0) {
                ++straight;
                QVERIFY2(turn < 0.1, qPrintable(QString::number(turn)));
                QVERIFY(std::abs(std::hypot(nextX - x, nextY - y) - label(3)) < 0.1);
                const double sector = std::atan2(-(nextY - y), nextX - x) / (M_PI / 4);
                if (std::abs(sector - std::lround(sector)) < 0.45) // not between two
                    QCOMPARE(direction(nextX - x, nextY - y), int(label(1)));
            }
            bounced += label(2) == 2 && turn > 0.2;
        }
        QVERIFY2(straight > 30 && bounced > 5, qPrintable(QString("%1 %2").arg(straight).arg(bounced)));
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, openDataset("shapes")->next(Split::test, 0));
    }

    void captionsSayTheFactors()
    {
        const auto dataset = openDataset("shapes");
        for (int64_t i = 0; i < 50; ++i) {
            const std::string caption = dataset->caption(Split::test, i);
            for (int column = 0; column < 3; ++column)
                QVERIFY(caption.find(dataset->info().columns[column].classes[int(dataset->label(Split::test, i, column))]) != std::string::npos);
            const float y = dataset->label(Split::test, i, 5);
            QVERIFY((caption.find("top") != std::string::npos) <= (y < 0.5f));
            QVERIFY((caption.find("bottom") != std::string::npos) <= (y > 0.5f));
        }
    }

    void coverageIsTheArea()
    {
        const auto area = [](const Outline &outline) {
            double sum = 0;
            for (float share : coverage(outline, 32, 32)) {
                sum += share;
                if (share < -1e-5f || share > 1 + 1e-5f)
                    return -1.;
            }
            return sum;
        };
        QVERIFY(std::abs(area(placed(squareOutline(), 16, 16, 10, 0)) - 256) < 0.01);
        QVERIFY(std::abs(area(placed(squareOutline(), 16, 16, 10, 30)) - 256) < 1);
        QVERIFY(std::abs(area(placed(squareOutline(), 0, 16, 10, 0)) - 128) < 0.01); // half outside
        QVERIFY(std::abs(area(placed(circleOutline(), 15.3f, 16.7f, 10, 0)) - 3.14159 * 95 * 0.95) < 2);
        QCOMPARE(area(placed(crossOutline(), 100, 100, 10, 0)), 0.);
    }

    // --- IDX

    void idxReadsPlainAndGzipInPairs()
    {
        write(m_folder / "train-images-idx3-ubyte", idxImages(12));
        write(m_folder / "train-labels-idx1-ubyte", idxLabels(12));
        writeGzip(m_folder / "t10k-images-idx3-ubyte.gz", idxImages(5));
        writeGzip(m_folder / "t10k-labels-idx1-ubyte.gz", idxLabels(5));
        for (const fs::path &path : {m_folder, m_folder / "train-images-idx3-ubyte", m_folder / "t10k-images-idx3-ubyte.gz"}) {
            const auto dataset = openDataset(path.string());
            QCOMPARE(dataset->size(Split::train), int64_t(12));
            QCOMPARE(dataset->size(Split::test), int64_t(5));
            QCOMPARE(dataset->info().image, (ImageShape{2, 3, 1}));
            QCOMPARE(dataset->image(Split::train, 7), (Image{2, 3, 1, {7, 9, 9, 9, 9, 9}}));
            QCOMPARE(dataset->label(Split::train, 7), 3.f);
            QCOMPARE(dataset->info().columns[0].classes.size(), size_t(4));
        }
    }

    void aLoneIdxFileWorks()
    {
        write(m_folder / "images.idx", idxImages(25));
        const auto dataset = openDataset((m_folder / "images.idx").string());
        QCOMPARE(dataset->size(Split::train), int64_t(20));
        QCOMPARE(dataset->size(Split::test), int64_t(5)); // a fifth, as there are few
        QVERIFY(dataset->info().columns.empty());
        QVERIFY(dataset->info().note.find("one image in five is held out") != std::string::npos && dataset->info().note.find("No labels") != std::string::npos);
        write(m_folder / "one.idx", idxImages(1));
        QCOMPARE(openDataset((m_folder / "one.idx").string())->size(Split::train), int64_t(1));
    }

    void idxOfColours()
    {
        write(m_folder / "colour-images.idx", idx({2, 1, 1, 3}, {1, 2, 3, 4, 5, 6}));
        const auto dataset = openDataset((m_folder / "colour-images.idx").string());
        QCOMPARE(dataset->info().image, (ImageShape{1, 1, 3}));
        const Bytes trained = dataset->image(Split::train, 0).pixels, heldOut = dataset->image(Split::test, 0).pixels;
        QCOMPARE(std::set({trained, heldOut}), (std::set<Bytes>{{1, 2, 3}, {4, 5, 6}}));
    }

    void damagedIdxIsTold()
    {
        const auto told = [&](const char *name, const Bytes &bytes, std::initializer_list<const char *> parts) {
            write(m_folder / name, bytes);
            const QString error = openingError(m_folder / name);
            return says(error, parts) && error.contains(name);
        };
        Bytes shorter = idxImages(9), longer = shorter, other = shorter;
        shorter.pop_back();
        longer.push_back(0);
        other[2] = 0x0d;
        QVERIFY(told("truncated-ubyte", shorter, {"truncated", "54", "53"}));
        QVERIFY(told("longer-ubyte", longer, {"longer than the 54"}));
        QVERIFY(told("floats-ubyte", other, {"type 0d"}));
        QVERIFY(told("png-ubyte", {0x89, 'P', 'N', 'G', 13, 10}, {"not an IDX file", "89 50 4e 47"}));
        QVERIFY(told("empty-ubyte", {}, {"begins with nothing"}));
        QVERIFY(told("header-ubyte", {0, 0, 8, 3, 0, 0}, {"truncated within its header"}));
        QVERIFY(told("huge-ubyte", idx({0xffffffff, 0xffffffff, 0xffffffff}, {}), {"damaged"}));
        QVERIFY(told("large-ubyte", idx({0x00ffffff, 28, 28}, {}), {"truncated"})); // announces 13 GB
        QVERIFY(told("none-ubyte", idx({0, 28, 28}, {}), {"no images"}));
        QVERIFY(told("flat-ubyte", idx({4, 0, 28}, {}), {"0 x 28"}));
        QVERIFY(told("planes-ubyte", idx({3, 2, 1, 2}, Bytes(12)), {"4 axes"}));
        QVERIFY(told("only-labels-idx1-ubyte", idxLabels(4), {"labels", "images file"}));
    }

    void damagedGzipIsTold()
    {
        writeGzip(m_folder / "whole.gz", idxImages(200));
        Bytes bytes = bytesOf(m_folder / "whole.gz");
        write(m_folder / "short-ubyte.gz", Bytes(bytes.begin(), bytes.end() - 12));
        QVERIFY(says(openingError(m_folder / "short-ubyte.gz"), {"short-ubyte.gz", "damaged gzip file (unexpected end of file)"}));
        for (size_t i = bytes.size() / 2; i < bytes.size() / 2 + 8; ++i)
            bytes[i] ^= 0x5a;
        write(m_folder / "bad-ubyte.gz", bytes);
        QVERIFY(says(openingError(m_folder / "bad-ubyte.gz"), {"bad-ubyte.gz"}));
    }

    void labelsMustMatchTheImages()
    {
        write(m_folder / "train-images-idx3-ubyte", idxImages(12));
        write(m_folder / "train-labels-idx1-ubyte", idxLabels(11));
        QVERIFY(says(openingError(m_folder), {"train-labels-idx1-ubyte", "11 labels", "12 images"}));
        write(m_folder / "train-labels-idx1-ubyte", idxLabels(12));
        write(m_folder / "t10k-images-idx3-ubyte", idxImages(3));
        QVERIFY(says(openingError(m_folder), {"t10k-images-idx3-ubyte", "no labels file"}));
        write(m_folder / "t10k-labels-idx1-ubyte", idxLabels(3));
        write(m_folder / "t10k-images-idx3-ubyte", idx({3, 1, 1}, Bytes(3)));
        QVERIFY(says(openingError(m_folder), {"1 x 1", "2 x 3"}));
    }

    // --- CIFAR

    void cifarTenFromAFolderAndAFile()
    {
        write(m_folder / "cifar-10-batches-bin/data_batch_1.bin", cifar(1, 12));
        write(m_folder / "cifar-10-batches-bin/data_batch_2.bin", cifar(1, 8));
        write(m_folder / "cifar-10-batches-bin/test_batch.bin", cifar(1, 3));
        std::ofstream(m_folder / "cifar-10-batches-bin/batches.meta.txt") << "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";
        for (const fs::path &path : {m_folder, m_folder / "cifar-10-batches-bin"}) {
            const auto dataset = openDataset(path.string());
            QCOMPARE(dataset->size(Split::train), int64_t(20));
            QCOMPARE(dataset->size(Split::test), int64_t(3));
            QCOMPARE(dataset->label(Split::train, 14), 2.f);
            QCOMPARE(dataset->info().columns[0].classes[9], std::string("truck"));
            const Image image = dataset->image(Split::train, 14);
            QCOMPARE(Bytes(image.pixels.begin(), image.pixels.begin() + 6), (Bytes{2, 20, 30, 10, 20, 30})); // interleaved
        }
        const auto lone = openDataset((m_folder / "cifar-10-batches-bin/data_batch_1.bin").string());
        QCOMPARE(lone->size(Split::train), int64_t(9));
        QCOMPARE(lone->size(Split::test), int64_t(3));
    }

    void cifarHundredHasTwoLabels()
    {
        write(m_folder / "train.bin", cifar(2, 9));
        write(m_folder / "test.bin", cifar(2, 2));
        const auto dataset = openDataset(m_folder.string());
        QCOMPARE(dataset->info().columns.size(), size_t(2));
        QCOMPARE(dataset->info().columns[0].classes.size(), size_t(100));
        QCOMPARE(dataset->label(Split::train, 7, 0), 57.f);
        QCOMPARE(dataset->label(Split::train, 7, 1), 7.f);
        write(m_folder / "mine.bin", cifar(2, 9)); // told by its length
        QCOMPARE(openDataset((m_folder / "mine.bin").string())->info().columns.size(), size_t(2));
    }

    void damagedCifarIsTold()
    {
        Bytes bytes = cifar(1, 4);
        bytes.pop_back();
        write(m_folder / "a/data_batch_1.bin", bytes);
        QVERIFY(says(openingError(m_folder / "a"), {"data_batch_1.bin", "12291", "3073"}));
        bytes = cifar(1, 4);
        bytes[3073] = 200;
        write(m_folder / "b/data_batch_1.bin", bytes);
        QVERIFY(says(openingError(m_folder / "b"), {"record 1", "label 200", "0 to 9"}));
        write(m_folder / "c/data_batch_1.bin");
        QVERIFY(says(openingError(m_folder / "c"), {"empty"}));
        write(m_folder / "d/data_batch_1", {0x80, 2});
        QVERIFY(says(openingError(m_folder / "d"), {"binary version"}));
        write(m_folder / "cifar-10-binary.tar.gz", {0x1f, 0x8b});
        QVERIFY(says(openingError(m_folder / "cifar-10-binary.tar.gz"), {"cifar-10-binary.tar.gz", "cannot be opened as an archive"}));
    }

    // --- folders

    void subFoldersAreLabels()
    {
        writeFolder(m_folder, 30);
        const auto dataset = openDataset(m_folder.string());
        const DatasetInfo &info = dataset->info();
        QCOMPARE(info.image, (ImageShape{32, 32, 3}));
        QCOMPARE(info.columns[0].classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(total(*dataset), int64_t(60));
        QVERIFY(dataset->size(Split::test) >= 1 && dataset->size(Split::test) <= 14);
        for (int64_t i = 0; i < dataset->size(Split::train); ++i) {
            const bool dog = dataset->label(Split::train, i) == 1;
            const Image image = dataset->image(Split::train, i);
            QVERIFY(std::abs(image.pixels[0] - (dog ? 0 : 200)) < 4 && std::abs(image.pixels[2] - (dog ? 200 : 0)) < 4); // RGB
            QVERIFY(dataset->caption(Split::train, i).starts_with(dog ? "dog/" : "cat/"));
        }
    }

    void theOrderAndSplitAreAlwaysTheSame()
    {
        writeFolder(m_folder / "one", 20);
        writeFolder(m_folder / "two", 20);
        const auto a = openDataset((m_folder / "one").string()), b = openDataset((m_folder / "two").string());
        QCOMPARE(a->size(Split::test), b->size(Split::test)); // by the relative path alone
        for (Split split : {Split::train, Split::test})
            for (int64_t i = 0; i < a->size(split); ++i)
                QCOMPARE(a->caption(split, i), b->caption(split, i));
        QCOMPARE(a->info().mean, b->info().mean);
    }

    void trainAndTestFoldersAreTheSplit()
    {
        writeFolder(m_folder / "train", 4);
        writeFolder(m_folder / "test", 2);
        writePicture(m_folder / "stray.png", plain(9, 9, {}));
        const auto dataset = openDataset(m_folder.string());
        QCOMPARE(dataset->size(Split::train), int64_t(8));
        QCOMPARE(dataset->size(Split::test), int64_t(4));
        QCOMPARE(dataset->info().columns[0].classes, (std::vector<std::string>{"cat", "dog"}));
        QCOMPARE(dataset->info().skipped.size(), size_t(1));
    }

    void withoutSubFoldersThereAreNoLabels()
    {
        for (int i = 0; i < 3; ++i)
            writePicture(m_folder / (std::to_string(i) + ".png"), plain(10, 10, {}));
        const auto dataset = openDataset(m_folder.string());
        QVERIFY(dataset->info().columns.empty());
        QVERIFY(dataset->info().note.find("no labels") != std::string::npos);
        QVERIFY(dataset->size(Split::train) >= 1 && dataset->size(Split::test) >= 1);
        QVERIFY_THROWS_EXCEPTION(std::out_of_range, dataset->label(Split::train, 0));
    }

    void oneClassIsTold()
    {
        writePicture(m_folder / "only/a.png", plain(10, 10, {}));
        const auto dataset = openDataset(m_folder.string());
        QCOMPARE(dataset->info().columns[0].classes.size(), size_t(1));
        QVERIFY(dataset->info().note.find("one label 'only'") != std::string::npos);
        QCOMPARE(dataset->size(Split::train), int64_t(1));
        QVERIFY(std::isfinite(1 / dataset->info().deviation[0])); // black images
    }

    void unreadableFilesAreSkippedAndListed()
    {
        writeFolder(m_folder, 3);
        const Bytes png = bytesOf(m_folder / "cat/0.png"), jpeg = bytesOf(m_folder / "dog/0.jpg");
        Bytes corrupt = png;
        corrupt[corrupt.size() / 2] ^= 0xff;
        write(m_folder / "cat/corrupt.png", corrupt);
        write(m_folder / "cat/short.png", Bytes(png.begin(), png.end() - 20));
        write(m_folder / "cat/zero.png");
        write(m_folder / "dog/short.jpg", Bytes(jpeg.begin(), jpeg.begin() + ptrdiff_t(jpeg.size()) * 3 / 4));
        write(m_folder / "dog/text.jpg", {'h', 'e', 'l', 'l', 'o'});
        write(m_folder / "dog/moving.gif", {'G', 'I', 'F', '8', '9', 'a'});
        write(m_folder / "dog/readme.txt", {'h', 'i'});
        fs::create_symlink("nowhere.png", m_folder / "dog/broken.png");
        const auto dataset = openDataset(m_folder.string());
        QCOMPARE(total(*dataset), int64_t(6));
        const auto &skipped = dataset->info().skipped;
        QCOMPARE(skipped.size(), size_t(7));
        const auto told = [&](const std::string &name, const std::string &why) {
            return std::any_of(skipped.begin(), skipped.end(),
                               [&](const std::string &line) { return line.starts_with(name) && line.find(why) != std::string::npos; });
        };
        QVERIFY(told("cat/corrupt.png", "checksum"));
        QVERIFY(told("cat/short.png", "truncated PNG"));
        QVERIFY(told("cat/zero.png", "empty"));
        QVERIFY(told("dog/short.jpg", "truncated JPEG"));
        QVERIFY(told("dog/text.jpg", "not an image"));
        QVERIFY(told("dog/moving.gif", "convert"));
        QVERIFY(told("dog/broken.png", "leads nowhere"));
        QVERIFY(dataset->info().note.find("skipped") == std::string::npos); // what shows the note counts them itself
    }

    void aLargeFolderIsLookedAtInSamples()
    {
        writeFolder(m_folder, 1);
        const fs::path picture = m_folder / "cat" / "0.png";
        constexpr int kFiles = 20100; // more than are looked at
        for (int i = 1; i < kFiles; ++i)
            fs::create_hard_link(picture, m_folder / "cat" / (std::to_string(100000 + i) + ".png"));
        const auto dataset = openDataset(m_folder.string());
        QVERIFY(total(*dataset) >= kFiles);
        QVERIFY(dataset->info().skipped.empty());
        QVERIFY2(dataset->info().note.find("images were looked at yet") != std::string::npos, dataset->info().note.c_str());
        QVERIFY2(dataset->info().note.find("20099 images are copies of others") != std::string::npos, dataset->info().note.c_str());
        QCOMPARE(dataset->image(Split::train, 12345).height, 32);
    }

    void aFileDamagedLaterIsShownAsBroken()
    {
        // More than is decoded on opening: noise does not compress.
        cv::Mat noise(550, 550, CV_8UC3);
        cv::randu(noise, 0, 255);
        writePicture(m_folder / "00.png", noise);
        for (int i = 1; i < 45; ++i)
            fs::copy_file(m_folder / "00.png", m_folder / ((i < 10 ? "0" : "") + std::to_string(i) + ".png"));
        const auto dataset = openDataset(m_folder.string(), {.size = 16});
        for (const fs::directory_entry &entry : fs::directory_iterator(m_folder))
            write(entry.path(), {1, 2, 3});
        int broken = 0;
        for (Split split : {Split::train, Split::test})
            for (int64_t i = 0; i < dataset->size(split); ++i) {
                const Image image = dataset->image(split, i);
                QCOMPARE(image.pixels.size(), size_t(16 * 16 * 3));
                if (dataset->caption(split, i).find("could not be read") == std::string::npos)
                    continue;
                ++broken;
                QVERIFY(image.pixels[0] == 32 && image.pixels[3] == 128); // the arms of a cross on grey
            }
        QVERIFY2(broken > 0 && broken < 30, qPrintable(QString::number(broken)));
    }

    void aFolderOfOtherFilesNamesThem()
    {
        fs::create_directories(m_folder / "notes");
        for (const char *name : {"a.csv", "b.csv", "notes/c.md", "notes/d.md"})
            std::ofstream(m_folder / name) << "one,two\n";
        const QString error = openingError(m_folder);
        QVERIFY(says(error, {"holds no images", "but 4 other files: a.csv, b.csv, notes/c.md ...", "rename texts to .txt"}));
        QVERIFY(says(error, {("give a table itself, " + (m_folder / "a.csv").string()).c_str()}));
        fs::remove(m_folder / "a.csv");
        fs::remove(m_folder / "b.csv");
        QVERIFY(says(openingError(m_folder), {"but 2 other files: notes/c.md, notes/d.md; rename texts to .txt, or choose a folder of images"}));
    }

    void anEmptyFolderIsTold()
    {
        QVERIFY(says(openingError(m_folder), {m_folder.c_str(), "holds no images", "choose"}));
        write(m_folder / "a.png");
        QVERIFY(says(openingError(m_folder), {"its one image cannot be read", "a.png", "empty"}));
        QVERIFY(says(openingError(m_folder, {.size = 0}), {"0 pixels", "4 to 1024"}));
    }

    void sizesAndColoursAreBroughtTogether()
    {
        // Left half red, right half blue, twice as wide as high: the central square keeps both.
        cv::Mat wide = plain(50, 100, {0, 0, 255});
        wide(cv::Rect(50, 0, 50, 50)).setTo(cv::Scalar(255, 0, 0));
        writePicture(m_folder / "x/wide.png", wide);
        cv::Mat deep(8, 8, CV_16UC1, cv::Scalar(0x8080));
        writePicture(m_folder / "x/deep.png", deep);
        writePicture(m_folder / "x/clear.png", cv::Mat(8, 8, CV_8UC4, cv::Scalar(0, 0, 0, 0)));
        writePicture(m_folder / "x/half.png", cv::Mat(8, 8, CV_8UC4, cv::Scalar(0, 0, 0, 128)));
        for (bool colour : {true, false}) {
            const auto dataset = openDataset(m_folder.string(), {.size = 10, .colour = colour});
            QCOMPARE(dataset->info().image, (ImageShape{10, 10, colour ? 3 : 1}));
            for (Split split : {Split::train, Split::test})
                for (int64_t i = 0; i < dataset->size(split); ++i) {
                    const std::string name = dataset->caption(split, i);
                    const Bytes pixels = dataset->image(split, i).pixels;
                    const auto first = pixels.front(), last = pixels.back();
                    if (name == "x/wide.png" && colour)
                        QVERIFY(pixels[0] == 255 && pixels[2] == 0 && pixels[27] == 0 && pixels[29] == 255);
                    if (name == "x/wide.png" && !colour)
                        QVERIFY(first == 76 && last == 29);
                    if (name == "x/deep.png")
                        QCOMPARE(int(first), 128);
                    if (name == "x/clear.png")
                        QCOMPARE(int(first), 255);
                    if (name == "x/half.png")
                        QCOMPARE(int(first), 127);
                }
        }
    }

    void aLongTailFallsExponentially()
    {
        QCOMPARE(longTail({100, 100, 100}, 100), (std::vector<int64_t>{100, 10, 1}));
        QCOMPARE(longTail({5000, 50, 5000}, 10), (std::vector<int64_t>{5000, 50, 500})); // never more than there are
        QCOMPARE(longTail({20, 20, 20}, 1e4), (std::vector<int64_t>{20, 1, 1}));         // and one at least
    }

    /// Of the training split, and of that alone; the same samples each time.
    void dataAreMadeLongTailed()
    {
        const auto whole = std::make_shared<ToyData>();
        const auto tail = longTailed(whole, 8), again = longTailed(whole, 8), other = longTailed(whole, 4);
        QCOMPARE(tail->size(Split::train), int64_t(32 + 4));
        QCOMPARE(tail->size(Split::test), whole->size(Split::test));
        std::map<float, int> counts;
        std::vector<std::vector<uint8_t>> all;
        for (int64_t i = 0; i < whole->size(Split::train); ++i)
            all.push_back(whole->image(Split::train, i).pixels);
        for (int64_t i = 0; i < tail->size(Split::train); ++i) {
            const std::vector<uint8_t> pixels = tail->image(Split::train, i).pixels;
            const auto at = std::ranges::find(all, pixels);
            QVERIFY(at != all.end());
            QCOMPARE(tail->label(Split::train, i), whole->label(Split::train, at - all.begin(), 0));
            QCOMPARE(again->image(Split::train, i).pixels, pixels);
            ++counts[tail->label(Split::train, i)];
        }
        QVERIFY(counts[0] == 32 && counts[1] == 4);
        QCOMPARE(tail->image(Split::test, 3).pixels, whole->image(Split::test, 3).pixels);
        QVERIFY(tail->fingerprint() == again->fingerprint() && tail->fingerprint() != other->fingerprint() && tail->fingerprint() != whole->fingerprint());
        QVERIFY2(QString::fromStdString(tail->info().note).contains("of left there are 32 to train on, of top 4"), tail->info().note.c_str());
        QVERIFY_THROWS_EXCEPTION(std::invalid_argument, longTailed(std::make_shared<ToyData>(-1, std::chrono::milliseconds(), false), 8));
    }

    /// Whatever the source: an archive's are made so once, and pictures are still resized.
    void everySourceCanBeMadeLongTailed()
    {
        const auto shapes = openDataset("shapes"), tail = openDataset("shapes", {.imbalance = 100});
        QVERIFY(tail->size(Split::train) < shapes->size(Split::train) / 2 && tail->size(Split::test) == shapes->size(Split::test));
        const fs::path folder = m_folder / "labelled";
        writeFolder(folder, 40);
        const auto pictures = openDataset(folder.string()), fewer = openDataset(folder.string(), {.size = 16, .imbalance = 10});
        QVERIFY(fewer->size(Split::train) < pictures->size(Split::train) && isResized(*fewer));
        QCOMPARE(fewer->info().image.height, 16);
    }

    void linksAreFollowedButLoopsAreNot()
    {
        writeFolder(m_folder / "real", 2);
        writePicture(m_folder / "data/bird/1.png", plain(8, 8, {}));
        fs::create_directory_symlink(m_folder / "real/cat", m_folder / "data/linked");
        fs::create_directory_symlink(m_folder / "data", m_folder / "data/bird/again");
        fs::create_symlink(m_folder / "real/dog/0.jpg", m_folder / "data/bird/dog.jpg");
        const auto dataset = openDataset((m_folder / "data").string());
        QCOMPARE(total(*dataset), int64_t(4));
        QCOMPARE(dataset->info().columns[0].classes, (std::vector<std::string>{"bird", "linked"}));
    }
};

QTEST_GUILESS_MAIN(TestDatasets)
#include "tst_datasets.moc"
