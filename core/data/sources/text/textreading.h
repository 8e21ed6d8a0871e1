// Files that should be text, and what to say of those that are not.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pretext {

/// A file's text, unzipped where it is gzip, without a byte order mark. Throws std::invalid_argument naming the file where it is empty, larger than
/// a gigabyte, binary, or not UTF-8: with the line that converts it, where that is known.
std::string readText(const std::filesystem::path &path);

/// While alive, what this thread reads below `folder` was unpacked from an archive, which is all that the reader knows of it: the line that converts a
/// text is for where the archive is unpacked again.
class UnpackedTexts
{
public:
    explicit UnpackedTexts(const std::filesystem::path &folder);
    ~UnpackedTexts();
    UnpackedTexts(const UnpackedTexts &) = delete;
    UnpackedTexts &operator=(const UnpackedTexts &) = delete;

private:
    std::filesystem::path m_outer;
};

/// "UTF-16LE", "UTF-16BE" or their UTF-32 kin, with a mark or without; else empty.
std::string wideEncoding(std::string_view bytes);

/// The name's extension in small letters, ".csv" also of "A.CSV.gz".
std::string textExtension(const std::filesystem::path &path);

} // namespace pretext
