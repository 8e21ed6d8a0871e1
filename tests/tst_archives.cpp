// Data as people have them: packed into an archive, or saved by NumPy.
#include "core/data/dataset.h"
#include "core/data/interruption.h"
#include "core/data/sources/folder.h"
#include "core/files/said.h"
#include "tests/filefixture.h"

#include <archive.h>
#include <archive_entry.h>
#include <opencv2/imgcodecs.hpp>

#include <QTemporaryDir>
#include <QTest>

#include <set>

#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

struct Entry
{
    std::string name, bytes, linkTo = {};
};

/// By the name's end: a .zip (and .npz) or a .tar, compressed or not.
void pack(const fs::path &path, const std::vector<Entry> &entries)
{
    archive *writer = archive_write_new();
    const std::string name = path.filename().string();
    if (name.find(".tar") == std::string::npos)
        archive_write_set_format_zip(writer);
    else
        archive_write_set_format_pax_restricted(writer);
    if (name.ends_with("gz") || name.ends_with("xz") || name.ends_with("zst"))
        (name.ends_with("gz") ? archive_write_add_filter_gzip : name.ends_with("xz") ? archive_write_add_filter_xz : archive_write_add_filter_zstd)(writer);
    archive_write_open_filename(writer, path.c_str());
    for (const Entry &entry : entries) {
        archive_entry *header = archive_entry_new();
        archive_entry_set_pathname(header, entry.name.c_str());
        archive_entry_set_perm(header, 0644);
        archive_entry_set_filetype(header, entry.linkTo.empty() ? AE_IFREG : AE_IFLNK);
        if (!entry.linkTo.empty())
            archive_entry_set_symlink(header, entry.linkTo.c_str());
        archive_entry_set_size(header, static_cast<la_int64_t>(entry.bytes.size()));
        archive_write_header(writer, header);
        archive_write_data(writer, entry.bytes.data(), entry.bytes.size());
        archive_entry_free(header);
    }
    archive_write_close(writer);
    archive_write_free(writer);
}

std::string png(int value)
{
    std::vector<uint8_t> bytes;
    cv::imencode(".png", cv::Mat(10, 12, CV_8UC3, cv::Scalar(value, 2 * value, 90)), bytes);
    return {bytes.begin(), bytes.end()};
}

std::vector<Entry> pictures(const std::string &before)
{
    std::vector<Entry> entries;
    for (int i = 0; i < 8; ++i) {
        entries.push_back({before + "kätze/" + std::to_string(i) + ".png", png(i)});
        entries.push_back({before + "dog/" + std::to_string(i) + ".png", png(100 + i)});
    }
    return entries;
}

template<class T>
std::string npy(const std::string &type, const std::string &shape, const std::vector<T> &values, const char *order = "False")
{
    std::string header = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
    header.append(63 - (10 + header.size()) % 64, ' ').push_back('\n');
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += {char(header.size() & 255), char(header.size() >> 8)};
    return bytes + header + std::string(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
}

/// `count` images of 2 x 3 whose first pixel is their index.
template<class T>
std::vector<T> images(int count, T scale = 1)
{
    std::vector<T> values(size_t(count) * 6, T(9) * scale);
    for (int i = 0; i < count; ++i)
        values[size_t(i) * 6] = T(i) * scale;
    return values;
}

std::vector<int64_t> labels(int count)
{
    std::vector<int64_t> values;
    for (int i = 0; i < count; ++i)
        values.push_back(i % 4);
    return values;
}

void compareDatasets(const Dataset &a, const Dataset &b)
{
    for (Split split : {Split::train, Split::test}) {
        QCOMPARE(a.size(split), b.size(split));
        for (int64_t i = 0; i < a.size(split); ++i) {
            QCOMPARE(a.image(split, i), b.image(split, i));
            QCOMPARE(a.label(split, i), b.label(split, i));
            QCOMPARE(a.caption(split, i), b.caption(split, i));
        }
    }
    QCOMPARE(a.info().columns[0].classes, b.info().columns[0].classes);
    QCOMPARE(a.info().mean, b.info().mean);
}

} // namespace

class TestArchives : public QObject
{
    Q_OBJECT
private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder, m_cache;

    std::vector<fs::path> kept() const
    {
        std::vector<fs::path> folders;
        if (fs::exists(m_cache))
            for (const auto &entry : fs::directory_iterator(m_cache))
                folders.push_back(entry.path());
        return folders;
    }

private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
        m_cache = m_folder / ".cache" / "pretext" / "archives";
        qputenv("XDG_CACHE_HOME", (m_folder / ".cache").c_str());
        qunsetenv("PRETEXT_MAX_BYTES");
    }
    void cleanup() { qunsetenv("PRETEXT_MAX_BYTES"); }

    void anArchiveIsTheFolderItHolds()
    {
        for (const Entry &entry : pictures("")) {
            fs::create_directories((m_folder / "data" / entry.name).parent_path());
            write(m_folder / "data" / entry.name, entry.bytes);
        }
        const auto folder = openDataset((m_folder / "data").string());
        for (const char *name : {"a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst", "a.tgz"})
            for (const char *within : {"", "./", "data/"}) {
                if (std::string(name) == "a.tgz")
                    fs::copy_file(m_folder / "a.tar.gz", m_folder / name, fs::copy_options::overwrite_existing);
                else
                    pack(m_folder / name, pictures(within));
                const auto archive = openDataset((m_folder / name).string());
                compareDatasets(*archive, *folder);
                QVERIFY(isResized(*archive) && isResized(*folder));
                QCOMPARE(archive->info().name, (m_folder / name).string());
            }
    }

    void textsAndTablesToo()
    {
        std::string text;
        for (int i = 0; i < 30; ++i)
            text += "line " + std::to_string(i) + "\n";
        pack(m_folder / "texts.zip", {{"texts/one/a.txt", text}, {"texts/two/b.txt", text + "more\n"}});
        QVERIFY(!isResized(*openDataset((m_folder / "texts.zip").string())));
        QCOMPARE(openDataset((m_folder / "texts.zip").string())->info().columns[0].classes, (std::vector<std::string>{"one", "two"}));
        pack(m_folder / "table.tar.gz", {{"table.csv", "text,label\n" + std::string("good one,1\nbad two,0\nfair three,1\npoor four,0\n")}});
        QCOMPARE(openDataset((m_folder / "table.tar.gz").string())->info().modality, Modality::text);
    }

    void aNameThatLeadsOutIsRefused()
    {
        for (const char *name : {"../out.txt", "/tmp/pretext-out.txt", "a/../../out.txt", "a/..", "C:/out.txt"}) {
            for (const char *file : {"evil.zip", "evil.tar.gz"}) {
                pack(m_folder / file, {{"a.txt", "one\ntwo\n"}, {name, "x"}});
                QVERIFY(says(openingError(m_folder / file), {file, name, "leads out of the archive"}));
            }
            QVERIFY(kept().empty());
            QVERIFY(!fs::exists(m_folder / "out.txt") && !fs::exists(m_cache.parent_path() / "out.txt") && !fs::exists("/tmp/pretext-out.txt"));
        }
    }

    void nothingIsWrittenThroughALink()
    {
        fs::create_directories(m_folder / "elsewhere");
        pack(m_folder / "links.tar", {{"d/link", "", (m_folder / "elsewhere").string()}, {"d/link/out.txt", "x"}, {"d/a.txt", "one\ntwo\nthree\n"}});
        const auto dataset = openDataset((m_folder / "links.tar").string());
        QVERIFY(says(QString::fromStdString(dataset->info().skipped.at(0)), {"d/link: a link"}));
        QVERIFY(fs::is_empty(m_folder / "elsewhere"));
        QVERIFY(says(QString::fromStdString(openDataset((m_folder / "links.tar").string())->info().skipped.at(0)), {"d/link: a link"})); // from the cache, too
    }

    void aBombIsRefusedBeforeItIsUnpacked()
    {
        qputenv("PRETEXT_MAX_BYTES", "8M");
        for (const char *name : {"bomb.zip", "bomb.tar.gz"}) {
            pack(m_folder / name, {{"a.txt", std::string(6 << 20, 'a')}, {"b.txt", std::string(6 << 20, 'b')}});
            QVERIFY(says(openingError(m_folder / name), {name, "more than 8.0 MiB", "PRETEXT_MAX_BYTES"}));
            QVERIFY(kept().empty());
        }
    }

    void damagedArchivesAreNamedAndLeaveNothing()
    {
        for (const char *name : {"a.zip", "a.tar.gz", "a.tar.xz"}) {
            pack(m_folder / name, pictures(""));
            fs::resize_file(m_folder / name, fs::file_size(m_folder / name) / 2);
            QVERIFY(says(openingError(m_folder / name), {name, "get it again"}));
        }
        write(m_folder / "no.zip", "this is no archive at all");
        QVERIFY(says(openingError(m_folder / "no.zip"), {"no.zip", "get it again"}));
        write(m_folder / "empty.tar", "");
        QVERIFY(says(openingError(m_folder / "empty.tar"), {"empty.tar"}));
        pack(m_folder / "inner.zip", {{"a.zip", "PK"}});
        QVERIFY(says(openingError(m_folder / "inner.zip"), {"inner.zip", "another archive"}));
        pack(m_folder / "notes.zip", {{"notes.pdf", "no data"}});
        QVERIFY(says(openingError(m_folder / "notes.zip"), {"notes.zip/notes.pdf", "choose a folder"}));
        QVERIFY(!openingError(m_folder / "notes.zip").contains(QString::fromStdString(m_cache.string())));
        // What is to be typed names no folder of the cache, whether a file is skipped or all that there is.
        const std::string wide("\xFF\xFEh\0i\0", 6), told = "unpack the archive and convert it there: iconv -f UTF-16LE -t UTF-8 a/wide.txt > a/wide.utf8.txt";
        pack(m_folder / "some.zip", {{"a/wide.txt", wide}, {"a/b.txt", "one\ntwo\n"}, {"c.txt", "three\nfour\n"}});
        QCOMPARE(openDataset((m_folder / "some.zip").string())->info().skipped,
                 std::vector<std::string>{"a/wide.txt: is UTF-16LE, and texts are read as UTF-8; " + told});
        pack(m_folder / "none.zip", {{"a/wide.txt", wide}, {"c.txt", wide}});
        QVERIFY(
            says(openingError(m_folder / "none.zip"), {"none.zip: none of its 2 text files can be read; the first: a/wide.txt: is UTF-16LE", told.c_str()}));
        setTranslation([](const char *text) { return "<" + std::string(text) + ">"; });
        const QString translated = openingError(m_folder / "none.zip");
        setTranslation(nullptr);
        QVERIFY(says(translated, {"<none of its 2 text files can be read; the first: a/wide.txt: <is UTF-16LE", (told + ">>").c_str()}));
        fs::remove(m_folder / "some.zip");
        fs::remove(m_folder / "none.zip");
        QCOMPARE(kept().size(), size_t(4)); // of those that were whole
        pack(m_folder / "whole.zip", pictures(""));
        const Interruptible unwanted([] { return false; });
        QVERIFY_THROWS_EXCEPTION(Interrupted, openDataset((m_folder / "whole.zip").string()));
        QCOMPARE(kept().size(), size_t(4));
    }

    void theCacheFollowsTheArchive()
    {
        const fs::path path = m_folder / "a.zip";
        pack(path, pictures(""));
        auto first = openDataset(path.string());
        QCOMPARE(kept().size(), size_t(1));
        const fs::path unpacked = kept()[0];
        const auto time = fs::last_write_time(unpacked / "dog" / "0.png");
        openDataset(path.string());
        QCOMPARE(fs::last_write_time(unpacked / "dog" / "0.png"), time); // not unpacked again

        std::vector<Entry> more = pictures("");
        more.push_back({"dog/8.png", png(108)});
        pack(path, more);
        QCOMPARE(openDataset(path.string())->size(Split::train) + openDataset(path.string())->size(Split::test), int64_t(17));
        QVERIFY(fs::exists(unpacked)); // it is still read
        QCOMPARE(first->image(Split::train, 0).pixels.size(), size_t(32 * 32 * 3));
        first.reset();
        openDataset(path.string());
        QVERIFY(!fs::exists(unpacked));
        QCOMPARE(kept().size(), size_t(1));
    }

    void whatNobodyUsesGoes()
    {
        pack(m_folder / "old.zip", pictures(""));
        openDataset((m_folder / "old.zip").string());
        const fs::path old = kept().at(0);
        fs::last_write_time(old / ".unpacked", fs::file_time_type::clock::now() - std::chrono::days(91));
        fs::create_directories(m_cache / "1-2.part-99-1");
        fs::last_write_time(m_cache / "1-2.part-99-1", fs::file_time_type::clock::now() - std::chrono::days(2));
        pack(m_folder / "new.zip", pictures("x/"));
        openDataset((m_folder / "new.zip").string());
        QVERIFY(!fs::exists(old));
        QCOMPARE(kept().size(), size_t(1));
    }

    void withoutACacheItIsTemporary()
    {
        pack(m_folder / "a.zip", pictures(""));
        write(m_folder / "file", "no folder");
        qputenv("XDG_CACHE_HOME", (m_folder / "file").c_str());
        const QByteArray before = qgetenv("TMPDIR");
        fs::create_directories(m_folder / "tmp");
        qputenv("TMPDIR", (m_folder / "tmp").c_str());
        auto dataset = openDataset((m_folder / "a.zip").string()), second = openDataset((m_folder / "a.zip").string());
        QVERIFY(!fs::is_empty(m_folder / "tmp"));
        second.reset();
        QCOMPARE(dataset->image(Split::test, 0).width, 32);
        dataset.reset();
        QVERIFY(fs::is_empty(m_folder / "tmp"));
        before.isEmpty() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before);
    }

    // --- arrays

    void npyWithLabelsBesideIt()
    {
        write(m_folder / "a.npy", npy("|u1", "20, 2, 3", images<uint8_t>(20)));
        QVERIFY(openDataset((m_folder / "a.npy").string())->info().columns.empty());
        for (const char *beside : {"a.labels.npy", "a_labels.npy"}) {
            write(m_folder / beside, npy("<i8", "20,", labels(20)));
            const auto dataset = openDataset((m_folder / "a.npy").string());
            QCOMPARE(dataset->size(Split::train), int64_t(16));
            QCOMPARE(dataset->info().image, (ImageShape{2, 3, 1}));
            QCOMPARE(dataset->info().columns[0].classes, (std::vector<std::string>{"0", "1", "2", "3"}));
            for (int64_t i = 0; i < 16; ++i) { // each keeps its label
                const uint8_t number = dataset->image(Split::train, i).pixels[0];
                QCOMPARE(dataset->image(Split::train, i), (Image{2, 3, 1, {number, 9, 9, 9, 9, 9}}));
                QCOMPARE(dataset->label(Split::train, i), float(number % 4));
            }
            fs::remove(m_folder / beside);
        }
    }

    void npyOfBothSplits()
    {
        write(m_folder / "x_train.npy", npy("|u1", "4, 1, 2, 3", images<uint8_t>(4)));
        write(m_folder / "y_train.npy", npy("|u1", "4, 1", std::vector<uint8_t>{5, 6, 7, 5}));
        write(m_folder / "x_test.npy", npy("|u1", "3, 1, 2, 3", images<uint8_t>(3)));
        write(m_folder / "y_test.npy", npy("|u1", "3,", std::vector<uint8_t>{9, 5, 5}));
        for (const char *name : {"x_train.npy", "x_test.npy"}) {
            const auto dataset = openDataset((m_folder / name).string());
            QCOMPARE(dataset->size(Split::train), int64_t(4));
            QCOMPARE(dataset->size(Split::test), int64_t(3));
            QCOMPARE(dataset->info().image, (ImageShape{1, 2, 3}));
            QCOMPARE(dataset->info().columns[0].classes.size(), size_t(10));
            QCOMPARE(dataset->label(Split::test, 0), 9.f);
        }
    }

    void floatsAreScaledByTheirRange()
    {
        write(m_folder / "unit.npy", npy("<f4", "10, 2, 3", images<float>(10, 1.f / 255)));
        write(m_folder / "bytes.npy", npy("<f8", "10, 2, 3", images<double>(10)));
        for (const char *name : {"unit.npy", "bytes.npy"}) {
            const auto dataset = openDataset((m_folder / name).string());
            std::set<std::vector<uint8_t>> found, expected;
            for (const Split split : {Split::train, Split::test})
                for (int64_t i = 0; i < dataset->size(split); ++i)
                    found.insert(dataset->image(split, i).pixels);
            for (uint8_t i = 0; i < 10; ++i)
                expected.insert({i, 9, 9, 9, 9, 9});
            QCOMPARE(found, expected);
        }
    }

    void npzOfAnyOfTheUsualNames()
    {
        const std::string x = npy("|u1", "12, 2, 3", images<uint8_t>(12)), y = npy("<i8", "12,", labels(12)), test = npy("|u1", "5, 2, 3", images<uint8_t>(5)),
                          testLabels = npy("<i8", "5, 1", labels(5));
        for (const auto &names : std::vector<std::vector<std::string>>{{"x_train", "y_train", "x_test", "y_test"},
                                                                       {"train_images", "train_labels", "test_images", "test_labels"}}) {
            pack(m_folder / "a.npz", {{names[0] + ".npy", x}, {names[1] + ".npy", y}, {names[2] + ".npy", test}, {names[3] + ".npy", testLabels}});
            const auto dataset = openDataset((m_folder / "a.npz").string());
            QCOMPARE(dataset->size(Split::train), int64_t(12));
            QCOMPARE(dataset->size(Split::test), int64_t(5));
            QCOMPARE(dataset->label(Split::train, 11), 3.f);
            QCOMPARE(dataset->image(Split::test, 4).pixels[0], uint8_t(4));
        }
        for (const auto &[images, labels] :
             {std::pair("images", "labels"), std::pair("x", "y"), std::pair("data", "target"), std::pair("images", "target"), std::pair("arr_0", "arr_1")}) {
            pack(m_folder / "a.npz", {{std::string(labels) + ".npy", y}, {std::string(images) + ".npy", x}});
            QCOMPARE(openDataset((m_folder / "a.npz").string())->info().columns[0].classes.size(), size_t(4));
        }
    }

    void whatIsNoImageArrayIsTold()
    {
        const auto told = [&](const std::string &bytes, std::initializer_list<const char *> parts) {
            write(m_folder / "a.npy", bytes);
            const QString error = openingError(m_folder / "a.npy");
            return says(error, parts) && error.contains("a.npy");
        };
        const std::vector<uint8_t> six(6);
        QVERIFY(told(npy("|u1", "6, 1", six), {"6 x 1 of uint8", "N x H x W", "reshape"}));
        QVERIFY(told(npy("|u1", "1, 3, 1, 2", six), {"1 x 3 x 1 x 2", "transpose(0, 2, 3, 1)"}));
        QVERIFY(told(npy("<i4", "1, 1, 6", std::vector<int32_t>(6)), {"int32", "astype('uint8')"}));
        QVERIFY(told(npy("<f2", "1, 1, 6", std::vector<uint16_t>(6)), {"'<f2'", "float32"}));
        QVERIFY(told(npy("|O", "1, 1, 6", six), {"dtype", "uint8"}));
        QVERIFY(told(npy(">f4", "1, 1, 6", std::vector<float>(6)), {"big-endian"}));
        QVERIFY(told(npy("|u1", "1, 1, 6", six, "True"), {"Fortran order", "ascontiguousarray"}));
        QVERIFY(told(npy("|u1", "1, 1, 7", six), {"7 bytes, but 6"}));
        QVERIFY(told(npy("|u1", "99999999, 999999, 9999999", six), {"damaged"}));
        QVERIFY(told(npy("|u1", "4611686018427387904, 4611686018427387904, 0", six), {"damaged"}));
        QVERIFY(told(npy("|u1", "4000000, 28, 28", six), {"3136000000 bytes, but 6"}));
        QVERIFY(told(npy("|u1", "1, x, 6", six), {"shape"}));
        QVERIFY(told(npy("|u1", "0, 1, 6", std::vector<uint8_t>()), {"at least one image"}));
        QVERIFY(told(npy("<f4", "1, 1, 2", std::vector<float>{0, NAN}), {"not finite"}));
        QVERIFY(told(npy("<f4", "1, 1, 2", std::vector<float>{-1, 1}), {"from -1 to 1", "between 0 and 1"}));
        QVERIFY(told(npy("<f8", "1, 1, 2", std::vector<double>{0, 1e300}), {"1e+300"}));
        QVERIFY(told("\x93NUMPY", {"not a NumPy array"}));
        QVERIFY(told("", {"not a NumPy array"}));
        write(m_folder / "a.labels.npy", npy("<i8", "3,", labels(3)));
        write(m_folder / "a.npy", npy("|u1", "2, 1, 3", six));
        QVERIFY(says(openingError(m_folder / "a.npy"), {"a.labels.npy", "3 of int64", "each of the 2 images"}));
        pack(m_folder / "b.npz", {{"weights.npy", npy("<f4", "2, 3", std::vector<float>(6))}});
        QVERIFY(says(openingError(m_folder / "b.npz"), {"b.npz", "weights (2 x 3 of float32)", "x_train"}));
    }
};

QTEST_GUILESS_MAIN(TestArchives)
#include "tst_archives.moc"
