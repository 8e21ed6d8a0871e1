// What keeps a walk through somebody's folders from going on for ever: a bound on what it meets, a bound on how deep it goes, and a way to end it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace pretext {

constexpr int kDeepestFolder = 32; // folders within folders

/// Entries that are met in one data set: PRETEXT_MAX_FILES of the environment, else five million.
uint64_t mostFiles();

class WalkBound
{
public:
    explicit WalkBound(std::filesystem::path root) : m_root(std::move(root)), m_most(mostFiles()) {}
    /// Called for every entry. Throws std::invalid_argument naming the root beyond mostFiles(), Interrupted when nobody waits any more.
    void meet();

private:
    std::filesystem::path m_root;
    uint64_t m_most, m_met = 0;
};

/// Why an entry is neither a file nor a folder: "a pipe, not a file", "a link that leads nowhere, or in a circle". Empty where it is one.
std::string whyNoEntry(const std::filesystem::directory_entry &entry);

} // namespace pretext
