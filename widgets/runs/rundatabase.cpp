#include "widgets/runs/rundatabase.h"

#include "core/files/shownpath.h"
#include "widgets/runs/runrow.h"

#include <QLockFile>
#include <QObject>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QVariant>

#include <atomic>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int kVersion = 1; // of the table; another one is made anew from the folders
constexpr int kBusyMs = 5000;

/// The file is no database of ours, or its pages contradict each other.
struct DamagedDatabase : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

std::string refusal(const fs::path &file, const QString &why)
{
    return QObject::tr("%1: the list of runs cannot be used: %2").arg(QString::fromStdString(shownPath(file)), why).toStdString();
}

QString noDriver()
{
    return QObject::tr("Qt's driver for SQLite is not installed; on Debian it is libqt6sql6-sqlite");
}

QString newConnectionName()
{
    static std::atomic<int> number = 0;
    return QStringLiteral("pretext-runs-%1").arg(++number);
}

} // namespace

RunDatabase::RunDatabase(fs::path file) : m_file(std::move(file)), m_connection(newConnectionName())
{
    if (!QSqlDatabase::isDriverAvailable(QStringLiteral("QSQLITE")))
        throw std::runtime_error(refusal(m_file, noDriver()));
    std::error_code error;
    fs::create_directories(m_file.parent_path(), error);
    if (error)
        throw std::runtime_error(refusal(m_file, QString::fromStdString(error.message())));
    try {
        try {
            open();
        } catch (const DamagedDatabase &) {
            setAside();
        }
    } catch (...) {
        close();
        throw;
    }
}

RunDatabase::~RunDatabase()
{
    close();
}

void RunDatabase::open()
{
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    database.setDatabaseName(QString::fromStdString(m_file.string()));
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyMs));
    if (!database.open())
        throw std::runtime_error(refusal(m_file, database.lastError().databaseText()));
    run(QStringLiteral("PRAGMA journal_mode=WAL")); // readers and one writer at once; a file system that cannot have it keeps its own way
    run(QStringLiteral("PRAGMA synchronous=NORMAL"));
    const int version = [this] {
        QSqlQuery query = prepared(QStringLiteral("PRAGMA user_version"));
        run(query);
        return query.next() ? query.value(0).toInt() : 0;
    }();
    if (version == kVersion)
        return;
    if (version != 0)
        throw DamagedDatabase(refusal(m_file, QStringLiteral("version %1").arg(version)));
    inTransaction([this] { // another process may do so, too
        run(QStringLiteral("CREATE TABLE IF NOT EXISTS runs (%1)").arg(runrow::columns()));
        run(QStringLiteral("PRAGMA user_version=%1").arg(kVersion));
    });
}

void RunDatabase::close()
{
    QSqlDatabase::database(m_connection, false).close();
    QSqlDatabase::removeDatabase(m_connection);
}

/// Opens a new file. One process at a time: another may have done so already, and its file is none to be set aside.
void RunDatabase::setAside()
{
    close();
    QLockFile lock(QString::fromStdString(m_file.string()) + QStringLiteral(".lock"));
    lock.lock();
    try {
        open();
        run(QStringLiteral("SELECT %1 FROM runs LIMIT 1").arg(runrow::names()));
        QSqlQuery query = prepared(QStringLiteral("PRAGMA quick_check(1)"));
        run(query);
        if (query.next() && query.value(0).toString() == QLatin1String("ok"))
            return; // as another process made it; it is open now
    } catch (const DamagedDatabase &) {
    }
    close();
    for (const char *part : {"", "-wal", "-shm"}) {
        std::error_code none;
        fs::rename(m_file.string() + part, m_file.string() + ".damaged" + part, none);
    }
    open();
}

QSqlQuery RunDatabase::prepared(const QString &statement)
{
    QSqlQuery query(QSqlDatabase::database(m_connection));
    query.setForwardOnly(true);
    if (!query.prepare(statement)) // which reads the table's description, and that may be what is damaged
        refuse(query.lastError());
    return query;
}

void RunDatabase::run(QSqlQuery &query)
{
    if (!query.exec())
        refuse(query.lastError());
}

void RunDatabase::run(const QString &statement)
{
    QSqlQuery query = prepared(statement);
    run(query);
}

void RunDatabase::refuse(const QSqlError &error) const
{
    constexpr int kCorrupt = 11, kNotADatabase = 26; // SQLite's own numbers
    const int code = error.nativeErrorCode().toInt() & 0xff;
    const QString text = error.databaseText();
    if (code == kCorrupt || code == kNotADatabase || text.startsWith(QLatin1String("no such table")) || text.startsWith(QLatin1String("no such column")))
        throw DamagedDatabase(refusal(m_file, text));
    throw std::runtime_error(refusal(m_file, text));
}

void RunDatabase::inTransaction(const std::function<void()> &work)
{
    run(QStringLiteral("BEGIN IMMEDIATE")); // waits for another writer here, and never in its middle
    try {
        work();
        run(QStringLiteral("COMMIT"));
    } catch (...) {
        QSqlQuery(QSqlDatabase::database(m_connection)).exec(QStringLiteral("ROLLBACK"));
        throw;
    }
}

/// What a damaged file held is read again from the folders by whoever asks next.
void RunDatabase::mended(const std::function<void()> &work)
{
    try {
        work();
    } catch (const DamagedDatabase &) {
        setAside();
        work();
    }
}

std::vector<RunSummary> RunDatabase::all()
{
    std::vector<RunSummary> runs;
    mended([&] {
        runs.clear();
        QSqlQuery query = prepared(QStringLiteral("SELECT %1 FROM runs").arg(runrow::names()));
        run(query);
        while (query.next())
            runs.push_back(runrow::summaryOf(query));
        if (query.lastError().isValid())
            refuse(query.lastError());
    });
    return runs;
}

void RunDatabase::put(const std::vector<RunSummary> &runs)
{
    if (runs.empty())
        return;
    mended([&] {
        inTransaction([&] {
            QSqlQuery query = prepared(QStringLiteral("INSERT OR REPLACE INTO runs (%1) VALUES (%2)").arg(runrow::names(), runrow::places()));
            for (const RunSummary &summary : runs) {
                runrow::bind(summary, query);
                run(query);
            }
        });
    });
}

void RunDatabase::forget(const std::vector<fs::path> &paths)
{
    if (paths.empty())
        return;
    mended([&] {
        inTransaction([&] {
            QSqlQuery query = prepared(QStringLiteral("DELETE FROM runs WHERE path = ?"));
            for (const fs::path &path : paths) {
                query.bindValue(0, QString::fromStdString(shownPath(path)));
                run(query);
            }
        });
    });
}

} // namespace pretext
