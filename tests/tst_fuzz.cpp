// Every input that a fuzzer ever tripped over, and the seeds it began with, are read or refused as they should be. The fuzzer itself is
// tests/fuzz/run.
#include "core/files/messagetext.h"
#include "tests/fuzz/target.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <sys/resource.h>

using namespace pretext::fuzz;

class TestFuzz : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void corpusStaysMended_data();
    void corpusStaysMended();
    void everyTargetReadsAndRefuses();
    void faultsAreSeen_data();
    void faultsAreSeen();
    void whatIsShownIsOnePlainLine();
    void findingsAreNoAnswers();
};

namespace {

QDir corpusOf(const Target &target)
{
    return QDir(QStringLiteral(PRETEXT_SOURCE_DIR "/tests/fuzz/corpus/") + target.name);
}

std::string contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

void TestFuzz::initTestCase()
{
#ifndef __SANITIZE_ADDRESS__
    const rlim_t kMemory = rlim_t(8) << 30; // what an input of some kilobytes must do without is refused here, not by the machine
    const rlimit limit{kMemory, kMemory};
    QCOMPARE(setrlimit(RLIMIT_AS, &limit), 0);
#endif
}

void TestFuzz::corpusStaysMended_data()
{
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("path");
    for (const Target &target : targets())
        for (const QFileInfo &file : corpusOf(target).entryInfoList(QDir::Files, QDir::Name))
            QTest::addRow("%s/%s", target.name, qPrintable(file.fileName())) << QString(target.name) << file.filePath();
}

void TestFuzz::corpusStaysMended()
{
    QFETCH(QString, target);
    QFETCH(QString, path);
    const std::string input = contentOf(path);
    const Target &reader = *findTarget(target.toStdString());
    QVERIFY2(input.size() <= reader.longest, "longer than the fuzzer's inputs");
    const Outcome outcome = outcomeOf(reader, input);
    QVERIFY2(outcome.kind != Outcome::finding, outcome.text.c_str());
}

/// A target that refuses whatever it is given would find nothing.
void TestFuzz::everyTargetReadsAndRefuses()
{
    for (const Target &target : targets()) {
        bool read = false, refused = false;
        for (const QFileInfo &file : corpusOf(target).entryInfoList(QDir::Files)) {
            const Outcome outcome = outcomeOf(target, contentOf(file.filePath()));
            read |= outcome.kind == Outcome::read;
            refused |= outcome.kind == Outcome::refused;
        }
        QVERIFY2(read, target.name);
        QVERIFY2(refused || outcomeOf(target, "{\n").kind == Outcome::refused, target.name);
    }
}

void TestFuzz::faultsAreSeen_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<bool>("fault");
    QTest::newRow("a line") << QByteArray("a.csv: line 3 opens a quote that is never closed") << false;
    QTest::newRow("other scripts") << QByteArray("太初.txt: is empty") << false;
    QTest::newRow("nothing") << QByteArray() << true;
    QTest::newRow("two lines") << QByteArray("one\ntwo") << true;
    QTest::newRow("an escape") << QByteArray("a tensor \"\x1b[2J\" is unknown") << true;
    QTest::newRow("not UTF-8") << QByteArray("no such file: \xff\xfe") << true;
    QTest::newRow("endless") << QByteArray(2001, 'x') << true;
    QTest::newRow("a library's words") << QByteArray("vector::_M_range_check: __n (which is 3) >= this->size() (which is 0)") << true;
    QTest::newRow("no memory") << QByteArray("std::bad_alloc") << true;
}

void TestFuzz::faultsAreSeen()
{
    QFETCH(QByteArray, message);
    QFETCH(bool, fault);
    QCOMPARE(!faultIn(message.toStdString()).empty(), fault);
}

void TestFuzz::whatIsShownIsOnePlainLine()
{
    for (const std::string message : {"one\ntwo\tthree", "a tensor \"\x1b[2J\"", "no such file: \xff\xfe", "a name with \xc2\x9b", "[config] an \x7f"})
        QCOMPARE(faultIn(pretext::oneLine(message)), std::string());
    QCOMPARE(faultIn(pretext::oneLine("knob '" + std::string(100000, 'x') + "' is unknown")), std::string());
    std::string columns = "太.csv: has no column 'text'; its first line names: ";
    for (int i = 0; i < 5000; ++i)
        columns += "太, ";
    const std::string line = pretext::oneLine(columns + "choose one");
    QCOMPARE(faultIn(line), std::string());
    QVERIFY(line.starts_with("太.csv: has no column 'text'") && line.ends_with("choose one"));
    QCOMPARE(pretext::oneLine("[csv] 太初.csv:\n\x1b"), std::string("太初.csv: \\x1B"));
}

void TestFuzz::findingsAreNoAnswers()
{
    QCOMPARE(outcomeOf({"a", [](std::string_view) { require(false, "wrong"); }, 1}, "").kind, Outcome::finding);
    QCOMPARE(outcomeOf({"b", [](std::string_view) { throw 1; }, 1}, "").kind, Outcome::finding);
    QCOMPARE(outcomeOf({"c", [](std::string_view) { throw std::runtime_error("no"); }, 1}, "").kind, Outcome::refused);
    QCOMPARE(outcomeOf({"d", [](std::string_view) { require(true, "right"); }, 1}, "").kind, Outcome::read);
}

QTEST_GUILESS_MAIN(TestFuzz)
#include "tst_fuzz.moc"
