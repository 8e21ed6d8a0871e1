// What is known of runs, kept in SQLite, so that thousands are listed at once without a file of theirs being read. Nothing is kept here alone: what is lost with
// the file, or damaged, is read again from the runs' folders. Any number of processes may use it; one object belongs to one thread.
#pragma once

#include "core/engine/runsummary.h"

#include <QString>

#include <filesystem>
#include <functional>
#include <vector>

class QSqlError;
class QSqlQuery;

namespace pretext {

class RunDatabase
{
public:
    /// Opens the file, or makes it; one that is damaged, or of another version, is set aside. Throws std::runtime_error naming the file, or the package that
    /// Qt's SQLite driver is in.
    explicit RunDatabase(std::filesystem::path file);
    ~RunDatabase();
    RunDatabase(const RunDatabase &) = delete;
    RunDatabase &operator=(const RunDatabase &) = delete;

    std::vector<RunSummary> all();
    /// All of them or none, each in place of what was known of its path.
    void put(const std::vector<RunSummary> &runs);
    void forget(const std::vector<std::filesystem::path> &paths);

private:
    void open();
    void close();
    void setAside();
    QSqlQuery prepared(const QString &statement);
    void run(QSqlQuery &query);
    void run(const QString &statement);
    [[noreturn]] void refuse(const QSqlError &error) const;
    void inTransaction(const std::function<void()> &work);
    void mended(const std::function<void()> &work);

    std::filesystem::path m_file;
    QString m_connection;
};

} // namespace pretext
