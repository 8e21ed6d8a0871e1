#include "app/runs.h"

#include "core/engine/runlock.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <QCoreApplication>
#include <QStandardPaths>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kMarker = "open.pid";

long markedProcess(const fs::path &run)
{
    try {
        return std::strtol(readRegularFile(run / kMarker, 64).c_str(), nullptr, 10);
    } catch (const std::exception &) {
        return 0; // nobody has it open
    }
}

bool isPretext(long process)
{
    if (kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH)
        return false;
    // The number may have been given to another program since, for instance after the machine restarted.
    std::error_code error;
    const fs::path mine = fs::read_symlink("/proc/self/exe", error);
    const fs::path other = fs::read_symlink("/proc/" + std::to_string(process) + "/exe", error);
    return error || mine.filename() == other.filename();
}

RunEntry describe(const fs::path &path)
{
    RunEntry entry;
    entry.path = path;
    std::error_code error;
    for (const auto &file : fs::recursive_directory_iterator(path, error)) {
        if (!file.is_regular_file(error))
            continue;
        entry.bytes += static_cast<qint64>(file.file_size(error));
        entry.hasCheckpoint |= file.path().extension() == ".safetensors" && file.path().parent_path().filename() == "checkpoints";
    }
    const auto age = fs::file_time_type::clock::now() - fs::last_write_time(path, error);
    entry.modified = QDateTime::currentDateTime().addSecs(-std::chrono::duration_cast<std::chrono::seconds>(age).count());
    const long process = markedProcess(path);
    entry.open = process != 0 && isPretext(process);
    entry.crashed = process != 0 && !entry.open;
    return entry;
}

} // namespace

fs::path runsRoot()
{
    return fs::path(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation).toStdString()) / "runs";
}

fs::path newRunPath(const fs::path &root, const RunConfig &config, const QDateTime &now, const std::set<fs::path> &given)
{
    const std::string name = now.toString("yyyy-MM-dd-HHmmss").toStdString() + '-' + config.method;
    fs::path path = root / name;
    for (int i = 2; fs::exists(path) || given.contains(path); ++i)
        path = root / (name + '-' + std::to_string(i));
    return path;
}

void writeMarker(const fs::path &run)
{
    std::ofstream(run / kMarker) << QCoreApplication::applicationPid() << '\n';
}

void removeMarker(const fs::path &run)
{
    std::error_code ignored;
    fs::remove(run / kMarker, ignored);
}

long openedBy(const fs::path &run)
{
    const long process = markedProcess(run);
    return process != 0 && isPretext(process) ? process : 0;
}

std::string trainedBy(const fs::path &run)
{
    const long window = openedBy(run);
    return window != 0 ? pretext::said("another window, process %1", {std::to_string(window)}) : writerOf(run);
}

std::vector<RunEntry> listRuns(const fs::path &root)
{
    std::vector<RunEntry> runs;
    std::error_code error;
    for (const auto &folder : fs::directory_iterator(root, error))
        if (fs::exists(folder.path() / "config.json", error))
            runs.push_back(describe(folder.path()));
    std::sort(runs.begin(), runs.end(), [](const RunEntry &a, const RunEntry &b) { return a.path.filename() > b.path.filename(); });
    return runs;
}

void deleteRun(const fs::path &root, const fs::path &run)
{
    if (run.parent_path() != root || !fs::exists(run / "config.json"))
        throw std::invalid_argument(said("%1 is not one of the window's runs; it was not deleted", {run.string()}));
    if (const std::string writer = trainedBy(run); !writer.empty())
        throw std::invalid_argument(said("%1 is open (%2); close it first", {run.string(), writer}));
    fs::remove_all(run);
}

} // namespace pretext
