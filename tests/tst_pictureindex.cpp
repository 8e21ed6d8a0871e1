// A folder of many images is opened from its index as from its files: whatever changed is seen, whatever happened to the index.
#include "core/data/sources/copies.h"
#include "core/data/sources/pictureindex.h"
#include "tests/filefixture.h"

#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <set>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;
using Change = void (*)(const fs::path &tree);

/// A folder "data" that leads in part to a folder "elsewhere" beside it.
void writeTree(const fs::path &tree)
{
    for (const char *name : {"data/a/1.png", "data/a/2.jpg", "data/b/3.png", "data/b/deep/4.png", "elsewhere/5.png", "elsewhere/folder/6.png"})
        write(tree / name);
    fs::create_symlink("../../elsewhere/5.png", tree / "data/b/linked.png");
    fs::create_directory_symlink(tree / "elsewhere/folder", tree / "data/c");
}

const Names kAsWritten = {"a/1.png", "a/2.jpg", "b/3.png", "b/deep/4.png", "b/linked.png", "c/6.png"};

/// What is done to a tree, and what is then there and is not.
struct Case
{
    const char *name;
    Change change;
    Names added, removed;
};
const Case kCases[] = {
    {"a file is added", [](const fs::path &t) { write(t / "data/a/0.png"); }, {"a/0.png"}, {}},
    {"a file is added at the top", [](const fs::path &t) { write(t / "data/0.png"); }, {"0.png"}, {}},
    {"a file is removed", [](const fs::path &t) { fs::remove(t / "data/b/deep/4.png"); }, {}, {"b/deep/4.png"}},
    {"a file is renamed", [](const fs::path &t) { fs::rename(t / "data/a/1.png", t / "data/a/9.png"); }, {"a/9.png"}, {"a/1.png"}},
    {"a file is moved", [](const fs::path &t) { fs::rename(t / "data/a/1.png", t / "data/b/1.png"); }, {"b/1.png"}, {"a/1.png"}},
    {"a folder is added", [](const fs::path &t) { write(t / "data/d/e/7.png"); }, {"d/e/7.png"}, {}},
    {"a folder is removed", [](const fs::path &t) { fs::remove_all(t / "data/a"); }, {}, {"a/1.png", "a/2.jpg"}},
    {"a folder is renamed", [](const fs::path &t) { fs::rename(t / "data/b/deep", t / "data/b/high"); }, {"b/high/4.png"}, {"b/deep/4.png"}},
    {"a linked file is removed", [](const fs::path &t) { fs::remove(t / "elsewhere/5.png"); }, {}, {"b/linked.png"}},
    {"a linked folder gets a file", [](const fs::path &t) { write(t / "elsewhere/folder/8.png"); }, {"c/8.png"}, {}},
    {"a linked folder is another",
     [](const fs::path &t) {
         fs::rename(t / "elsewhere/folder", t / "elsewhere/before");
         write(t / "elsewhere/folder/7.png");
     },
     {"c/7.png"},
     {"c/6.png"}},
    {"its times are put back",
     [](const fs::path &t) {
         const auto before = fs::last_write_time(t / "data/a");
         write(t / "data/a/0.png");
         fs::last_write_time(t / "data/a", before);
     },
     {"a/0.png"},
     {}},
};

Names namesOf(const PictureList &list)
{
    Names names;
    for (const PictureFile &file : list.files)
        names.emplace(file.name);
    return names;
}

/// Listed and kept, however few.
Names listed(const fs::path &folder)
{
    return namesOf(listPictures(folder, 1));
}

bool isKept(const fs::path &folder)
{
    PictureList list{folder};
    return readPictureIndex(list);
}

} // namespace

class TestPictureIndex : public QObject
{
    Q_OBJECT
private:
    QTemporaryDir m_temporary;
    fs::path m_folder = m_temporary.path().toStdString();

    /// A tree of the table by its number, or one of the others.
    fs::path tree(const std::string &name) const { return m_folder / name; }
    void useCache(const fs::path &place) const { qputenv("XDG_CACHE_HOME", place.c_str()); }

private slots:
    /// What was read to find copies is not read again, unless the file has changed since.
    void contentsAreReadOnce()
    {
        useCache(m_folder / "cache-of-contents");
        const fs::path folder = m_folder / "copies";
        std::vector<std::string> names;
        for (int i = 0; i < 6; ++i) {
            names.push_back(std::to_string(i) + ".png");
            write(folder / names.back(), std::string(30000, i == 4 ? 'b' : "aabcde"[i])); // 0 and 1, 2 and 4
        }
        std::vector<PictureFile> files;
        for (const std::string &name : names)
            files.push_back({name});
        const auto later = std::chrono::system_clock::now() + std::chrono::minutes(1);
        const auto find = [&](uint64_t keptFrom = 1) { return findCopies(folder, files, {}, {keptFrom, later}); };
        const std::vector<size_t> firsts{0, 0, 2, 3, 2, 5};
        QVERIFY(find(1 << 30).firsts == firsts);
        QVERIFY(find().read > 4 * 30000); // so little was not kept
        const Copies again = find();
        QVERIFY(again.firsts == firsts);
        QCOMPARE(again.read, uint64_t(0));
        write(folder / "4.png", std::string(30000, 'e')); // of the same size
        const Copies changed = find();
        QVERIFY((changed.firsts == std::vector<size_t>{0, 0, 2, 3, 4, 4}));
        QVERIFY(changed.read > 0 && changed.read < 3 * 30000 + 6 * 3 * 4096);
        QCOMPARE(find().read, uint64_t(0));
        for (const auto &entry : fs::directory_iterator(m_folder / "cache-of-contents/pretext/pictures"))
            fs::resize_file(entry.path(), fs::file_size(entry.path()) - 1);
        const Copies damaged = find();
        QVERIFY(damaged.firsts == changed.firsts);
        QVERIFY(damaged.read > 0);
        QVERIFY(findCopies(folder, files, {}, {1, std::chrono::system_clock::now() - std::chrono::minutes(1)}).read == 0); // as kept before
    }

    void initTestCase()
    {
        for (size_t i = 0; i < std::size(kCases); ++i)
            writeTree(tree(std::to_string(i)));
        writeTree(tree("damaged"));
        writeTree(tree("moved"));
        writeTree(tree("dangling"));
        fs::create_symlink("../elsewhere/later.png", tree("dangling") / "data/later.png");
        for (int i = 0; i < int(kIndexedFrom); ++i)
            write(tree("many") / (i % 2 ? "odd" : "even") / (std::to_string(i) + ".pgm"), "P5 2 2 255\n" + std::string(4, char(i % 100)));
        QTest::qSleep(2200); // only what was left alone for two seconds is kept
    }

    void init() { useCache(m_folder / "cache"); }

    void theSecondOpeningEqualsTheFirst()
    {
        const fs::path many = tree("many");
        const auto first = openDataset(many.string());
        QVERIFY(isKept(many));
        const auto second = openDataset(many.string());
        for (Split split : {Split::train, Split::test}) {
            QCOMPARE(second->size(split), first->size(split));
            for (int64_t i = 0; i < first->size(split); i += 7) {
                QCOMPARE(second->caption(split, i), first->caption(split, i));
                QCOMPARE(second->label(split, i), first->label(split, i));
                QCOMPARE(second->image(split, i), first->image(split, i));
            }
        }
        QCOMPARE(second->info().mean, first->info().mean);
        QCOMPARE(second->info().note, first->info().note);
    }

    void everyChangeIsSeen_data()
    {
        QTest::addColumn<int>("number");
        for (size_t i = 0; i < std::size(kCases); ++i)
            QTest::newRow(kCases[i].name) << int(i);
    }

    void everyChangeIsSeen()
    {
        QFETCH(int, number);
        const fs::path place = tree(std::to_string(number)), folder = place / "data";
        QCOMPARE(listed(folder), kAsWritten);
        QVERIFY(isKept(folder));
        QCOMPARE(listed(folder), kAsWritten);
        kCases[number].change(place);
        QVERIFY(!isKept(folder));
        Names expected = kAsWritten;
        for (const std::string &name : kCases[number].removed)
            expected.erase(name);
        expected.insert(kCases[number].added.begin(), kCases[number].added.end());
        QCOMPARE(listed(folder), expected);
    }

    void aPathThatLeadsElsewhereIsAnotherFolder()
    {
        const fs::path link = m_folder / "current";
        fs::create_directory_symlink(tree("moved") / "data", link);
        QCOMPARE(listed(link), kAsWritten);
        QVERIFY(isKept(link) && isKept(tree("moved") / "data"));
        fs::remove(link);
        fs::create_directory_symlink(tree("moved") / "elsewhere", link);
        QCOMPARE(listed(link), (Names{"5.png", "folder/6.png"}));
    }

    void whatJustChangedIsNotKept()
    {
        writeTree(tree("new"));
        QCOMPARE(listed(tree("new") / "data"), kAsWritten);
        QVERIFY(!fs::exists(pictureIndexPath(tree("new") / "data")));
    }

    void aLinkThatLeadsNowhereMayLeadSomewhereLater()
    {
        const fs::path folder = tree("dangling") / "data";
        QCOMPARE(listPictures(folder, 1).skipped.size(), size_t(1));
        write(tree("dangling") / "elsewhere/later.png");
        QVERIFY(listed(folder).contains("later.png"));
    }

    void aDamagedIndexIsNone()
    {
        const fs::path folder = tree("damaged") / "data", path = pictureIndexPath(folder);
        QCOMPARE(listed(folder), kAsWritten);
        const std::string whole = textOf(path);
        QVERIFY(isKept(folder));
        for (size_t i = 0; i < whole.size(); ++i) {
            std::string damaged = whole;
            damaged[i] ^= 0x20;
            write(path, damaged);
            QVERIFY2(!isKept(folder), qPrintable(QString::number(i)));
            write(path, whole.substr(0, i));
            QVERIFY2(!isKept(folder), qPrintable(QString::number(i)));
        }
        QCOMPARE(listed(folder), kAsWritten); // and writes it anew
        QCOMPARE(textOf(path), whole);
        fs::remove(path);
        fs::create_directory(path);
        QCOMPARE(listed(folder), kAsWritten);
    }

    void anotherVersionIsNone()
    {
        const fs::path folder = tree("moved") / "data", path = pictureIndexPath(folder);
        QCOMPARE(listed(folder), kAsWritten);
        std::string bytes = textOf(path);
        ++bytes[0];
        const uint64_t sum = crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size() - sizeof sum);
        std::memcpy(bytes.data() + bytes.size() - sizeof sum, &sum, sizeof sum);
        write(path, bytes);
        QVERIFY(!isKept(folder));
        QCOMPARE(listed(folder), kAsWritten);
        QVERIFY(isKept(folder));
    }

    void aCacheThatCannotBeWrittenIsDoneWithout()
    {
        const fs::path folder = tree("moved") / "data";
        write(m_folder / "occupied");
        useCache(m_folder / "occupied"); // a file, where nobody can make a folder
        QCOMPARE(listed(folder), kAsWritten);
        QVERIFY(!isKept(folder));
        const QByteArray home = qgetenv("HOME");
        qunsetenv("XDG_CACHE_HOME");
        qunsetenv("HOME");
        QCOMPARE(listed(folder), kAsWritten);
        QVERIFY(!isKept(folder));
        qputenv("HOME", home);
    }

    void whatNobodyUsesGoes()
    {
        const auto age = [](const fs::path &folder) {
            fs::last_write_time(pictureIndexPath(folder), fs::file_time_type::clock::now() - std::chrono::days(91));
        };
        const fs::path used = tree("moved") / "data", unused = tree("damaged") / "data", other = tree("many");
        useCache(m_folder / "quarter");
        listed(used);
        listed(unused);
        QVERIFY(isKept(used) && isKept(unused));
        age(used);
        age(unused);
        listed(used);
        listed(other);
        QVERIFY(isKept(used));
        QVERIFY(!isKept(unused));
        QVERIFY(isKept(other));
    }

    void fewFilesAreNotKept()
    {
        useCache(m_folder / "unused");
        QCOMPARE(namesOf(listPictures(tree("moved") / "data")), kAsWritten);
        QVERIFY(!fs::exists(m_folder / "unused"));
    }
};

QTEST_GUILESS_MAIN(TestPictureIndex)
#include "tst_pictureindex.moc"
