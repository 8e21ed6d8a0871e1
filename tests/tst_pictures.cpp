// Photographs as people have them: held sideways, cut short, far too large, far too long, or from a phone.
#include "core/data/dataset.h"
#include "core/data/sources/decoding.h"
#include "core/data/sources/picture.h"
#include "tests/filefixture.h"

#include <exiv2/exiv2.hpp>
#include <libheif/heif.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

Bytes encoded(const std::string &extension, const cv::Mat &picture, const std::vector<int> &options = {})
{
    Bytes bytes;
    cv::imencode(extension, picture, bytes, options);
    return bytes;
}

/// 40 x 24, a colour in each corner: red, green, blue and white from the upper left on, clockwise.
cv::Mat corners()
{
    cv::Mat picture(24, 40, CV_8UC3);
    for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 40; ++x)
            picture.at<cv::Vec3b>(y, x) =
                y < 12 ? (x < 20 ? cv::Vec3b(0, 0, 255) : cv::Vec3b(0, 255, 0)) : (x < 20 ? cv::Vec3b(255, 255, 255) : cv::Vec3b(255, 0, 0));
    return picture;
}

/// Its pixels as a camera would store them that was held so.
cv::Mat asStored(const cv::Mat &seen, int orientation)
{
    cv::Mat stored = seen.clone();
    if (orientation >= 5)
        cv::transpose(stored, stored);
    const bool leftRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool upDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    if (leftRight || upDown)
        cv::flip(stored, stored, leftRight && upDown ? -1 : leftRight ? 1 : 0);
    return stored;
}

/// 9 x 5 noise of a kind (0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha), as libpng's own rules have it; `broken`: no pixels in it, and
/// a chunk that libpng warns of.
Bytes pngOf(int kind, int depth, bool transparent, bool broken = false)
{
    Bytes file = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    const auto number = [](Bytes &to, uint32_t value) {
        to.insert(to.end(), {uint8_t(value >> 24), uint8_t(value >> 16), uint8_t(value >> 8), uint8_t(value)});
    };
    const auto chunk = [&](const std::string &name, const Bytes &content) {
        Bytes whole(name.begin(), name.end());
        whole.insert(whole.end(), content.begin(), content.end());
        number(file, uint32_t(content.size()));
        file.insert(file.end(), whole.begin(), whole.end());
        number(file, uint32_t(crc32(0, whole.data(), uInt(whole.size()))));
    };
    chunk("IHDR", {0, 0, 0, 9, 0, 0, 0, 5, uint8_t(depth), uint8_t(kind), 0, 0, 0});
    if (broken)
        chunk("iCCP", {'x', 0, 0, 1, 2, 3});
    Bytes palette, rows;
    for (int i = 0; i < 3 << depth && kind == 3; ++i)
        palette.push_back(uint8_t(i * 37));
    if (kind == 3)
        chunk("PLTE", palette);
    if (transparent)
        chunk("tRNS", kind == 3 ? Bytes{0, 128} : kind == 0 ? Bytes{0, 1} : Bytes{0, 1, 0, 2, 0, 3});
    const int channels = kind == 2 ? 3 : kind == 4 ? 2 : kind == 6 ? 4 : 1, width = (9 * channels * depth + 7) / 8;
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x <= width; ++x)
            rows.push_back(x == 0 ? 0 : uint8_t(x * 89 + y * 53)); // the first is the row's filter
    Bytes packed(compressBound(uLong(rows.size())));
    uLongf size = packed.size();
    compress(packed.data(), &size, rows.data(), uLong(rows.size()));
    packed.resize(size);
    chunk("IDAT", broken ? Bytes(40, 7) : packed);
    chunk("IEND", {});
    return file;
}

void setOrientation(const fs::path &path, int orientation)
{
    const auto image = Exiv2::ImageFactory::open(path.string());
    image->readMetadata();
    image->exifData()["Exif.Image.Orientation"] = static_cast<uint16_t>(orientation);
    image->writeMetadata();
}

char colourAt(const Image &image, int y, int x)
{
    const uint8_t *p = image.pixels.data() + (y * image.width + x) * 3;
    const bool r = p[0] > 128, g = p[1] > 128, b = p[2] > 128;
    return r && g && b ? 'w' : r && !g && !b ? 'r' : g && !r && !b ? 'g' : b && !r && !g ? 'b' : '?';
}

/// Clockwise from the upper left corner.
std::string cornersOf(const Image &image)
{
    const int far = image.width - 4;
    return {colourAt(image, 3, 3), colourAt(image, 3, far), colourAt(image, far, far), colourAt(image, far, 3)};
}

/// As a phone writes it; false where libheif was built without that encoder.
bool writeHeif(const fs::path &path, const cv::Mat &bgr, heif_compression_format format, heif_orientation orientation)
{
    if (!heif_have_encoder_for_format(format))
        return false;
    heif_context *context = heif_context_alloc();
    heif_encoder *encoder = nullptr;
    heif_context_get_encoder_for_format(context, format, &encoder);
    heif_encoder_set_lossy_quality(encoder, 90);
    heif_image *image = nullptr;
    heif_image_create(bgr.cols, bgr.rows, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
    heif_image_add_plane(image, heif_channel_interleaved, bgr.cols, bgr.rows, 8);
    int stride = 0;
    uint8_t *plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    for (int y = 0; y < bgr.rows; ++y)
        for (int x = 0; x < bgr.cols; ++x)
            for (int c = 0; c < 3; ++c)
                plane[y * stride + x * 3 + c] = bgr.at<cv::Vec3b>(y, x)[2 - c];
    heif_encoding_options *options = heif_encoding_options_alloc();
    options->image_orientation = orientation;
    const heif_error encoded = heif_context_encode_image(context, image, encoder, options, nullptr);
    const heif_error written = heif_context_write_to_file(context, path.c_str());
    heif_encoding_options_free(options);
    heif_image_release(image);
    heif_encoder_release(encoder);
    heif_context_free(context);
    return encoded.code == heif_error_Ok && written.code == heif_error_Ok;
}

QString whyNot(const fs::path &path, int size = 32)
{
    return errorOf([&] { readPicture(path, {.size = size}); });
}

/// A photograph's noise, so that its data are long.
cv::Mat noise(int height, int width)
{
    cv::Mat picture(height, width, CV_8UC3);
    cv::RNG random(7);
    random.fill(picture, cv::RNG::UNIFORM, 0, 256);
    cv::GaussianBlur(picture, picture, {5, 5}, 0);
    return picture;
}

/// Its scan's data end after a share of them, where the end marker follows all the same.
Bytes cutShort(Bytes jpeg, double share)
{
    constexpr uint8_t kScan[] = {0xff, 0xda};
    const size_t scan = size_t(std::search(jpeg.begin(), jpeg.end(), kScan, kScan + 2) - jpeg.begin());
    size_t end = scan + size_t(double(jpeg.size() - scan) * share);
    while (jpeg[end - 1] == 0xff)
        --end;
    jpeg.resize(end);
    jpeg.insert(jpeg.end(), {0xff, 0xd9});
    return jpeg;
}

} // namespace

class TestPictures : public QObject
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
    void cleanup() { qunsetenv("PRETEXT_MAX_BYTES"); }

    void everyFormatIsSeenAsItWasHeld_data()
    {
        QTest::addColumn<QString>("extension");
        for (const char *extension : {".jpg", ".png", ".webp", ".tif"})
            QTest::newRow(extension) << extension;
    }

    void everyFormatIsSeenAsItWasHeld()
    {
        QFETCH(QString, extension);
        for (int orientation = 1; orientation <= 8; ++orientation) {
            const fs::path path = m_folder / (std::to_string(orientation) + extension.toStdString());
            write(path, encoded(extension.toStdString(), asStored(corners(), orientation)));
            setOrientation(path, orientation);
            QCOMPARE(cornersOf(readPicture(path, {.size = 24})), std::string("rgbw"));
            if (extension == ".png" || extension == ".tif") // without loss, so pixel for pixel
                QCOMPARE(readPicture(path, {.size = 24}), readPicture(m_folder / ("1" + extension.toStdString()), {.size = 24}));
        }
    }

    void sixteenBitsAreTurnedToo()
    {
        cv::Mat deep;
        corners().convertTo(deep, CV_16UC3, 257);
        for (const char *extension : {".png", ".tif"}) {
            const fs::path path = m_folder / (std::string("deep") + extension);
            write(path, encoded(extension, asStored(deep, 6)));
            setOrientation(path, 6);
            QCOMPARE(cornersOf(readPicture(path, {.size = 24})), std::string("rgbw"));
        }
    }

    void anOddDifferenceIsCutAtTheSameSide()
    {
        const cv::Mat seen = noise(24, 31);
        write(m_folder / "1.png", encoded(".png", seen));
        for (int orientation = 2; orientation <= 8; ++orientation) {
            const fs::path path = m_folder / (std::to_string(orientation) + ".png");
            write(path, encoded(".png", asStored(seen, orientation)));
            setOrientation(path, orientation);
            QCOMPARE(readPicture(path, {.size = 24}), readPicture(m_folder / "1.png", {.size = 24}));
        }
    }

    void aJpegIsDecodedAsByOpenCv()
    {
        for (int height : {40, 200, 700}) {
            const fs::path path = m_folder / "a.jpg";
            const Bytes bytes = encoded(".jpg", noise(height, height + 33));
            write(path, bytes);
            const int reduction = height / 64;
            cv::Mat expected = cv::imdecode(bytes, reduction >= 8   ? cv::IMREAD_REDUCED_COLOR_8
                                                   : reduction >= 4 ? cv::IMREAD_REDUCED_COLOR_4
                                                   : reduction >= 2 ? cv::IMREAD_REDUCED_COLOR_2
                                                                    : cv::IMREAD_COLOR);
            const int side = expected.rows;
            expected = expected(cv::Rect((expected.cols - side) / 2, 0, side, side)).clone();
            cv::cvtColor(expected, expected, cv::COLOR_BGR2RGB);
            cv::resize(expected, expected, {32, 32}, 0, 0, cv::INTER_AREA);
            const Image image = readPicture(path, {.size = 32});
            QVERIFY(std::equal(image.pixels.begin(), image.pixels.end(), expected.data));
        }
    }

    void aJpegCutShortIsNamedAndLeftOut()
    {
        const Bytes whole = encoded(".jpg", noise(240, 320)), scans = encoded(".jpg", noise(240, 320), {cv::IMWRITE_JPEG_PROGRESSIVE, 1});
        const Bytes restarts = encoded(".jpg", noise(240, 320), {cv::IMWRITE_JPEG_RST_INTERVAL, 4});
        for (const Bytes &jpeg : {whole, scans, restarts}) {
            write(m_folder / "whole.jpg", jpeg);
            QCOMPARE(whyNot(m_folder / "whole.jpg"), QString());
            for (double share : {0.1, 0.5, 0.8})
                for (int size : {32, 200}) { // reduced and not
                    write(m_folder / "cut.jpg", cutShort(jpeg, share));
                    const QString why = whyNot(m_folder / "cut.jpg", size);
                    QVERIFY2(why.startsWith("truncated JPEG"), qPrintable(QString("%1 %2 '%3'").arg(share).arg(size).arg(why)));
                }
        }
        for (int i = 0; i < 5; ++i)
            write(m_folder / "data" / (std::to_string(i) + ".jpg"), encoded(".jpg", noise(40 + i, 50)));
        write(m_folder / "data" / "half.jpg", cutShort(whole, 0.5));
        const auto dataset = openDataset((m_folder / "data").string());
        QCOMPARE(dataset->size(Split::train) + dataset->size(Split::test), int64_t(5));
        QCOMPARE(dataset->info().skipped.size(), size_t(1));
        QVERIFY(dataset->info().skipped[0].starts_with("half.jpg: truncated JPEG: its picture is lost from 4"));
        write(m_folder / "scans.jpg", cutShort(scans, 0.5));
        QVERIFY2(whyNot(m_folder / "scans.jpg").startsWith("truncated JPEG: of its scans"), qPrintable(whyNot(m_folder / "scans.jpg")));
    }

    /// Each kind of PNG gives the pixels that it always gave, OpenCV's.
    void everyPngIsDecodedAsOpenCvDoes()
    {
        for (const auto &[kind, depths] : {std::pair{0, std::vector{1, 2, 4, 8, 16}}, {2, {8, 16}}, {3, {1, 2, 4, 8}}, {4, {8, 16}}, {6, {8, 16}}})
            for (const int depth : depths)
                for (const bool transparent : {false, true}) {
                    if (transparent && kind >= 4)
                        continue;
                    const Bytes bytes = pngOf(kind, depth, transparent);
                    const cv::Mat expected = cv::imdecode(bytes, cv::IMREAD_UNCHANGED), picture = decodePng(bytes);
                    const QString what = QString("kind %1, %2 bits, transparent %3").arg(kind).arg(depth).arg(transparent);
                    QVERIFY2(!expected.empty() && picture.type() == expected.type() && picture.size() == expected.size(), qPrintable(what));
                    QVERIFY2(std::equal(picture.datastart, picture.dataend, expected.datastart), qPrintable(what));
                }
    }

    /// What the decoders think of a damaged picture is said in our one line, and in none of theirs.
    void damageIsSaidByUsAlone()
    {
        Bytes noPixels = pngOf(2, 8, false, true), tiff = encoded(".tif", noise(30, 40)), bmp = encoded(".bmp", noise(30, 40)),
              ppm = encoded(".ppm", noise(30, 40));
        bmp[30] = 77; // a compression that there is not
        write(m_folder / "a.png", noPixels);
        tiff.resize(tiff.size() / 2);
        ppm.resize(ppm.size() / 2);
        write(m_folder / "b.tif", tiff);
        write(m_folder / "c.bmp", bmp);
        write(m_folder / "d.ppm", ppm);
        const fs::path said = m_folder / "said.txt";
        std::cerr.flush();
        const int before = ::dup(2), file = ::open(said.c_str(), O_CREAT | O_WRONLY, 0600);
        ::dup2(file, 2);
        QStringList reasons;
        for (const char *name : {"a.png", "b.tif", "c.bmp", "d.ppm"})
            reasons << whyNot(m_folder / name);
        std::cerr << "ours" << std::endl; // which still arrives
        ::dup2(before, 2);
        ::close(before);
        ::close(file);
        for (const QString &why : reasons)
            QVERIFY2(why.startsWith("cannot be decoded"), qPrintable(reasons.join("; ")));
        QCOMPARE(textOf(said), std::string("ours\n"));
    }

    /// What cameras and editors leave in files whose pictures are whole.
    void aLargePictureHidesNoDamageInSmallOnes()
    {
        QTemporaryDir place;
        const std::string folder = place.path().toStdString();
        cv::Mat small(16, 16, CV_8UC3);
        for (int i = 0; i < 12; ++i) {
            cv::randu(small, 0, 255);
            cv::imwrite(folder + "/whole" + std::to_string(i) + ".png", small);
        }
        std::vector<uint8_t> bytes;
        cv::imencode(".png", small, bytes);
        std::ofstream(folder + "/cut.png", std::ios::binary).write(reinterpret_cast<const char *>(bytes.data()), std::streamsize(bytes.size() / 2));
        cv::imwrite(folder + "/zlarge.bmp", cv::Mat::zeros(3600, 3600, CV_8UC3)); // 39 MB
        const std::vector<std::string> skipped = openDataset(folder)->info().skipped;
        QCOMPARE(skipped.size(), size_t(1));
        QVERIFY2(skipped.front().starts_with("cut.png: "), skipped.front().c_str());
    }

    void whatDoesNotShowIsNoDamage()
    {
        const Bytes whole = encoded(".jpg", noise(240, 320));
        write(m_folder / "trailing.jpg", [&] {
            Bytes more = whole;
            more.insert(more.end(), 5000, 'x');
            return more;
        }());
        write(m_folder / "last.jpg", cutShort(whole, 0.995));
        write(m_folder / "extraneous.jpg", [&] {
            Bytes more = whole;
            more.insert(more.end() - 2, {1, 2, 3, 4, 5, 6, 7, 8}); // before the end marker
            return more;
        }());
        write(m_folder / "padded.jpg", [&] {
            Bytes more = whole;
            more.insert(more.begin() + 2, {0xff, 0xff, 0xff}); // fill before the first marker
            return more;
        }());
        for (const char *name : {"trailing.jpg", "last.jpg", "extraneous.jpg", "padded.jpg"})
            QCOMPARE(whyNot(m_folder / name), QString());
    }

    void heicAndAvifAreReadAndTurned()
    {
        // Blocks of four pixels share a colour: corners large enough to be told apart.
        cv::Mat large;
        cv::resize(corners(), large, {320, 192}, 0, 0, cv::INTER_NEAREST);
        int written = 0;
        for (const auto &[name, format] : {std::pair("a.heic", heif_compression_HEVC), std::pair("a.avif", heif_compression_AV1)}) {
            const fs::path path = m_folder / name;
            if (!writeHeif(path, asStored(large, 6), format, heif_orientation_rotate_90_cw))
                continue;
            ++written;
            QCOMPARE(cornersOf(readPicture(path, {.size = 24})), std::string("rgbw"));
            PictureSize size;
            QCOMPARE(probePicture(path, size), std::string());
            Bytes cut(std::istreambuf_iterator<char>(std::ifstream(path, std::ios::binary).rdbuf()), {});
            cut.resize(cut.size() / 2);
            write(m_folder / "cut.heic", cut);
            QVERIFY2(whyNot(m_folder / "cut.heic").startsWith("cannot be decoded ("), qPrintable(whyNot(m_folder / "cut.heic")));
        }
        if (written == 0)
            QSKIP("libheif encodes neither HEIC nor AVIF here");
    }

    void aPictureTooLargeIsRefusedByItsHeader()
    {
        // Nothing of these is there but the header: who believed it would need gigabytes.
        const auto png = [](uint32_t width, uint32_t height, uint8_t depth) {
            Bytes head = {'I', 'H', 'D', 'R'};
            for (uint32_t side : {width, height})
                for (int shift = 24; shift >= 0; shift -= 8)
                    head.push_back(static_cast<uint8_t>(side >> shift));
            head.insert(head.end(), {depth, 2, 0, 0, 0});
            Bytes file = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
            const auto chunk = [&](const Bytes &content) {
                const uint32_t crc = uint32_t(crc32(0, content.data(), uInt(content.size())));
                file.insert(file.end(), {0, 0, 0, uint8_t(content.size() - 4)});
                file.insert(file.end(), content.begin(), content.end());
                file.insert(file.end(), {uint8_t(crc >> 24), uint8_t(crc >> 16), uint8_t(crc >> 8), uint8_t(crc)});
            };
            chunk(head);
            chunk({'I', 'E', 'N', 'D'});
            return file;
        };
        write(m_folder / "deep.png", png(14000, 14000, 16));
        QVERIFY2(whyNot(m_folder / "deep.png").startsWith("14000 x 14000 pixels are too many: they take 1.1 GiB decoded, and at most 610 MiB"),
                 qPrintable(whyNot(m_folder / "deep.png")));
        qputenv("PRETEXT_MAX_BYTES", "4G");
        QVERIFY2(whyNot(m_folder / "deep.png").contains("cannot be decoded"), qPrintable(whyNot(m_folder / "deep.png"))); // allowed, but nothing is there
        qunsetenv("PRETEXT_MAX_BYTES");
        write(m_folder / "impossible.png", png(0x7fffffff, 0x7fffffff, 8));
        QVERIFY(whyNot(m_folder / "impossible.png").startsWith("2147483647 x 2147483647 pixels are too many"));
        const std::string digits(300, '9'), pnm = "P6\n# by hand\n" + digits + " " + digits + "\n255\n";
        write(m_folder / "impossible.ppm", Bytes(pnm.begin(), pnm.end()));
        QVERIFY(whyNot(m_folder / "impossible.ppm").contains("pixels are too many"));
        QVERIFY(whyNot(m_folder / "impossible.ppm").size() < 300);
        Bytes bmp = encoded(".bmp", noise(8, 8)), webp = encoded(".webp", noise(8, 8)), tiff = encoded(".tif", noise(8, 8));
        std::fill_n(bmp.begin() + 20, 2, uint8_t(0x7f));
        write(m_folder / "large.bmp", bmp);
        QVERIFY2(whyNot(m_folder / "large.bmp").contains("pixels are too many"), qPrintable(whyNot(m_folder / "large.bmp")));
        for (const Bytes &bytes :
             {encoded(".webp", noise(18, 9)), encoded(".webp", noise(18, 9), {cv::IMWRITE_WEBP_QUALITY, 101}), encoded(".bmp", noise(18, 9)),
              encoded(".tif", noise(18, 9)), encoded(".png", noise(18, 9)), encoded(".jpg", noise(18, 9)), encoded(".ppm", noise(18, 9))})
            QVERIFY(pictureSize(bytes).width == 9 && pictureSize(bytes).height == 18);
    }

    void aPictureCutToAlmostNothingIsCountedAndNamed()
    {
        for (int i = 0; i < 5; ++i)
            write(m_folder / "data" / (std::to_string(i) + ".png"), encoded(".png", noise(20 + i, 60)));
        QVERIFY(openDataset((m_folder / "data").string())->info().note.find("less than a fifth") == std::string::npos);
        write(m_folder / "data" / "strip.png", encoded(".png", noise(4, 3000)));
        write(m_folder / "data" / "tower.webp", encoded(".webp", noise(900, 30)));
        const std::string note = openDataset((m_folder / "data").string())->info().note;
        QVERIFY2(note.find("Of 2 images the central square is less than a fifth") != std::string::npos
                     && note.find("strip.png (3000 x 4), tower.webp (30 x 900)") != std::string::npos,
                 note.c_str());
    }
};

QTEST_GUILESS_MAIN(TestPictures)
#include "tst_pictures.moc"
