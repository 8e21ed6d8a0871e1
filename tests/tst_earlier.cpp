// Run folders, checkpoints and sessions of an earlier version open and go on in this one: tests/earlier/README.md says what they are.
#include "app/session.h"
#include "core/engine/model.h"
#include "core/engine/runfolder.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

const fs::path kEarlier = fs::path(PRETEXT_SOURCE_DIR) / "tests" / "earlier";

/// Runs the program; its errors, or nothing where it ended well.
QString run(const QStringList &arguments)
{
    QProcess process;
    process.start(PRETEXT_BINARY, arguments);
    if (!process.waitForFinished(120000))
        return "it did not end";
    return process.exitCode() == 0 ? QString() : "status " + QString::number(process.exitCode()) + ": " + process.readAllStandardError();
}

} // namespace

class TestEarlier : public QObject
{
    Q_OBJECT
private slots:
    void runsGoOnAsIfUnbroken_data();
    void runsGoOnAsIfUnbroken();
    void runsAreRead_data() { runsGoOnAsIfUnbroken_data(); }
    void runsAreRead();
    void theSessionOpens();
};

void TestEarlier::runsGoOnAsIfUnbroken_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<int>("dimension");
    QTest::newRow("simclr") << 16 << 32;
    QTest::newRow("clm") << 44 << 16;
}

/// Processors round differently, so the numbers of another one are equal to a few digits only.
void TestEarlier::runsGoOnAsIfUnbroken()
{
    const std::string name = QTest::currentDataTag();
    QTemporaryDir folder;
    const fs::path copy = fs::path(folder.path().toStdString()) / name;
    fs::copy(kEarlier / name, copy, fs::copy_options::recursive);
    QCOMPARE(run({"train", "--resume", "--out", QString::fromStdString(copy.string())}), QString());
    const MetricsTable whole = readMetrics(kEarlier / (name + ".csv")), continued = readMetrics(copy / "metrics.csv");
    QCOMPARE(continued.columns, whole.columns);
    QCOMPARE(continued.rows.size(), whole.rows.size());
    for (size_t row = 0; row < whole.rows.size(); ++row)
        for (size_t column = 0; column < whole.columns.size(); ++column) {
            const double expected = whole.rows[row][column], found = continued.rows[row][column];
            const bool alike = whole.columns[column] == "seconds" || std::abs(found - expected) <= 0.02 * std::abs(expected) + 0.02;
            QVERIFY2(alike, qPrintable(QString("step %1, %2: %3 instead of %4").arg(row + 1).arg(whole.columns[column].c_str()).arg(found).arg(expected)));
        }
}

void TestEarlier::runsAreRead()
{
    QFETCH(int, step);
    QFETCH(int, dimension);
    const TrainedEncoder trained = loadEncoder(kEarlier / QTest::currentDataTag());
    QCOMPARE(trained.state.step, int64_t(step));
    QCOMPARE(trained.state.plannedSteps, int64_t(60));
    QCOMPARE(trained.encoder->dimension(), dimension);
}

void TestEarlier::theSessionOpens()
{
    const Session session = readSession(QString::fromStdString((kEarlier / "session.json").string()));
    QVERIFY(session.config.has_value());
    QCOMPARE(session.config->method, std::string("simclr"));
    QCOMPARE(session.config->knobs.real("encoder.width"), 4.0);
    QVERIFY(!session.layout.isEmpty());
}

QTEST_GUILESS_MAIN(TestEarlier)
#include "tst_earlier.moc"
