// The image files below a folder, in an order that is always the same.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>

namespace pretext {

struct PictureFile
{
    std::string name; // relative to the folder
    std::string label;
    std::filesystem::path path;
    uintmax_t bytes = 0;
    std::shared_ptr<const Image> image; // where it was decoded already
};

struct PictureList
{
    std::vector<PictureFile> files;   // by name
    std::vector<std::string> skipped; // "name: why"
};

/// Of files that are decoded while the user waits for a folder to open.
constexpr uintmax_t kCheckedBytes = uintmax_t(32) << 20;

/// Follows links, but not into a folder that it is already within. Hidden files are passed over.
PictureList listPictures(const std::filesystem::path &folder);

/// Moves what cannot be read to `skipped`. Up to kCheckedBytes, evenly spread over the list, is decoded, so that damage is told at
/// once; of the rest only the first bytes are read.
void checkPictures(PictureList &list, const DatasetOptions &options);

} // namespace pretext
