// What a user wrote of a run, kept in its folder: RUN/notes.json, so that a copy of the folder takes it along.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pretext {

constexpr const char *kNotesFile = "notes.json";

struct RunNotes
{
    std::string note;
    std::vector<std::string> tags; // in the order given, each once
    bool operator==(const RunNotes &) const = default;
};

/// Empty where there are none. Throws std::invalid_argument naming the file where it cannot be read.
RunNotes readNotes(const std::filesystem::path &run);
/// Whole or not at all; without note and tags the file goes. Throws std::runtime_error naming the file.
void writeNotes(const std::filesystem::path &run, const RunNotes &notes);

/// "good, for the lecture": tags as they are written in one line, and back. Throws std::invalid_argument where one is too long.
std::string tagsInOne(const std::vector<std::string> &tags);
std::vector<std::string> tagsOf(const std::string &line);
void addTag(RunNotes &notes, const std::string &tag);
void removeTag(RunNotes &notes, const std::string &tag);

} // namespace pretext
