#include "core/system/controlgroup.h"

#include "core/files/said.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// Where one hierarchy's files of this process lie: its own group's folder, and those above it up to the mount.
struct GroupFolders
{
    bool second = false; // of the second version
    std::vector<fs::path> folders;
};

bool holdsWord(const std::string &list, const std::string &word)
{
    return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

/// The group's path in the hierarchy of `controller`, of /proc/self/cgroup's lines "4:memory:/path" and "0::/path"; version 2's for an empty one.
std::optional<std::string> groupPath(const fs::path &root, const std::string &controller)
{
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? controllers.empty() : holdsWord(controllers, controller))
            return line.substr(second + 1);
    }
    return {};
}

struct GroupMount
{
    std::string group, point;
}; // which group's folder is mounted, and where

/// Of /proc/self/mountinfo: "32 31 0:29 /group /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu".
std::optional<GroupMount> groupMount(const fs::path &root, const std::string &controller)
{
    std::ifstream file(root / "proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        const size_t dash = line.find(" - ");
        if (dash == std::string::npos)
            continue;
        std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
        std::string number, parent, device, type, source, options;
        GroupMount mount;
        before >> number >> parent >> device >> mount.group >> mount.point;
        after >> type >> source >> options;
        if (controller.empty() ? type == "cgroup2" : type == "cgroup" && holdsWord(options, controller))
            return mount;
    }
    return {};
}

/// Empty where the process has no group of that kind. In a container its own group is what is mounted, whatever the path says.
std::vector<fs::path> foldersOf(const fs::path &root, const std::string &controller)
{
    const std::optional<std::string> group = groupPath(root, controller);
    const std::optional<GroupMount> mount = groupMount(root, controller);
    if (!group || !mount)
        return {};
    std::string inside = *group;
    if (mount->group != "/" && inside.starts_with(mount->group))
        inside.erase(0, mount->group.size());
    const fs::path top = root / fs::path(mount->point).relative_path();
    fs::path folder = (top / fs::path(inside).relative_path()).lexically_normal();
    std::error_code none;
    if (!folder.string().starts_with(top.string()) || !fs::is_directory(folder, none))
        folder = top;
    std::vector<fs::path> folders{folder};
    while (folder != top && folder.has_relative_path() && folder.string().size() > top.string().size())
        folders.push_back(folder = folder.parent_path());
    return folders;
}

/// Both hierarchies may be there, each with controllers of its own.
std::vector<GroupFolders> hierarchiesOf(const fs::path &root, const std::string &controller)
{
    return {{true, foldersOf(root, "")}, {false, foldersOf(root, controller)}};
}

/// The file's first word as a number; nothing for "max", a missing file, or -1.
std::optional<double> groupNumber(const fs::path &path)
{
    std::ifstream file(path);
    double number = -1;
    return file >> number && number >= 0 ? std::optional(number) : std::nullopt;
}

/// A line "NAME 123" of a file of such lines, 0 where there is none.
double lineNumber(const fs::path &path, const std::string &name)
{
    std::ifstream file(path);
    std::string word;
    for (double number = 0; file >> word;) {
        if (word == name && file >> number)
            return number;
        std::getline(file, word);
    }
    return 0;
}

/// cpu.max is "150000 100000": microseconds of time in a period.
std::optional<double> quotaOf(const fs::path &folder, bool second)
{
    if (second) {
        std::ifstream file(folder / "cpu.max");
        double quota = 0, period = 0;
        return file >> quota >> period && quota > 0 && period > 0 ? std::optional(quota / period) : std::nullopt;
    }
    const std::optional<double> quota = groupNumber(folder / "cpu.cfs_quota_us"), period = groupNumber(folder / "cpu.cfs_period_us");
    return quota && period && *quota > 0 && *period > 0 ? std::optional(*quota / *period) : std::nullopt;
}

/// What a level's limit leaves. An unlimited group of version 1 says a number near two to the power of 63.
std::optional<double> leftOfGroup(const fs::path &folder, bool second)
{
    constexpr double kUnlimited = 4e18;
    const std::optional<double> limit = groupNumber(folder / (second ? "memory.max" : "memory.limit_in_bytes"));
    const std::optional<double> used = groupNumber(folder / (second ? "memory.current" : "memory.usage_in_bytes"));
    if (!limit || *limit > kUnlimited)
        return {};
    const double cached = lineNumber(folder / "memory.stat", second ? "inactive_file" : "total_inactive_file");
    return std::max(0., *limit - std::max(0., used.value_or(0) - cached));
}

/// Of this process's own limit on addresses.
std::optional<double> leftOfAddresses()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return {};
    std::ifstream file("/proc/self/statm");
    double pages = 0;
    file >> pages;
    return std::max(0., double(limit.rlim_cur) - pages * double(sysconf(_SC_PAGESIZE)));
}

} // namespace

std::optional<double> processorQuota(const fs::path &root)
{
    std::optional<double> least;
    for (const GroupFolders &hierarchy : hierarchiesOf(root, "cpu"))
        for (const fs::path &folder : hierarchy.folders)
            if (const std::optional<double> quota = quotaOf(folder, hierarchy.second); quota && (!least || *quota < *least))
                least = quota;
    return least;
}

std::optional<FreeMemory> freeMemory(const fs::path &root)
{
    const double available = 1024 * lineNumber(root / "proc/meminfo", "MemAvailable:");
    std::optional<FreeMemory> least;
    if (available > 0)
        least = {uint64_t(available), pretext::said("the machine")};
    for (const GroupFolders &hierarchy : hierarchiesOf(root, "memory"))
        for (const fs::path &folder : hierarchy.folders)
            if (const std::optional<double> left = leftOfGroup(folder, hierarchy.second); left && (!least || *left < double(least->bytes)))
                least = {uint64_t(*left), pretext::said("its control group")};
    if (root == "/")
        if (const std::optional<double> left = leftOfAddresses(); left && (!least || *left < double(least->bytes)))
            least = {uint64_t(*left), pretext::said("its address space (ulimit -v)")};
    return least;
}

} // namespace pretext
