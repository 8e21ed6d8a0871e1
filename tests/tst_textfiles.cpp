// Files of texts as people have them: other encodings, binary ones, gzip, tables of every shape, copies; each is read as it is meant, or refused by
// one line that names the file and says what to do.
#include "core/data/dataset.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/csv.h"
#include "core/data/sources/text/textdataset.h"
#include "core/data/sources/text/textreading.h"
#include "tests/filefixture.h"

#include <QProcess>
#include <QStringEncoder>
#include <QTemporaryDir>
#include <QTest>

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace pretext;
using namespace pretext::test;
namespace fs = std::filesystem;

class TestTextFiles : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_folder;

    std::string write(const std::string &name, const std::string &bytes)
    {
        test::write(m_folder / name, bytes);
        return (m_folder / name).string();
    }

    std::string writeGzip(const std::string &name, const std::string &bytes)
    {
        gzFile file = gzopen((m_folder / name).c_str(), "wb");
        gzwrite(file, bytes.data(), unsigned(bytes.size()));
        gzclose(file);
        return (m_folder / name).string();
    }

    static std::vector<std::string> textsIn(const Dataset &dataset, Split split)
    {
        std::vector<std::string> texts;
        for (int64_t i = 0; i < dataset.size(split); ++i)
            texts.push_back(dataset.text(split, i));
        return texts;
    }

    static std::multiset<std::string> textsOf(const std::string &path)
    {
        const auto dataset = openDataset(path);
        const std::vector<std::string> train = textsIn(*dataset, Split::train), test = textsIn(*dataset, Split::test);
        std::multiset<std::string> all(train.begin(), train.end());
        all.insert(test.begin(), test.end());
        return all;
    }

    static std::string lines(int number = 60)
    {
        std::string text;
        for (int i = 0; i < number; ++i)
            text += "This is line number " + std::to_string(i) + ".\n";
        return text;
    }

    static std::string encoded(const std::string &text, QStringConverter::Encoding encoding, bool mark)
    {
        QStringEncoder encoder(encoding, mark ? QStringConverter::Flag::WriteBom : QStringConverter::Flag::Default);
        const QByteArray bytes = encoder.encode(QString::fromStdString(text));
        return bytes.toStdString();
    }

private slots:
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = m_temporary->path().toStdString();
    }

    void wideTextIsToldAndConverted_data()
    {
        QTest::addColumn<int>("encoding");
        QTest::addColumn<bool>("mark");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        QString chinese, mixed;
        for (int i = 0; i < 30; ++i) {
            chinese += QStringLiteral("一二三，起初神创造天地。地是空虚混沌，渊面黑暗%1。\n").arg(QChar(0x4E00 + i));
            mixed += QStringLiteral("Ünïcödé — русский, ελληνικά, עברית %1 😀\r\n").arg(i);
        }
        for (const bool mark : {true, false})
            for (const auto &[what, text] : {std::pair("English", QString::fromStdString(lines())), std::pair("Chinese", chinese), std::pair("mixed", mixed)}) {
                QTest::addRow("UTF-16LE %s %d", what, mark) << int(QStringConverter::Utf16LE) << mark << "UTF-16LE" << text;
                QTest::addRow("UTF-16BE %s %d", what, mark) << int(QStringConverter::Utf16BE) << mark << "UTF-16BE" << text;
            }
        QTest::addRow("UTF-32LE") << int(QStringConverter::Utf32LE) << true << "UTF-32LE" << chinese;
        QTest::addRow("UTF-32BE") << int(QStringConverter::Utf32BE) << true << "UTF-32BE" << chinese;
    }

    /// The line in the message does what it says, typed into a shell; with a name that a shell would take apart, and of a .gz.
    void wideTextIsToldAndConverted()
    {
        QFETCH(int, encoding);
        QFETCH(bool, mark);
        QFETCH(QString, name);
        QFETCH(QString, text);
        const std::string bytes = encoded(text.toStdString(), QStringConverter::Encoding(encoding), mark);
        for (const bool gzip : {false, true}) {
            const std::string path = gzip ? writeGzip("it's mine.txt.gz", bytes) : write("it's mine.txt", bytes);
            const QString message = openingError(path);
            QVERIFY(says(message, {"mine.txt", qPrintable(name), "convert it: "}));
            QCOMPARE(QProcess::execute("sh", {"-c", message.mid(message.indexOf("convert it: ") + 12)}), 0);
            QCOMPARE(textsOf((m_folder / "it's mine.utf8.txt").string()), textsOf(write("same.txt", text.toStdString())));
            fs::remove(m_folder / "it's mine.utf8.txt");
        }
    }

    void whatIsNotTextIsRefused()
    {
        std::string noise, sound;
        for (int i = 0; i < 4000; ++i) {
            noise += char(i * i * 31 >> 3);
            sound += std::string{char(int(90 * std::sin(i * 0.1))), char(i % 3 ? 0 : -1)}; // 16-bit samples near zero
        }
        for (const auto &[name, bytes] :
             {std::pair("nul.txt", std::string("one\ntwo\0three\n", 14)), std::pair("noise.csv", noise + std::string(9, '\0')), std::pair("sound.tsv", sound),
              std::pair("zeros.md", std::string(5000, '\0')), std::pair("picture.txt", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16))})
            QVERIFY(says(openingError(write(name, bytes)), {name, "byte ", "NUL", "binary", "choose a text file"}));
        QVERIFY(says(openingError((m_folder / "nul.txt").string()), {"byte 7 (line 2)"}));
        QVERIFY(says(openingError(writeGzip("nul.csv.gz", std::string("text\na\0b\n", 9))), {"nul.csv.gz", "NUL", "binary"}));
        // What is neither wide nor binary is still told where.
        QVERIFY(says(openingError(write("latin.txt", "fine\ncaf\xE9 au lait\n")),
                     {"byte 8 (line 2)", "not UTF-8", "iconv -f ENCODING -t UTF-8", "latin.utf8.txt", "WINDOWS-1252"}));
        QVERIFY(wideEncoding("plain text, no more").empty() && wideEncoding("").empty());
    }

    void gzipIsReadAsWhatItHolds()
    {
        std::string csv = "text,label\n", tsv = "text\tlabel\n";
        for (int i = 0; i < 60; ++i) {
            csv += "\"Row, " + std::to_string(i) + "\"," + (i % 2 ? "yes" : "no") + "\n";
            tsv += "Row, " + std::to_string(i) + "\t" + (i % 2 ? "yes" : "no") + "\n";
        }
        for (const auto &[name, content] :
             {std::pair("a.txt", lines()), std::pair("a.md", lines()), std::pair("A.CSV", csv), std::pair("a.tsv", tsv), std::pair("b.csv", csv)}) {
            const auto plain = openDataset(write(name, content)), packed = openDataset(writeGzip(std::string(name) + ".gz", content));
            QCOMPARE(plain->size(Split::train) + plain->size(Split::test), int64_t(60));
            for (Split split : {Split::train, Split::test})
                QCOMPARE(textsIn(*packed, split), textsIn(*plain, split)); // the same texts are held out
            QCOMPARE(packed->info().columns.size(), plain->info().columns.size());
        }
        QCOMPARE(textsOf((m_folder / "b.csv.gz#text").string()).count("Row, 7"), size_t(1));
        QCOMPARE(textColumnsOf(m_folder / "a.tsv.gz").names, (std::vector<std::string>{"text", "label"}));
        write("folder/ham/a.txt", lines());
        fs::create_directories(m_folder / "folder/spam");
        writeGzip("folder/spam/b.txt.gz", lines());
        QCOMPARE(textsOf((m_folder / "folder").string()).size(), size_t(120));
        std::string cut = writeGzip("cut.txt.gz", lines(5000));
        fs::resize_file(cut, fs::file_size(cut) - 20);
        QVERIFY(says(openingError(cut), {"cut.txt.gz", "gzip"}));
    }

    void aTsvIsSplitAtTabsAlone()
    {
        const CsvTable table =
            parseCsv("a,b;c\ttext\n1\t\"I said, and no more\n2\t\"all of it, \"\"so\"\"\"\n3\tsaid \"so\"\n4\t\"a\" and \"b\"\n", TableKind::tsv);
        QCOMPARE(table.header, (std::vector<std::string>{"a,b;c", "text"}));
        QCOMPARE(table.rows, (std::vector<std::vector<std::string>>{
                                 {"1", "\"I said, and no more"}, {"2", "all of it, \"so\""}, {"3", "said \"so\""}, {"4", "\"a\" and \"b\""}}));
        // A comma in a quoted name is none.
        QCOMPARE(parseCsv("\"a,b,c\";text\n1;x\n").header, (std::vector<std::string>{"a,b,c", "text"}));
        std::string many = "id,of\tsentence\n";
        for (int i = 0; i < 30; ++i)
            many += std::to_string(i) + "\tone, two, " + std::to_string(i) + "\n";
        QCOMPARE(textsOf(write("many.tsv", many)).count("one, two, 3"), size_t(1));
    }

    void columnsOfOneNameAreRefused()
    {
        std::string rows;
        for (int i = 0; i < 40; ++i)
            rows += "a" + std::to_string(i) + "," + (i % 2 ? "x" : "y") + ",b" + std::to_string(i) + "," + (i % 3 ? "u" : "v") + "\n";
        QVERIFY(says(openingError(write("a.csv", "text,kind,text,other\n" + rows)), {"a.csv", "columns 1 and 3", "'text'", "rename"}));
        QVERIFY(says(openingError(write("b.csv", "Text,kind,TEXT,other\n" + rows)), {"b.csv", "columns 1 and 3", "'text'"}));
        QCOMPARE(textsOf((m_folder / "b.csv#TEXT").string()).count("b3"), size_t(1)); // one is named exactly so
        QVERIFY(says(openingError(write("c.csv", "text,kind,plot,kind\n" + rows)), {"c.csv", "columns 2 and 4", "'kind'"}));
        QVERIFY(says(openingError(write("d.csv", "plot,kind,plot,other\n" + rows) + "#plot"), {"d.csv", "columns 1 and 3", "'plot'"}));
        // What is not used may be called anything.
        QCOMPARE(textsOf(write("e.csv", "text,kind,,\n" + rows)).size(), size_t(40));
    }

    void tablesWithoutRowsAreTold()
    {
        QVERIFY(says(openingError(write("header.csv", "text,label\n")), {"header.csv", "no rows", "text, label"}));
        QVERIFY(says(openingError(write("bom.csv", "\uFEFFtext,label")), {"bom.csv", "no rows", "(text, label)"}));
        QVERIFY(
            says(openingError(write("ragged.csv", "text,label\none\ntwo\n")), {"ragged.csv", "none of its 2 rows", "first line, 2", "line 2: 1 field, not 2"}));
        QVERIFY(says(openingError(write("open.csv", "text,label\na,b\n\"never closed,c\n" + lines())), {"open.csv", "line 3", "quote", "close it"}));
        QVERIFY(says(openingError(write("wide.csv", "text" + std::string(70000, ',') + "\n")), {"wide.csv", "line 1", "65536 fields"}));
        QVERIFY(says(openingError(write("zero.csv", "")), {"zero.csv", "is empty"}));
        QCOMPARE(textsOf(write("ok.csv", "\uFEFFtext,label\na b,x\nc d,y\n")).size(), size_t(2));
    }

    void anEnormousFieldIsCut()
    {
        std::string field = "\"";
        for (int i = 0; i < 1000000; ++i)
            field += "word" + std::to_string(i % 1000) + (i % 20 ? " " : "\n");
        const auto dataset = openDataset(write("large.csv", "text,label\n" + field + "\",x\nshort,y\n"));
        int64_t bytes = 0;
        for (Split split : {Split::train, Split::test})
            for (const std::string &text : textsIn(*dataset, split)) {
                QVERIFY(text.size() <= kLongestSample);
                bytes += int64_t(text.size());
            }
        QVERIFY(bytes > 7'000'000);
    }

    void copiesStayTogether()
    {
        std::string table = "text,n\n";
        for (int copy = 0; copy < 10; ++copy)
            for (int i = 0; i < 60; ++i)
                table += "\"the  text" + std::string(size_t(copy % 3), ' ') + " of " + std::to_string(i) + (copy % 2 ? "\n" : "") + "\"," + std::to_string(copy)
                         + "\n";
        for (int i = 0; i < 40; ++i)
            write("folder/" + std::to_string(i) + ".txt", "line one of " + std::to_string(i % 8) + "\nline two of " + std::to_string(i % 8) + "\n");
        for (const std::string &path : {write("copies.csv", table), writeGzip("copies.csv.gz", table), (m_folder / "folder").string()}) {
            const auto dataset = openDataset(path);
            const std::vector<std::string> train = textsIn(*dataset, Split::train), test = textsIn(*dataset, Split::test);
            QVERIFY(!test.empty() && !train.empty());
            for (const std::string &text : test)
                QVERIFY2(std::find(train.begin(), train.end(), text) == train.end(), text.c_str());
        }
        QVERIFY(openDataset((m_folder / "copies.csv").string())->info().note.find("540 of 600 samples repeat another's text.") != std::string::npos);
        QVERIFY(openDataset(write("alike.txt", "the same\nthe same\nthe same\n"))->info().note.find("All 3 samples are the same text") != std::string::npos);
        QVERIFY(openDataset(write("none.txt", lines()))->info().note.find("repeat") == std::string::npos);
    }

    /// A tenth of few says little, and may lack a label; of many it is a tenth, by the hash, as ever.
    void ofFewRowsAFifthOfEachLabelIsHeldOut()
    {
        const auto table = [](int rows, int copies) {
            std::string text = "text,label\n";
            for (int i = 0; i < rows; ++i)
                text += "number " + std::to_string(i / copies) + (i % 10 ? " is kept,often\n" : " is odd,rare\n");
            return text;
        };
        const auto few = openDataset(write("few.csv", table(60, 1)));
        std::map<int, int> counts;
        for (int64_t i = 0; i < few->size(Split::test); ++i)
            ++counts[int(few->label(Split::test, i))];
        QCOMPARE(counts, (std::map<int, int>{{0, 11}, {1, 2}})); // of 54 and 6
        QVERIFY2(few->info().note.find("at least one row in five of each label, chosen by its text, is held out, since there are fewer than 200.")
                     != std::string::npos,
                 few->info().note.c_str());

        const auto copied = openDataset(write("copied.csv", table(120, 4)));
        const std::vector<std::string> train = textsIn(*copied, Split::train), test = textsIn(*copied, Split::test);
        QVERIFY(5 * test.size() >= 120 && test.size() < train.size());
        for (const std::string &text : test)
            QVERIFY2(std::find(train.begin(), train.end(), text) == train.end(), text.c_str());

        std::string text;
        for (int i = 0; i < 30; ++i)
            text += "line " + std::to_string(i) + "\n";
        QCOMPARE(openDataset(write("few.txt", text))->size(Split::test), int64_t(6));
        const auto many = openDataset(write("many.csv", table(200, 1)));
        int64_t tenth = 0;
        for (int i = 0; i < 200; ++i)
            tenth += stableHash("number " + std::to_string(i) + (i % 10 ? " is kept" : " is odd")) % 10 == 0;
        QCOMPARE(many->size(Split::test), tenth);
        QVERIFY(many->info().note.find("one row in ten") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTextFiles)
#include "tst_textfiles.moc"
