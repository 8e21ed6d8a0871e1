// Pictures that lie in a folder several times, under other names.
#pragma once

#include "core/data/sources/picturelist.h"

namespace pretext {

/// Files whose sizes are compared; in a larger folder nothing is.
constexpr size_t kMeasuredFiles = 100000;

struct Copies
{
    std::vector<size_t> firsts; // for each file the place of the first that shows the same
    bool compared = true;       // false: there are too many, and each is its own
};

/// Where all are decoded, copies are the ones of the same pixels; else of the same bytes, for which only files of the same size are opened, at most
/// kLookedAt, and only those that begin, go on in the middle and end alike are read whole.
Copies findCopies(const std::filesystem::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded);

} // namespace pretext
