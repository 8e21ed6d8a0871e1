// The image files below a folder, in an order that is always the same.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>
#include <string_view>
#include <unordered_map>

namespace pretext {

struct PictureFile
{
    std::string_view name;       // relative to the folder; points into the list's text
    std::string_view label = {}; // a part of the name
};

/// Decoded images by their names.
using PictureCache = std::unordered_map<std::string_view, std::shared_ptr<const Image>>;

struct PictureList
{
    std::filesystem::path folder;
    std::vector<char> text = {};           // holds the names, for a million of them in one piece
    std::vector<PictureFile> files = {};   // by name
    std::vector<std::string> skipped = {}; // "name: why"
    std::vector<std::string> cut = {};     // "name (3000 x 4)", of which the central square shows next to nothing
    PictureCache decoded = {};             // those that were looked at as a whole
    uintmax_t bytes = 0;                   // of all files; an estimate of a large folder's
    size_t looked = 0;                     // files that were opened to see whether they can be read
};

/// Of files that are decoded while the user waits for a folder to open.
constexpr uintmax_t kCheckedBytes = uintmax_t(32) << 20;

/// Files that are looked at before a folder is open; a folder of more is looked at in samples, so that opening it does not last as long as
/// reading it.
constexpr size_t kLookedAt = 20000;

/// Files from which on their names are kept in the user's cache; fewer are listed in less than a tenth of a second.
constexpr size_t kIndexedFrom = 5000;

/// Follows links, but not into a folder that it is already within. Hidden files are passed over. The names are those of the last time where
/// no folder changed since (pictureindex.h).
PictureList listPictures(const std::filesystem::path &folder, size_t indexedFrom = kIndexedFrom);

/// Moves what cannot be read to `skipped`. Up to kCheckedBytes, evenly spread over the list, is decoded, so that damage is told at
/// once, and every file that is no larger than its share of as many bytes; of the rest only the first bytes are read, in a folder of more than kLookedAt files of as many of them.
void checkPictures(PictureList &list, const DatasetOptions &options);

} // namespace pretext
