// What a message quotes, of a user's text or file not more than fits a line.
#pragma once

#include <string>

namespace pretext {

/// The text, or its beginning and how long it is; cut between characters of UTF-8.
std::string shortened(const std::string &text, size_t most = 80);
/// A message as a user reads it: without the places in the code that it names, "[config] ...", and with no word that fills the screen.
std::string forReader(const std::string &message);
/// The same as the one line that it is printed as: what is not UTF-8 and control characters as \xHH, ends of lines and tabs as blanks;
/// the middle of a line that would fill the screen is left out.
std::string oneLine(const std::string &message);
/// "1.5 GB", of 10^9 bytes each.
std::string gigabytes(double bytes);

} // namespace pretext
