// Pictures that lie in a folder several times, under other names.
#pragma once

#include "core/data/sources/picturelist.h"

namespace pretext {

/// For each file the place of the first that shows the same. Where all are decoded, these are the ones of the same pixels; else of the same bytes, for
/// which only files of the same size are opened, and only those that begin, go on in the middle and end alike are read whole. Nothing is compared
/// in a folder of more than kLookedAt files: each is then its own.
std::vector<size_t> firstCopies(const std::filesystem::path &folder, const std::vector<PictureFile> &files, const PictureCache &decoded);

} // namespace pretext
