// Comma-separated values (RFC 4180): quoted fields may hold separators, quotes (doubled) and line ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pretext {

struct CsvTable
{
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; // each as long as the header
    std::vector<std::string> skipped;           // "line 7: 3 fields, not 4"
};

/// The separator is the one of , ; and tab that the first line holds most of. Throws std::invalid_argument that says what is wrong.
CsvTable parseCsv(std::string_view text);

} // namespace pretext
