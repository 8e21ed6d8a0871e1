// Which images of a folder are held out: enough to judge by of a small one, as ever of a large one, and no picture on both sides.
#include "core/analysis/evaluate.h"
#include "core/data/dataset.h"
#include "core/data/sources/copies.h"
#include "core/data/sources/division.h"
#include "core/data/sources/source.h"
#include "core/data/preparedimages.h"
#include "core/engine/datamark.h"
#include "core/engine/model.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <map>
#include <set>

#include <sys/stat.h>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// A picture of 8 x 8 that is like no other of another number; `comment` changes the file, not the pixels.
void writePicture(const fs::path &path, int number, const std::string &comment = {})
{
    fs::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file << "P6\n" << (comment.empty() ? "" : "# " + comment + "\n") << "8 8\n255\n";
    for (int i = 0; i < 3 * 64; ++i)
        file.put(char((number * 37 + i * (number % 5 + 1)) % 251));
}

std::set<std::vector<uint8_t>> contents(const Dataset &data, Split split)
{
    std::set<std::vector<uint8_t>> all;
    for (int64_t i = 0; i < data.size(split); ++i)
        all.insert(data.image(split, i).pixels);
    return all;
}

std::map<int, int64_t> labels(const Dataset &data, Split split)
{
    std::map<int, int64_t> counts;
    for (int64_t i = 0; i < data.size(split); ++i)
        ++counts[int(data.label(split, i))];
    return counts;
}

bool noneOnBothSides(const Dataset &data)
{
    const auto held = contents(data, Split::test);
    return std::ranges::none_of(contents(data, Split::train), [&](const auto &pixels) { return held.contains(pixels); });
}

} // namespace

class TestDivision : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
        qputenv("XDG_CACHE_HOME", (m_folder / ".cache").c_str());
    }

    void aSmallFolderHasAFifthOfEachLabel()
    {
        for (int i = 0; i < 12; ++i) {
            writePicture(m_folder / "cat" / (std::to_string(i) + ".ppm"), i);
            writePicture(m_folder / "dog" / (std::to_string(i) + ".ppm"), 100 + i);
        }
        const auto data = openDataset(m_folder.string(), {8, true});
        QCOMPARE(labels(*data, Split::test), (std::map<int, int64_t>{{0, 3}, {1, 3}}));
        QCOMPARE(labels(*data, Split::train), (std::map<int, int64_t>{{0, 9}, {1, 9}}));
        QVERIFY(QString::fromStdString(data->info().note).contains("one image in five of each label"));
        const auto again = openDataset(m_folder.string(), {8, true});
        for (int64_t i = 0; i < 6; ++i)
            QCOMPARE(again->caption(Split::test, i), data->caption(Split::test, i));
    }

    void aLargeFolderIsDividedAsEver()
    {
        std::set<std::string> wanted;
        for (int i = 0; i < int(kSmallSet); ++i) {
            const std::string name = std::to_string(i % 3) + "/" + std::to_string(i) + ".ppm";
            writePicture(m_folder / name, i);
            if (stableHash(name) % 10 == 0)
                wanted.insert(name);
        }
        const auto data = openDataset(m_folder.string(), {8, true});
        std::set<std::string> held;
        for (int64_t i = 0; i < data->size(Split::test); ++i)
            held.insert(data->caption(Split::test, i));
        QCOMPARE(held, wanted);
    }

    /// Only what has another's size is opened, so many files cost little; what is no file any more is nothing's copy, and is not waited for.
    void copiesAreFoundAmongManyFiles()
    {
        std::vector<std::string> names;
        for (size_t i = 0; i < kLookedAt + 50; ++i) {
            names.push_back(std::to_string(100000 + i) + ".png");
            std::ofstream(m_folder / names.back());
            fs::resize_file(m_folder / names.back(), i + 1); // a hole of its own size
        }
        for (const auto &[name, text] : {std::pair("100017.png", "the same"), {"111111.png", "the same"}, {"105000.png", "another."}})
            std::ofstream(m_folder / name) << text;
        for (const char *pipe : {"100099.png", "100098.png"}) {
            fs::remove(m_folder / pipe);
            QCOMPARE(::mkfifo((m_folder / pipe).c_str(), 0600), 0);
        }
        std::vector<PictureFile> files;
        for (const std::string &name : names)
            files.push_back({name});
        const Copies copies = findCopies(m_folder, files, {});
        QVERIFY2(copies.notCompared.empty(), copies.notCompared.c_str());
        for (size_t i = 0; i < files.size(); ++i)
            QCOMPARE(copies.firsts[i], i == 11111 ? 17 : i);
    }

    void copiesLieOnOneSide_data()
    {
        QTest::addColumn<int>("pictures");
        QTest::addColumn<int>("copies");
        QTest::newRow("a small folder") << 8 << 10;
        QTest::newRow("a large one") << 60 << 5;
    }
    void copiesLieOnOneSide()
    {
        QFETCH(int, pictures);
        QFETCH(int, copies);
        for (int i = 0; i < pictures; ++i)
            for (int copy = 0; copy < copies; ++copy) // half of them other files of the same pixels
                writePicture(m_folder / std::to_string(i % 2) / (std::to_string(i) + "-" + std::to_string(copy) + ".ppm"), i, copy % 2 ? "a copy" : "");
        const auto data = openDataset(m_folder.string(), {8, true});
        QVERIFY(data->size(Split::test) > 1 && data->size(Split::train) > data->size(Split::test));
        QVERIFY(noneOnBothSides(*data));
        const QString note = QString::fromStdString(data->info().note);
        QVERIFY2(note.contains(QString("%1 images are copies of others").arg(pictures * (copies - 1))), qPrintable(note));
    }

    void copiesInOneFileLieOnOneSide()
    {
        std::ofstream file(m_folder / "images.idx", std::ios::binary);
        file << std::string("\0\0\x08\x03\0\0\0\x78\0\0\0\x08\0\0\0\x08", 16); // 120 of 8 x 8
        for (int i = 0; i < 120; ++i)
            file << std::string(64, char(i % 40)); // each of 40 three times
        file.close();
        const auto data = openDataset((m_folder / "images.idx").string());
        QCOMPARE(data->size(Split::test), int64_t(24));
        QVERIFY(noneOnBothSides(*data));
        const QString note = QString::fromStdString(data->info().note);
        QVERIFY2(note.contains("one image in five is held out, since there are fewer than 200. 80 images are copies of others, and held out or trained on "
                               "together with them."),
                 qPrintable(note));
        for (const int count : {20, 240}) { // few and many of one picture
            std::ofstream(m_folder / "same.idx", std::ios::binary)
                << std::string("\0\0\x08\x03\0\0\0", 7) << char(count) << std::string("\0\0\0\x08\0\0\0\x08", 8) + std::string(size_t(count) * 64, 'x');
            const auto same = openDataset((m_folder / "same.idx").string());
            QVERIFY(same->size(Split::test) > 0 && same->size(Split::train) > 0);
            QVERIFY(same->info().doubt.find("copies of trained ones") != std::string::npos);
            QVERIFY2(same->info().note.find("there is one picture only, so that held-out ones are copies of trained ones, and scores say nothing.")
                         != std::string::npos,
                     same->info().note.c_str());
        }
    }

    void officialSplitsStayAndSayWhatIsInBoth()
    {
        for (int i = 0; i < 10; ++i)
            writePicture(m_folder / "train/a" / (std::to_string(i) + ".ppm"), i);
        for (int i = 9; i < 12; ++i)
            writePicture(m_folder / "test/a" / (std::to_string(i) + ".ppm"), i);
        const auto data = openDataset(m_folder.string(), {8, true});
        QCOMPARE(data->size(Split::train), int64_t(10));
        QCOMPARE(data->size(Split::test), int64_t(3));
        const QString note = QString::fromStdString(data->info().note);
        QVERIFY2(note.contains("1 held-out image is a copy of one to train on"), qPrintable(note));
    }

    void onePictureALabelIsSaid()
    {
        for (int i = 0; i < 10; ++i) {
            writePicture(m_folder / "a" / (std::to_string(i) + ".ppm"), 1);
            writePicture(m_folder / "b" / (std::to_string(i) + ".ppm"), 2);
        }
        const auto data = openDataset(m_folder.string(), {8, true});
        QCOMPARE(labels(*data, Split::test), (std::map<int, int64_t>{{0, 2}, {1, 2}}));
        QVERIFY(QString::fromStdString(data->info().note).contains("scores say nothing"));
    }

    /// No label has a second picture to be known by; still a fifth is held out, for what needs no label, and the scores are doubted.
    void onePictureOfEachLabelHoldsOutAFifth()
    {
        for (int i = 0; i < 24; ++i)
            writePicture(m_folder / std::to_string(i) / "one.ppm", i);
        const auto data = openDataset(m_folder.string(), {8, true});
        QCOMPARE(data->size(Split::test), int64_t(5));
        QVERIFY(noneOnBothSides(*data));
        QVERIFY2(data->info().doubt.starts_with("5 of 5 held-out samples are the only ones of their labels"), data->info().doubt.c_str());
    }

    /// Where the labels with several give a fifth of all, what is alone is trained on.
    void whatIsAloneIsHeldOutOnlyWhereTooFewAre()
    {
        const auto held = [](int several, int alone) {
            std::vector<std::string> names;
            for (int i = 0; i < several; ++i)
                names.push_back(i % 2 ? "cat" : "dog");
            for (int i = 0; i < alone; ++i)
                names.push_back("alone" + std::to_string(i));
            std::vector<Divisible> samples;
            for (size_t i = 0; i < names.size(); ++i)
                samples.push_back({names[i], stableHash(std::to_string(i)), i});
            const Division division = divide(samples);
            return std::pair(size_t(std::ranges::count(division.heldOut, true)), division.alone);
        };
        QCOMPARE(held(12, 3), (std::pair<size_t, size_t>{4, 0}));
        QCOMPARE(held(10, 10), (std::pair<size_t, size_t>{4, 2}));
    }

    void neitherSideIsEmpty_data()
    {
        QTest::addColumn<int>("samples");
        for (int samples : {2, 3, 4, 5, 9, 50, 199, 200, 201})
            QTest::addRow("%d", samples) << samples;
    }
    void neitherSideIsEmpty()
    {
        QFETCH(int, samples);
        for (int labels : {1, 2, samples}) {
            std::vector<std::string> names;
            for (int i = 0; i < samples; ++i)
                names.push_back(std::to_string(i % labels));
            std::vector<Divisible> given;
            for (int i = 0; i < samples; ++i)
                given.push_back({names[size_t(i)], 7, size_t(i)}); // the worst hash: all the same
            const Division division = divide(given);
            const auto held = std::ranges::count(division.heldOut, true);
            QVERIFY2(held > 0 && held < samples, qPrintable(QString("%1 of %2").arg(held).arg(samples)));
            if (division.byLabel && labels == 1)
                QVERIFY(5 * held >= samples && 5 * (held - 1) < samples);
        }
    }

    void tooFewToEvaluateSaysHowManyAreMissing()
    {
        for (int i = 0; i < 3; ++i)
            writePicture(m_folder / (std::to_string(i) + ".ppm"), i);
        const auto data = openDataset(m_folder.string(), {8, true});
        CheckpointState state;
        state.config = makeConfig("simclr", "mlp", data->info().name, data->info());
        state.prepared = preparedImages(data->info());
        TrainedEncoder trained{makeModel(state.config, state.input()).encoder, state, nullptr};
        try {
            evaluate(trained, *data);
            QFAIL("three pictures were evaluated");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("2 training samples and 1 held-out sample,"), error.what());
            QVERIFY2(QString(error.what()).contains("3 more training samples and 1 more held-out sample are needed"), error.what());
        }
    }

    /// What is held out now may have been trained on then.
    void evaluationSaysThatTheDataHaveChanged()
    {
        const auto writeAll = [&](int number) {
            for (int i = 0; i < number; ++i)
                writePicture(m_folder / (i % 2 ? "a" : "b") / (std::to_string(i) + ".ppm"), i);
        };
        writeAll(24);
        const auto before = openDataset(m_folder.string(), {8, true});
        CheckpointState state;
        state.config = makeConfig("simclr", "mlp", m_folder.string(), before->info());
        state.prepared = preparedImages(before->info());
        state.data = markOf(*before);
        const auto notesOn = [&](const Dataset &data) {
            TrainedEncoder trained{makeModel(state.config, state.input()).encoder, state, nullptr};
            std::string notes;
            for (const std::string &note : evaluate(trained, data, {.baselines = false, .finetuneSteps = 0}).notes)
                notes += note + "\n";
            return notes;
        };
        QCOMPARE(notesOn(*before), std::string());
        writeAll(40);
        const std::string notes = notesOn(*openDataset(m_folder.string(), {8, true}));
        QVERIFY2(notes.find("data have changed") != std::string::npos && notes.find("instead of 18") != std::string::npos, notes.c_str());
    }

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;
};

QTEST_APPLESS_MAIN(TestDivision)
#include "tst_division.moc"
