// Packages from npm for the tests of real clients: installed once outside the checkout, and asked through Node. Where npm does not answer
// a test skips; with PRETEXT_REQUIRE_CLIENTS=1 skipping fails wherever npm answers.
#pragma once

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QProcess>

namespace clients {

/// Runs it; what went wrong, or empty.
inline QString run(const QString &program, const QStringList &arguments, const QString &folder, int seconds, const QString &nodePath = {})
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!nodePath.isEmpty())
        environment.insert("NODE_PATH", nodePath);
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    process.start(program, arguments);
    if (!process.waitForFinished(1000 * seconds)) {
        process.kill();
        process.waitForFinished();
        return program + ": " + (process.error() == QProcess::FailedToStart ? "is not installed" : "took too long");
    }
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAllStandardError()).right(2000) + " (" + program + ")";
}

inline QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Where the packages are that the package.json in `source` asks for, keyed by what it asks for.
inline QString packageFolder(const QString &source)
{
    const QString cache = qEnvironmentVariable("XDG_CACHE_HOME", QDir::homePath() + "/.cache");
    const QByteArray key = QCryptographicHash::hash(contentsOf(source + "/package.json"), QCryptographicHash::Sha256).toHex().left(12);
    return cache + "/pretext/clients-" + key;
}

inline bool npmAnswers()
{
    return run("npm", {"ping", "--fetch-timeout=10000", "--fetch-retries=0"}, QDir::tempPath(), 30).isEmpty();
}

/// Installs into packageFolder(source), whole or not at all; what went wrong, or empty.
inline QString install(const QString &source)
{
    const QString folder = packageFolder(source);
    if (QFile::exists(folder + "/installed"))
        return {};
    QDir().mkpath(folder);
    QFile::remove(folder + "/package.json");
    QFile::copy(source + "/package.json", folder + "/package.json");
    // Without its scripts: they would fetch CUDA libraries, which no test needs.
    const QString wrong = run("npm", {"install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-timeout=60000", "--fetch-retries=1"}, folder, 200);
    if (!wrong.isEmpty())
        return wrong;
    QFile mark(folder + "/installed");
    return mark.open(QIODevice::WriteOnly) ? QString() : folder + ": cannot be written";
}

inline bool required()
{
    return qEnvironmentVariable("PRETEXT_REQUIRE_CLIENTS") == "1" && npmAnswers();
}

} // namespace clients
