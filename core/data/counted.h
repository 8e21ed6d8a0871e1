// Numbers with their nouns, as a sentence has them: "1 sample", "2 samples".
#pragma once

#include <cstdint>
#include <string>

namespace pretext {

/// The plural is the noun with an s, or `plural`.
inline std::string counted(int64_t number, const std::string &noun, const std::string &plural = {})
{
    return std::to_string(number) + " " + (number == 1 ? noun : plural.empty() ? noun + "s" : plural);
}

} // namespace pretext
