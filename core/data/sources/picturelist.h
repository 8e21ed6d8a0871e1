// The image files below a folder, in an order that is always the same.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>

namespace pretext {

struct PictureFile
{
    std::string name; // relative to the folder
    std::string label = {};
    std::shared_ptr<const Image> image = nullptr; // where it was decoded already
};

struct PictureList
{
    std::filesystem::path folder;
    std::vector<PictureFile> files = {};   // by name
    std::vector<std::string> skipped = {}; // "name: why"
    uintmax_t bytes = 0;                   // of all files; an estimate of a large folder's
    size_t looked = 0;                     // files that were opened to see whether they can be read
};

/// Of files that are decoded while the user waits for a folder to open.
constexpr uintmax_t kCheckedBytes = uintmax_t(32) << 20;

/// Files that are looked at before a folder is open; a folder of more is looked at in samples, so that opening it does not last as long as
/// reading it.
constexpr size_t kLookedAt = 20000;

/// Follows links, but not into a folder that it is already within. Hidden files are passed over.
PictureList listPictures(const std::filesystem::path &folder);

/// Moves what cannot be read to `skipped`. Up to kCheckedBytes, evenly spread over the list, is decoded, so that damage is told at
/// once; of the rest only the first bytes are read, in a folder of more than kLookedAt files of as many of them.
void checkPictures(PictureList &list, const DatasetOptions &options);

} // namespace pretext
