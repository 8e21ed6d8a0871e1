// The real program in an empty folder, driven as a user does, and what it says of itself: its subcommands and their options.
#pragma once

#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace pretext::test {

struct CommandResult
{
    int status = -1;
    QString out, error;
};

struct CommandOption
{
    QString name;      // "--steps", or of a positional "RUN"
    QString valueName; // "N"; empty: a flag
    bool required = false;
};

inline QStringList linesOf(const QString &text)
{
    return text.split('\n', Qt::SkipEmptyParts);
}

class CommandFolder
{
public:
    std::filesystem::path at(const std::string &name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }
    QString path(const std::string &name) const { return QString::fromStdString(at(name).string()); }

    /// `shell`: what bash does around the program, which is "$@"; empty: none.
    CommandResult run(const QStringList &arguments, const QString &shell = {}) const
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char *display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            environment.remove(display); // the command line needs none
        for (const char *elsewhere : {"XDG_DATA_HOME", "PRETEXT_UNLISTED"})
            environment.remove(elsewhere); // the user's runs are those of the folder
        environment.insert("XDG_CACHE_HOME", path("cache"));
        environment.insert("HOME", m_folder.path());
        process.setProcessEnvironment(environment);
        if (shell.isEmpty())
            process.start(PRETEXT_BINARY, arguments);
        else
            process.start("/bin/bash", QStringList{"-c", shell, "bash", PRETEXT_BINARY} + arguments);
        if (!process.waitForFinished(120000) || process.exitStatus() != QProcess::NormalExit)
            return {-1, process.readAllStandardOutput(), "crashed or hung: " + process.readAllStandardError()};
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }

    /// Of `pretext --help`.
    QStringList subcommands() const
    {
        QStringList names;
        for (const QString &line : linesOf(run({"--help"}).out))
            if (const QStringList words = line.simplified().split(' '); line.startsWith("  ") && line[2].isLower() && words[0] != "pretext")
                names << words[0];
        return names;
    }

    /// Of `pretext SUBCOMMAND --help`.
    std::vector<CommandOption> options(const QString &subcommand) const
    {
        static const QRegularExpression pattern("^  (--[a-z-]+|[A-Z]+)(?: (?!REQUIRED)([A-Z][A-Z=]*(?:-or-[A-Z]+)?)(?::\\{\\S+)?)?(?: |$)");
        std::vector<CommandOption> &found = m_options[subcommand];
        if (!found.empty())
            return found;
        for (const QString &line : linesOf(run({subcommand, "--help"}).out)) {
            const QRegularExpressionMatch match = pattern.match(line);
            if (match.hasMatch())
                found.push_back({match.captured(1), match.captured(2), line.contains(" REQUIRED")});
        }
        return found;
    }

    void write(const std::string &name, const std::string &bytes) const
    {
        std::filesystem::create_directories(at(name).parent_path());
        std::ofstream(at(name), std::ios::binary) << bytes;
    }

    /// `count` grey pictures of 8 x 8 in two classes, as PGM.
    void writePictures(const std::string &folder, int count) const
    {
        for (int i = 0; i < count; ++i) {
            std::string pixels;
            for (int k = 0; k < 64; ++k)
                pixels.push_back(static_cast<char>((k * (i + 1) + i * 37) % 251));
            write(folder + (i % 2 ? "/even/" : "/odd/") + std::to_string(i) + ".pgm", "P5 8 8 255\n" + pixels);
        }
    }

private:
    QTemporaryDir m_folder;
    mutable std::map<QString, std::vector<CommandOption>> m_options; // as asked before
};

inline void verifyOneLine(const CommandResult &result, int status, const QStringList &words)
{
    QVERIFY2(result.status == status, qPrintable(QString::number(result.status) + ": " + result.error));
    QVERIFY2(linesOf(result.error).size() == 1, qPrintable(result.error));
    for (const QString &word : words)
        QVERIFY2(result.error.contains(word), qPrintable(result.error + " lacks " + word));
}

} // namespace pretext::test
