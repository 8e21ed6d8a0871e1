// Paths as they are shown and kept in JSON: a name on a disk is any bytes, a message and a JSON string are UTF-8.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pretext {

/// A byte that is not UTF-8, and a control character, becomes \xHH, and so does a backslash that would be taken for one; any other path is as it
/// was. pathAsShown() undoes it.
std::string shownPath(const std::filesystem::path &path);
std::filesystem::path pathAsShown(std::string_view shown);

/// A line with whatever is in it: the same, but lines, tabs and backslashes stay.
std::string shownText(std::string_view text);

} // namespace pretext
