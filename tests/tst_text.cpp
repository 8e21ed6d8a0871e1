// Texts as data sets: every kind of file gives what it holds, nothing leaks into what is held out, and bad input is one clear line.
#include "core/data/dataset.h"
#include "core/data/sources/scene.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/csv.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/sources/text/operators.h"
#include "core/data/sources/text/textdataset.h"
#include "core/engine/config.h"
#include "core/files/utf8.h"
#include "tests/filefixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

namespace {

struct Sample
{
    std::string text, caption;
    std::vector<float> labels;
};

std::vector<Sample> samplesOf(const Dataset &dataset, Split split)
{
    std::vector<Sample> all;
    for (int64_t i = 0; i < dataset.size(split); ++i) {
        all.push_back({dataset.text(split, i), dataset.caption(split, i), {}});
        for (size_t c = 0; c < dataset.info().columns.size(); ++c)
            all.back().labels.push_back(dataset.label(split, i, static_cast<int>(c)));
    }
    return all;
}

std::vector<Sample> allOf(const Dataset &dataset)
{
    std::vector<Sample> all = samplesOf(dataset, Split::train), test = samplesOf(dataset, Split::test);
    all.insert(all.end(), test.begin(), test.end());
    return all;
}

std::multiset<std::string> textsOf(const Dataset &dataset)
{
    std::multiset<std::string> texts;
    for (const Sample &sample : allOf(dataset))
        texts.insert(sample.text);
    return texts;
}

} // namespace

class TestText : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;

    std::string write(const std::string &name, const std::string &text)
    {
        test::write(m_folder / name, text);
        return (m_folder / name).string();
    }

    /// 100 lines, each once.
    static std::string lines(const std::string &end = "\n")
    {
        std::string text;
        for (int i = 0; i < 100; ++i)
            text += "This is line number " + std::to_string(i) + "." + end;
        return text;
    }

private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
    }

    void aLineIsASample()
    {
        const auto dataset = openDataset(write("a.txt", "\uFEFF" + lines("  \r\n")));
        QVERIFY(dataset->info().modality == Modality::text);
        QVERIFY(dataset->info().columns.empty());
        const std::multiset<std::string> texts = textsOf(*dataset);
        QCOMPARE(texts.size(), size_t(100));
        QVERIFY(texts.count("This is line number 0.") == 1 && texts.count("This is line number 99.") == 1);
        QVERIFY(dataset->size(Split::test) > 2 && dataset->size(Split::test) < 25);
        // The same lines in another order are divided in the same way.
        const std::string text = lines();
        const auto again =
            openDataset(write("b.txt", text.substr(text.find("This is line number 50.")) + text.substr(0, text.find("This is line number 50."))));
        std::set<std::string> held, heldAgain;
        for (const Sample &sample : samplesOf(*dataset, Split::test))
            held.insert(sample.text);
        for (const Sample &sample : samplesOf(*again, Split::test))
            heldAgain.insert(sample.text);
        QCOMPARE(held, heldAgain);
        QVERIFY(says(errorOf([&] { dataset->image(Split::train, 0); }), {"a.txt", "text"}));
    }

    void theSameLineIsNeverOnBothSides()
    {
        std::string text;
        for (int i = 0; i < 20; ++i)
            text += lines();
        const auto dataset = openDataset(write("a.txt", text));
        std::set<std::string> train, test, both;
        for (const Sample &sample : samplesOf(*dataset, Split::train))
            train.insert(sample.text);
        for (const Sample &sample : samplesOf(*dataset, Split::test))
            test.insert(sample.text);
        std::set_intersection(train.begin(), train.end(), test.begin(), test.end(), std::inserter(both, both.end()));
        QVERIFY(both.empty());
        QCOMPARE(train.size() + test.size(), size_t(100));
    }

    void paragraphsAreJoined()
    {
        std::string text;
        for (int i = 0; i < 30; ++i)
            text += "The first line of " + std::to_string(i) + "\ngoes on in the second.\n \n\n";
        const auto dataset = openDataset(write("book.txt", text));
        QCOMPARE(textsOf(*dataset).size(), size_t(30));
        QCOMPARE(textsOf(*dataset).count("The first line of 7 goes on in the second."), size_t(1));
        QVERIFY(dataset->info().note.find("paragraph") != std::string::npos);
    }

    void aMegabyteInALineIsCut()
    {
        for (const std::string word : {"word ", "A sentence. ", "明月", "x"}) {
            std::string line;
            while (line.size() < (1 << 20))
                line += word;
            const auto dataset = openDataset(write("long.txt", line));
            std::string joined;
            for (const Sample &sample : allOf(*dataset)) {
                QVERIFY(sample.text.size() <= kLongestSample && !invalidUtf8(sample.text));
                QVERIFY(word != "A sentence. " || sample.text.ends_with("."));
                joined += sample.text;
            }
            std::erase(joined, ' ');
            std::erase(line, ' ');
            QCOMPARE(joined.size(), line.size());
            QVERIFY(dataset->size(Split::test) * 9 <= dataset->size(Split::train) + 9);
        }
    }

    void textsAreCutWhereSentencesEnd()
    {
        std::string text;
        for (int i = 0; i < 40; ++i)
            text += "Sentence " + std::to_string(i) + " is not a long one. ";
        const std::vector<std::string> parts = cutText(text);
        QVERIFY(parts.size() > 1);
        std::string joined;
        for (const std::string &part : parts) {
            QVERIFY(part.ends_with(".") && part.starts_with("Sentence"));
            joined += part + " ";
        }
        QCOMPARE(joined, text);
        QVERIFY(cutText(" \n ").empty());
    }

    void badFilesAreTold()
    {
        QVERIFY(says(openingError(write("empty.txt", "")), {"empty.txt", "is empty"}));
        QVERIFY(says(openingError(write("blank.txt", " \n\t\n")), {"blank.txt", "white space"}));
        QVERIFY(says(openingError(write("one.txt", "Only one line.\n")), {"one.txt", "one sample only", "two"}));
        QVERIFY(says(openingError(write("wrong.txt", "fine\nfine \xFF\n")), {"wrong.txt", "byte 10", "line 2", "UTF-8"}));
        QVERIFY(says(openingError(write("latin.csv", "text\ncaf\xE9\n")), {"latin.csv", "byte 8", "UTF-8"}));
        QVERIFY(says(openingError((m_folder / "absent.txt").string()), {"absent.txt"}));
        QVERIFY(says(openingError(write("what.xyz", "abc")), {"what.xyz", ".txt", ".csv"}));
    }

    void aFolderOfOneTextIsDividedAsTheTextIs_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<int>("unreadable");
        QTest::addColumn<QString>("why");
        QTest::newRow("one") << QStringList{"a.txt"} << 0 << "there is only one file";
        QTest::newRow("one that can be read") << QStringList{"a.txt"} << 1 << "only one file can be read";
        QTest::newRow("copies") << QStringList{"a.txt", "b/c.txt", "b/d.txt"} << 0 << "all files hold the same text";
    }
    void aFolderOfOneTextIsDividedAsTheTextIs()
    {
        QFETCH(QStringList, files);
        QFETCH(int, unreadable);
        QFETCH(QString, why);
        for (const QString &file : files)
            write("few/" + file.toStdString(), lines() + lines()); // each line twice
        if (unreadable > 0)
            write("few/z.txt", std::string("\xFF\xFEh\0i\0", 6));
        const auto dataset = openDataset((m_folder / "few").string());
        const QString note = QString::fromStdString(dataset->info().note);
        QVERIFY2(note.contains(why + ", so one line in ten, chosen by its text, is held out"), qPrintable(note));
        QVERIFY2(!note.contains("trained on, too") && !note.contains("skipped") && !note.contains("whole"), qPrintable(note));
        QCOMPARE(dataset->info().skipped.size(), size_t(unreadable));
        if (unreadable > 0)
            QVERIFY2(dataset->info().skipped[0].starts_with("z.txt: is UTF-16LE"), dataset->info().skipped[0].c_str()); // its name once
        // The very lines that are held out of the file by itself.
        const auto alone = openDataset(write("alone.txt", lines() + lines()));
        for (Split split : {Split::train, Split::test}) {
            std::set<std::string> inFolder, inFile;
            for (const Sample &sample : samplesOf(*dataset, split))
                inFolder.insert(sample.text);
            for (const Sample &sample : samplesOf(*alone, split))
                inFile.insert(sample.text);
            QVERIFY(!inFolder.empty());
            QVERIFY(inFolder == inFile);
        }
    }

    /// Few files with labels are divided so that each label can be judged, and learned.
    void fewFilesAreDividedByTheirLabels()
    {
        std::map<std::string, int> wanted;
        for (const char *label : {"ham", "spam"})
            for (int i = 0, files = 0; files < 6; ++i) {
                const std::string name = label + ("/" + std::to_string(i)) + ".txt";
                if (stableHash(name) % 10 != 0) { // their paths alone would hold out none
                    write("few/" + name, name + "\n" + name + " again\n");
                    ++files;
                }
            }
        const auto dataset = openDataset((m_folder / "few").string());
        std::set<std::string> held, trained;
        std::map<float, int> labels;
        for (const Sample &sample : samplesOf(*dataset, Split::test))
            labels[sample.labels[0]] += held.insert(sample.caption).second;
        for (const Sample &sample : samplesOf(*dataset, Split::train))
            trained.insert(sample.caption);
        QVERIFY((labels == std::map<float, int>{{0, 2}, {1, 2}})); // a fifth, at least
        QCOMPARE(held.size() + trained.size(), size_t(12));        // whole files
        QVERIFY2(dataset->info().note.find("one file in five of each label") != std::string::npos, dataset->info().note.c_str());
    }

    /// Which of few files is held out depends on their names, and is said.
    void ofFewFilesTheLastIsHeldOut()
    {
        std::string last;
        for (int i = 0, files = 0; files < 3; ++i) {
            const std::string name = std::to_string(10 + i) + ".txt";
            if (stableHash(name) % 10 == 0)
                continue; // its path alone would hold it out
            write("books/" + name, name + " " + lines());
            last = name;
            ++files;
        }
        const auto dataset = openDataset((m_folder / "books").string());
        std::set<std::string> held;
        for (const Sample &sample : samplesOf(*dataset, Split::test))
            held.insert(sample.caption);
        QVERIFY(held == std::set{last});
        QVERIFY2(dataset->info().note.find("of so few files the last is held out as a whole, " + last + ".") != std::string::npos,
                 dataset->info().note.c_str());
    }

    void subFoldersAreLabels()
    {
        for (int i = 0; i < 30; ++i)
            for (const char *label : {"ham", "spam"})
                write("mail/" + std::string(label) + "/" + std::to_string(i) + ".txt", std::string(label) + " " + std::to_string(i) + "\n" + lines());
        write("mail/ham/broken.txt", "\xFF");
        write("mail/ham/notes.json", "{}");
        write("mail/.hidden/x.txt", "hidden\n");
        const auto dataset = openDataset((m_folder / "mail").string());
        QCOMPARE(dataset->info().columns.size(), size_t(1));
        QCOMPARE(dataset->info().columns[0].classes, (std::vector<std::string>{"ham", "spam"}));
        QCOMPARE(dataset->info().skipped.size(), size_t(1));
        QVERIFY(dataset->info().skipped[0].find("broken.txt") != std::string::npos);
        std::set<std::string> train, test;
        for (Split split : {Split::train, Split::test})
            for (const Sample &sample : samplesOf(*dataset, split)) {
                (split == Split::train ? train : test).insert(sample.caption);
                QCOMPARE(sample.caption.starts_with("spam/") ? 1.f : 0.f, sample.labels[0]);
            }
        QCOMPARE(train.size() + test.size(), size_t(60)); // whole files on either side
        QVERIFY(test.size() > 1 && test.size() < 16);
    }

    void aFolderOfImagesStaysOne()
    {
        write("mixed/a.txt", lines());
        write("mixed/a.png", "not really");
        QVERIFY(says(openingError((m_folder / "mixed").string()), {"its one image cannot be read"}));
    }

    void tablesHaveTextAndLabels()
    {
        std::string table = "id,Review,score,Label,constant\n";
        for (int i = 0; i < 50; ++i)
            table += std::to_string(i * 1.5) + ",\"Said \"\"so\"\", twice;\nnumber " + std::to_string(i) + "\"," + std::to_string(i) + ","
                     + (i % 2 ? "good" : "bad") + ",same\r\n";
        const auto dataset = openDataset(write("reviews.csv", table + "too,few\n"));
        QCOMPARE(textsOf(*dataset).count("Said \"so\", twice; number 7"), size_t(1));
        QCOMPARE(textsOf(*dataset).size(), size_t(50));
        const std::vector<LabelColumn> &columns = dataset->info().columns;
        QCOMPARE(columns.size(), size_t(3)); // the constant tells nothing
        QCOMPARE(columns[0].name, std::string("Label"));
        QCOMPARE(columns[0].classes, (std::vector<std::string>{"bad", "good"}));
        QVERIFY(columns[1].name == "id" && columns[1].classes.empty());
        for (const Sample &sample : allOf(*dataset)) {
            const int number = std::stoi(sample.text.substr(sample.text.find("number ") + 7));
            QCOMPARE(sample.labels, (std::vector<float>{float(number % 2), float(number * 1.5), float(number)}));
        }
        QVERIFY(dataset->info().skipped.size() == 1 && dataset->info().skipped[0].find("2 fields, not 5") != std::string::npos);
    }

    void theTextColumnCanBeNamed()
    {
        std::string table = "title;plot\n";
        for (int i = 0; i < 50; ++i)
            table += "Title " + std::to_string(i) + ";Plot " + std::to_string(i) + "\n";
        const std::string path = write("films.csv", table);
        QCOMPARE(textsOf(*openDataset(path + "#plot")).count("Plot 3"), size_t(1));
        QCOMPARE(textsOf(*openDataset(path + "#Title")).count("Title 3"), size_t(1));
        QVERIFY(says(openingError(path), {"films.csv", "'text'", "title, plot", "films.csv#NAME"}));
        QVERIFY(says(openingError(path + "#stars"), {"'stars'", "title, plot"}));
        QVERIFY(says(openingError(write("open.csv", "text\n\"never closed\n")), {"open.csv", "line 2", "quote"}));
        QVERIFY(says(openingError(write("header.csv", "text,label\n")), {"header.csv", "no text"}));
    }

    void csvIsReadAsRfc4180()
    {
        const CsvTable table = parseCsv("a\tb\r\n1\t\"x\ty\"\n\n\"\"\t\"\"\"\"\n3\t");
        QCOMPARE(table.header, (std::vector<std::string>{"a", "b"}));
        QCOMPARE(table.rows, (std::vector<std::vector<std::string>>{{"1", "x\ty"}, {"", "\""}, {"3", ""}}));
    }

    void theBibleIsWhole()
    {
        if (!std::filesystem::exists("/usr/bin/bible"))
            QSKIP("the packages bible-kjv and bible-kjv-text are not installed");
        const auto dataset = openDataset("kjv");
        QCOMPARE(dataset->size(Split::train) + dataset->size(Split::test), int64_t(31102));
        QVERIFY(dataset->size(Split::test) > 2500 && dataset->size(Split::test) < 3700);
        std::map<std::string, std::set<int>> chapters; // of each, the splits it is in
        std::map<std::string, std::string> verses;
        std::set<float> books;
        for (Split split : {Split::train, Split::test})
            for (const Sample &sample : samplesOf(*dataset, split)) {
                chapters[sample.caption.substr(0, sample.caption.find(':'))].insert(split == Split::train);
                verses[sample.caption] = sample.text;
                QCOMPARE(sample.labels[0], sample.labels[1] < 39 ? 0.f : 1.f);
                books.insert(sample.labels[1]);
            }
        QCOMPARE(chapters.size(), size_t(1189));
        QCOMPARE(books.size(), size_t(66));
        for (const auto &[chapter, splits] : chapters)
            QVERIFY2(splits.size() == 1, chapter.c_str());
        QCOMPARE(verses["John 11:35"], std::string("Jesus wept."));
        QVERIFY(verses["Genesis 1:1"].starts_with("In the beginning God"));
        QVERIFY(verses["Song of Solomon 2:1"].starts_with("I am the rose of Sharon"));
        QVERIFY(verses["Revelation 22:21"].ends_with("Amen."));
    }

    void poemsAreWithoutEscapes()
    {
        if (!std::filesystem::exists("/usr/share/games/fortunes/tang300"))
            QSKIP("the package fortunes-zh is not installed");
        const auto dataset = openDataset("poems");
        std::map<float, std::set<std::string>> poems;
        bool found = false;
        std::map<std::string, std::set<int>> sides;
        for (Split split : {Split::train, Split::test})
            for (const Sample &sample : samplesOf(*dataset, split)) {
                QVERIFY2(sample.text.find_first_of("\x1b%[ \n") == std::string::npos, sample.text.c_str());
                QVERIFY(sample.text.find("作者") == std::string::npos && !sample.text.starts_with("《"));
                QVERIFY(sample.text.size() <= kLongestSample);
                poems[sample.labels[0]].insert(sample.caption);
                sides[sample.caption].insert(split == Split::train);
                if (sample.text == "床前明月光，疑是地上霜。举头望明月，低头思故乡。") {
                    found = true;
                    QCOMPARE(sample.labels, (std::vector<float>{0, 0}));
                    QVERIFY(sample.caption.find("李白") != std::string::npos);
                }
            }
        QVERIFY(found);
        QVERIFY(poems[0].size() > 290 && poems[1].size() > 85);
        for (const auto &[poem, on] : sides)
            QVERIFY2(on.size() == 1, poem.c_str());
    }

    void captionsTellTheTruth()
    {
        const auto dataset = openDataset("shapes-captions"), shapes = openDataset("shapes");
        const SceneWords &words = sceneWords();
        std::set<std::string> openings;
        for (int64_t i = 0; i < 2000; ++i) {
            const std::string text = dataset->text(Split::train, i);
            openings.insert(text.substr(0, text.find(' ')));
            const SceneFacts facts = sceneFacts(Split::train, i);
            // Every fact is told, in the image's own factors, and no other colour or place is named.
            QVERIFY(text.find(facts.shape) != std::string::npos);
            std::set<std::string> colours;
            for (const std::string &colour : words.colours)
                if (text.find(colour) != std::string::npos)
                    colours.insert(colour);
            QVERIFY2((colours == std::set<std::string>{facts.colour, facts.background}), text.c_str());
            QVERIFY2(text.find(facts.size) != std::string::npos, text.c_str());
            QVERIFY2(text.find(facts.place.substr(1)) != std::string::npos, text.c_str());
            QCOMPARE(dataset->label(Split::train, i, 0), shapes->label(Split::train, i, 0));
            QCOMPARE(dataset->label(Split::train, i, 1), shapes->label(Split::train, i, 1));
            QCOMPARE(dataset->label(Split::train, i, 2), shapes->label(Split::train, i, 2));
            QCOMPARE(words.sizes[static_cast<size_t>(dataset->label(Split::train, i, 3))], facts.size);
            QCOMPARE(words.places[static_cast<size_t>(dataset->label(Split::train, i, 4))], facts.place);
            const float rotation = shapes->label(Split::train, i, 6);
            if (text.find("upright") != std::string::npos)
                QVERIFY(std::abs(rotation) <= 10);
            if (text.find("leans to the left") != std::string::npos)
                QVERIFY(rotation > 10);
            if (const size_t other = text.find("This is not a"); other != std::string::npos)
                QVERIFY2(text.find(facts.shape) > text.find(" but "), text.c_str());
            QCOMPARE(text, dataset->text(Split::train, i));
        }
        QVERIFY(openings.size() > 4);
    }

    void operatorsHoldTheirRules()
    {
        // Without an example no guess is better than one in ten: of each pair, every answer is right for two of the twenty, and of what is held
        // out every digit and every first operand is right in one case of ten.
        int held = 0, first = 0;
        std::map<int, int> heldAnswers;
        for (int a = 0; a < 10; ++a)
            for (int b = 0; b < 10; ++b) {
                std::map<int, int> answers;
                for (int op = 0; op < kOperators; ++op) {
                    ++answers[applyOperator(op, a, b)];
                    if (!isHeldOut(op, a, b))
                        continue;
                    ++held;
                    ++heldAnswers[applyOperator(op, a, b)];
                    first += applyOperator(op, a, b) == a;
                }
                for (int answer = 0; answer < 10; ++answer)
                    QCOMPARE(answers[answer], 2);
            }
        QCOMPARE(held, 200);
        QCOMPARE(first, 20);
        for (int answer = 0; answer < 10; ++answer)
            QCOMPARE(heldAnswers[answer], 20);
        QCOMPARE(applyOperator(3, 8, 4), 1);
        QCOMPARE(applyOperator(12, 8, 9), 4);
        QCOMPARE(operatorName(12), std::string("a + 6"));
        QCOMPARE(operatorName(13), std::string("6"));

        const auto dataset = openDataset("operators");
        const auto check = [&](const std::string &text, int op, size_t expected, auto heldOut) {
            std::istringstream lines(text);
            size_t count = 0;
            for (std::string line; std::getline(lines, line); ++count) {
                int a = 0, b = 0, answer = 0;
                QCOMPARE(std::sscanf(line.c_str(), "Q: %d ~ %d = ? A: %d", &a, &b, &answer), 3);
                QCOMPARE(answer, applyOperator(op, a, b));
                QCOMPARE(isHeldOut(op, a, b), heldOut(count));
            }
            QCOMPARE(count, expected);
        };
        std::set<int> operators;
        for (int64_t i = 0; i < 500; ++i) {
            const int op = static_cast<int>(dataset->label(Split::train, i, 0));
            operators.insert(op);
            check(dataset->text(Split::train, i), op, kMostExamples + 1, [](size_t) { return false; });
            check(dataset->text(Split::test, i), static_cast<int>(dataset->label(Split::test, i, 0)), kMostExamples + 1,
                  [](size_t line) { return line == kMostExamples; });
            for (int examples : {0, 1, 5}) {
                const OperatorPrompt prompt = operatorPrompt(examples, i);
                QVERIFY(prompt.text.ends_with("= ? A:"));
                check(prompt.text + " " + prompt.answer, prompt.op, static_cast<size_t>(examples) + 1,
                      [&](size_t line) { return line == static_cast<size_t>(examples); });
            }
        }
        QCOMPARE(operators.size(), size_t(kOperators));

        // Skewed in training: the first operator in 0.6 / H(20) + 0.02 = 18.7 % of the documents, the last in 2.8 %.
        std::vector<int> count(kOperators);
        constexpr int kCounted = 20000;
        for (int64_t i = 0; i < kCounted; ++i)
            ++count[size_t(dataset->label(Split::train, i, 0))];
        QVERIFY2(std::abs(count.front() / double(kCounted) - 0.187) < 0.012, qPrintable(QString::number(count.front())));
        QVERIFY2(std::abs(count.back() / double(kCounted) - 0.028) < 0.005, qPrintable(QString::number(count.back())));

        const RunConfig config = recommendedConfig(*dataset, "clm");
        QCOMPARE(config.knobs.boolean("answers"), true);
        QCOMPARE(config.knobs.choice("encoder.look"), std::string("back"));
    }

    void everyTextSourceIsListed()
    {
        std::set<std::string> texts;
        for (const DatasetType &type : datasetTypes()) {
            QVERIFY(!type.help.empty() && type.help.find('\n') == std::string::npos);
            if (type.modality != Modality::text)
                continue;
            texts.insert(type.name);
            if (!type.available())
                continue;
            const auto dataset = type.open();
            QCOMPARE(dataset->info().name, type.name);
            QVERIFY(dataset->info().modality == Modality::text);
            for (Split split : {Split::train, Split::test}) {
                const std::string text = dataset->text(split, 0);
                QVERIFY(!text.empty() && !invalidUtf8(text));
                QVERIFY_EXCEPTION_THROWN(dataset->text(split, dataset->size(split)), std::out_of_range);
            }
        }
        QCOMPARE(texts, (std::set<std::string>{"kjv", "poems", "shapes-captions", "operators"}));
    }
};

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
