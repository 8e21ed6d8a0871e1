// Pictures that lie in a folder several times, under other names.
#pragma once

#include "core/data/sources/picturelist.h"

#include <chrono>

namespace pretext {

/// Files whose sizes are compared; in a larger folder nothing is.
constexpr size_t kMeasuredFiles = 100000;

struct Copies
{
    std::vector<size_t> firsts; // for each file the place of the first that shows the same
    std::string notCompared;    // a sentence on why each is its own, where there are too many; else empty
    uint64_t read = 0;          // bytes, to compare them
};

/// Where hashes of contents are kept from one opening to the next: in the user's cache, beside the folder's index.
struct CopiesCache
{
    uint64_t keptFrom = uint64_t(32) << 20;                                         // bytes read from which on; fewer are read again in no time
    std::chrono::system_clock::time_point begun = std::chrono::system_clock::now(); // a file younger than two seconds then may change unseen: it is read again
};

/// Where all are decoded, copies are the ones of the same pixels; else of the same bytes, for which only files of the same size are opened,
/// and only those that begin, go on in the middle and end alike are read whole. What was read before is known as long as size and times
/// of the file are the same.
Copies findCopies(const std::filesystem::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded, const CopiesCache &cache = {});

} // namespace pretext
