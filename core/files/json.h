// The one place where JSON is read: config, session, a checkpoint's metadata, tokenizer, events. Size, depth and number of values are bounded
// before anything is built from the text, since what takes a document apart goes as deep as the document does.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pretext {

constexpr size_t kLargestJson = 100'000'000;    // bytes: what a safetensors header may have
constexpr size_t kLargestJsonFile = 16'000'000; // of a file of its own, a config or a session
constexpr size_t kDeepestJson = 64;             // lists and objects within each other
constexpr size_t kMostJsonValues = 2'000'000;

/// Throws std::invalid_argument where the text is larger, deeper or of more values than any of ours. Reads only, and builds nothing.
void checkJsonBounds(std::string_view text);
/// Throws std::invalid_argument, one line that says what is wrong and at which byte.
nlohmann::json parseJson(std::string_view text);
/// The same of a file, which the message names. Only a regular file is opened.
nlohmann::json readJson(const std::filesystem::path &file);

/// Throws std::invalid_argument where the value is no whole number of 64 bits, or not in `least` .. `most`: a JSON number converts to an integer
/// whatever it is, and one that does not fit is undefined.
int64_t wholeNumber(const nlohmann::json &value, int64_t least, int64_t most);

/// The value's text for a message, cut where it is long.
std::string excerptOf(const nlohmann::json &value);

} // namespace pretext
