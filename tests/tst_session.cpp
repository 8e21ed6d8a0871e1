// Session files come back as they were written, travel with their folder, and a bad one says in one line what is wrong.
#include "app/session.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace pretext;

class TestSession : public QObject
{
    Q_OBJECT

private slots:
    void comesBackAsWritten();
    void pathsTravelWithTheFolder();
    void lessonsAreSessions();
    void badFilesAreOneClearLine_data();
    void badFilesAreOneClearLine();
    void nothingIsWrittenWhereNothingCanBe();
};

namespace {

Session sample(const std::string &dataset)
{
    Session session;
    DatasetInfo info;
    info.image = {28, 28, 1};
    session.config = makeConfig("simclr", "resnet", dataset, info);
    session.config->knobs.set("temperature", 0.31);
    session.config->seed = 42;
    session.layout = QByteArray("\x00\x01\xff layout", 10);
    session.panels = {"similarity", "metrics"};
    session.pair = 7;
    session.sample = {Split::test, 4711};
    return session;
}

} // namespace

void TestSession::comesBackAsWritten()
{
    QTemporaryDir folder;
    const QString file = folder.filePath("a.json");
    const Session written = sample("fashion-mnist");
    writeSession(file, written);
    const Session read = readSession(file);
    QCOMPARE(read.layout, written.layout);
    QCOMPARE(read.panels, written.panels);
    QCOMPARE(read.pair, 7);
    QCOMPARE(read.sample, (Sample{Split::test, 4711}));
    QCOMPARE(read.config->seed, 42u);
    QCOMPARE(read.config->dataset, std::string("fashion-mnist"));
    QVERIFY(read.config->knobs == written.config->knobs);
}

void TestSession::pathsTravelWithTheFolder()
{
    QTemporaryDir folder;
    QDir(folder.path()).mkpath("one/images");
    writeSession(folder.filePath("one/a.json"), sample(folder.filePath("one/images").toStdString()));
    QVERIFY(QDir(folder.path()).rename("one", "two"));
    QCOMPARE(QString::fromStdString(readSession(folder.filePath("two/a.json")).config->dataset), folder.filePath("two/images"));
}

void TestSession::lessonsAreSessions()
{
    const QDir lessons(PRETEXT_SOURCE_DIR "/resources/lessons");
    const QStringList texts = lessons.entryList({"*.md"});
    QVERIFY(!texts.isEmpty());
    for (const QString &text : texts) {
        const Session session = readSession(lessons.filePath(QString(text).replace(".md", ".json")));
        QVERIFY2(!session.panels.isEmpty(), qPrintable(text));
    }
}

void TestSession::badFilesAreOneClearLine_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("says");
    QTest::newRow("empty") << QByteArray() << "not a JSON object";
    QTest::newRow("truncated") << QByteArray("{\"kind\": \"pretext-session\", ") << "not a JSON object";
    QTest::newRow("picture") << QByteArray("\x89PNG\r\n") << "not a JSON object";
    QTest::newRow("another program's") << QByteArray("{\"kind\": \"notes\", \"version\": 1}") << "\"kind\" is \"notes\"";
    QTest::newRow("newer") << QByteArray("{\"kind\": \"pretext-session\", \"version\": 99}") << "version 99";
    QTest::newRow("kind is a number") << QByteArray("{\"kind\": 3, \"version\": 1}") << "is not a session";
    QTest::newRow("unknown method") << QByteArray("{\"kind\": \"pretext-session\", \"version\": 1, \"config\": {\"method\": \"simclrr\"}}") << "simclrr";
    QTest::newRow("config is a list") << QByteArray("{\"kind\": \"pretext-session\", \"version\": 1, \"config\": [1]}") << "a.json";
}

void TestSession::badFilesAreOneClearLine()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, says);
    QTemporaryDir folder;
    const QString path = folder.filePath("a.json");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    try {
        readSession(path);
        QFAIL("it was accepted");
    } catch (const std::invalid_argument &error) {
        const QString line = error.what();
        QVERIFY2(line.contains(says) && line.contains("a.json") && !line.contains('\n'), error.what());
    }
}

void TestSession::nothingIsWrittenWhereNothingCanBe()
{
    QTemporaryDir folder;
    QFile file(folder.filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, writeSession(folder.filePath("file/a.json"), sample("shapes")));
}

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
