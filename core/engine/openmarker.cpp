#include "core/engine/openmarker.h"

#include "core/engine/runfolder.h"
#include "core/engine/runlock.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <vector>

#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kMarker = "open.pid";

long markedProcess(const fs::path &run)
{
    std::error_code absent;
    if (!fs::exists(run / kMarker, absent))
        return 0; // nobody has it open
    try {
        return std::strtol(readRegularFile(run / kMarker, 64).c_str(), nullptr, 10);
    } catch (const std::exception &) {
        return 0;
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

} // namespace

void writeMarker(const fs::path &run)
{
    std::ofstream(run / kMarker) << ::getpid() << '\n';
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

bool wasLeftOpen(const fs::path &run)
{
    const long process = markedProcess(run);
    return process != 0 && !isPretext(process);
}

std::string writtenBy(const fs::path &run)
{
    const long window = openedBy(run);
    if (window == long(getpid()))
        return pretext::said("this window");
    return window != 0 ? pretext::said("another window, process %1", {std::to_string(window)}) : writerOf(run);
}

bool standsStill(const fs::path &run)
{
    const std::set<std::string> still{"pause", "end", "fault"}, going{"play", "resume", "fork"};
    std::vector<Event> events;
    try {
        events = readEvents(run / "events.jsonl");
    } catch (const std::exception &) {
        return false; // its last line is being written
    }
    for (auto event = events.rbegin(); event != events.rend(); ++event)
        if (still.contains(event->kind) || going.contains(event->kind))
            return still.contains(event->kind);
    return false; // it was begun, and nothing else has happened
}

} // namespace pretext
