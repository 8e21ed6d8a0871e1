#include "core/engine/runstore.h"

#include "core/engine/openmarker.h"
#include "core/engine/runlock.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr const char *kFromFile = "from.json"; // in a folder of the trash, beside the run
constexpr int kDeepest = 4;                    // folders within each other, below one that is imported

fs::path absoluteOf(const fs::path &run)
{
    const fs::path path = fs::absolute(run).lexically_normal();
    return path.has_filename() ? path : path.parent_path();
}

bool isRun(const fs::path &folder)
{
    std::error_code absent;
    return fs::is_regular_file(folder / "config.json", absent)
           && (fs::is_directory(folder / "checkpoints", absent) || fs::exists(folder / "metrics.csv", absent));
}

/// FNV-1a.
std::string hashOf(const std::string &text)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (const unsigned char c : text)
        hash = (hash ^ c) * 0x100000001b3;
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

void makeFolders(const fs::path &folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw std::runtime_error(folder.string() + ": " + said("cannot be created: %1", {error.message()}));
}

/// By renaming; from one disk to another by a copy, of which nothing shows before it is whole.
void moveFolder(const fs::path &from, const fs::path &to)
{
    std::error_code error;
    fs::rename(from, to, error);
    if (!error)
        return;
    if (error != std::errc::cross_device_link)
        throw std::runtime_error(from.string() + ": " + said("cannot be moved to %1: %2", {to.string(), error.message()}));
    const fs::path part = to.parent_path() / ("." + to.filename().string() + ".tmp-" + std::to_string(::getpid()));
    try {
        fs::copy(from, part, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        fs::rename(part, to);
    } catch (const fs::filesystem_error &failed) { // a full disk
        fs::remove_all(part, error);
        throw std::runtime_error(from.string() + ": " + said("cannot be moved to %1: %2", {to.string(), failed.code().message()}));
    }
    const fs::path left = from.parent_path() / ("." + from.filename().string() + ".tmp-" + std::to_string(::getpid()));
    fs::rename(from, left); // from here on it is no run any more, however far its removal gets
    fs::remove_all(left);
}

void findRuns(const fs::path &folder, int depth, std::vector<fs::path> &found)
{
    if (isRun(folder)) {
        found.push_back(folder);
        return;
    }
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder, error))
        if (depth > 0 && entry.is_directory(error) && !entry.is_symlink(error))
            findRuns(entry.path(), depth - 1, found);
}

} // namespace

fs::path RunStore::linkOf(const fs::path &run) const
{
    return m_data / "elsewhere" / (run.filename().string().substr(0, 100) + "-" + hashOf(run.string()));
}

void RunStore::list(const fs::path &given) const
{
    const fs::path run = absoluteOf(given), link = linkOf(run);
    std::error_code error;
    if (run.parent_path() == absoluteOf(runs()) || fs::is_symlink(link, error))
        return;
    makeFolders(link.parent_path());
    fs::create_symlink(run, link, error);
    if (error && error != std::errc::file_exists)
        throw std::runtime_error(link.string() + ": " + pretext::said("cannot be created: %1", {error.message()}));
}

void RunStore::unlist(const fs::path &run) const
{
    std::error_code error;
    fs::remove(linkOf(absoluteOf(run)), error);
    if (error)
        throw std::runtime_error(linkOf(absoluteOf(run)).string() + ": " + pretext::said("cannot be removed: %1", {error.message()}));
}

std::vector<fs::path> RunStore::folders() const
{
    std::set<fs::path> all;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(runs(), error))
        if (entry.is_directory(error) && !entry.path().filename().string().starts_with('.'))
            all.insert(absoluteOf(entry.path()));
    for (const fs::directory_entry &entry : fs::directory_iterator(m_data / "elsewhere", error))
        if (const fs::path run = fs::read_symlink(entry.path(), error); !error)
            all.insert(run);
    return {all.begin(), all.end()};
}

std::vector<fs::path> RunStore::import(const fs::path &folder) const
{
    std::vector<fs::path> found;
    findRuns(absoluteOf(folder), kDeepest, found);
    if (found.empty())
        throw std::invalid_argument(
            shownPath(folder) + ": "
            + pretext::said("holds no run, neither itself nor up to %1 folders below; a run is a folder with config.json and checkpoints", {kDeepest}));
    std::ranges::sort(found);
    for (const fs::path &run : found)
        list(run);
    return found;
}

std::vector<RunStore::Deleted> RunStore::deleted() const
{
    std::vector<Deleted> all;
    std::error_code error;
    for (const fs::directory_entry &entry : fs::directory_iterator(trash(), error)) {
        try {
            const fs::path from = pathAsShown(readJson(entry.path() / kFromFile).at("from").get<std::string>());
            if (const fs::path folder = absoluteOf(entry.path() / from.filename()); fs::exists(folder, error))
                all.push_back({folder, from});
        } catch (const std::exception &) {
            // one that was never moved there, or is being emptied
        }
    }
    return all;
}

fs::path RunStore::remove(const fs::path &given) const
{
    const fs::path run = absoluteOf(given);
    if (!isRun(run))
        throw std::invalid_argument(pretext::said("%1 is no run; it was not deleted", {shownPath(run)}));
    if (const std::string writer = writtenBy(run); !writer.empty())
        throw std::invalid_argument(pretext::said("%1 is open (%2); end it there, or open something else, before it is deleted", {shownPath(run), writer}));
    fs::path place = trash() / linkOf(run).filename();
    for (int again = 2; fs::exists(place); ++again)
        place = trash() / (linkOf(run).filename().string() + "-" + std::to_string(again));
    makeFolders(place);
    const std::string text = nlohmann::json{{"from", shownPath(run)}}.dump() + "\n"; // before the run is there, so that it is never there without
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(place / kFromFile, {bytes, bytes + text.size()});
    moveFolder(run, place / run.filename());
    unlist(run);
    return place / run.filename();
}

fs::path RunStore::restore(const fs::path &given) const
{
    const fs::path folder = absoluteOf(given);
    const std::vector<Deleted> all = deleted();
    const auto found = std::ranges::find(all, folder, &Deleted::folder);
    if (found == all.end())
        throw std::invalid_argument(pretext::said("%1 is not in the trash, %2", {shownPath(folder), shownPath(trash())}));
    if (std::error_code error; fs::exists(found->from, error))
        throw std::invalid_argument(pretext::said("%1 cannot go back: something else is there now; move that away first", {shownPath(found->from)}));
    makeFolders(found->from.parent_path());
    list(found->from); // a run that is listed and not there yet is harmless; one that is there and not listed would be lost
    moveFolder(folder, found->from);
    std::error_code ignored;
    fs::remove_all(folder.parent_path(), ignored);
    return found->from;
}

void RunStore::emptyTrash() const
{
    for (const Deleted &run : deleted())
        fs::remove_all(run.folder.parent_path());
}

} // namespace pretext
