// Where a user's runs are: those of the window in DATA/runs, those elsewhere by a link each in DATA/elsewhere, deleted ones in DATA/trash. This is all that is
// known of which runs there are, and it is folders and links alone: each is made, moved or removed by one call of the system, so that a process
// that is killed leaves none half listed, and any number of processes may do so at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

class RunStore
{
public:
    explicit RunStore(const std::filesystem::path &data) : m_data(std::filesystem::absolute(data).lexically_normal()) {}

    const std::filesystem::path &data() const { return m_data; }
    std::filesystem::path runs() const { return m_data / "runs"; }
    std::filesystem::path trash() const { return m_data / "trash"; }
    std::filesystem::path database() const { return m_data / "runs.sqlite"; }

    /// From now on the run is known, wherever it lies. Throws std::runtime_error where the link cannot be made.
    void list(const std::filesystem::path &run) const;
    /// No longer, where it lies elsewhere; its folder stays as it is.
    void unlist(const std::filesystem::path &run) const;
    /// Of all that are known, also those whose folder is gone: absolute paths, each once.
    std::vector<std::filesystem::path> folders() const;
    /// Lists the runs that a folder holds, itself or some levels below. Throws std::invalid_argument where there is none.
    std::vector<std::filesystem::path> import(const std::filesystem::path &folder) const;

    struct Deleted
    {
        std::filesystem::path folder, from; // where it is, and where it was
    };
    std::vector<Deleted> deleted() const;
    /// Moves it to the trash; returns where it is there. Throws std::invalid_argument where it is no run, or somebody writes it or has it open.
    std::filesystem::path remove(const std::filesystem::path &run) const;
    /// Moves it from the trash to where it was, which is returned. Throws std::invalid_argument where something else is there now.
    std::filesystem::path restore(const std::filesystem::path &folder) const;
    /// Deletes what is in the trash for good, once and for all.
    void emptyTrash() const;

private:
    std::filesystem::path linkOf(const std::filesystem::path &run) const;

    std::filesystem::path m_data;
};

} // namespace pretext
