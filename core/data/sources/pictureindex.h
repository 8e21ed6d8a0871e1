// The names of a folder's many images, kept in the user's cache with a stamp of every folder they were found in: while no stamp has changed,
// the folder is opened without listing it. What cannot be read, or is damaged, or of another version, is no index.
#pragma once

#include "core/data/sources/picturelist.h"

#include <chrono>
#include <string>
#include <unordered_map>

namespace pretext {

/// A folder as it was. Adding, removing or renaming an entry changes its times; another folder in its place has another number.
struct FolderStamp
{
    std::string path;
    uint64_t number = 0;               // 0: there is none
    int64_t modified = 0, changed = 0; // nanoseconds since 1970: of its entries, of those or its rights

    static FolderStamp of(const std::string &path);
    bool operator==(const FolderStamp &) const = default;
};

/// Where the index of `folder` is kept: in $XDG_CACHE_HOME/pretext/pictures. Empty where there is no home.
std::filesystem::path pictureIndexPath(const std::filesystem::path &folder);

/// Text and files of list.folder as they were kept; false, and nothing changed, where there is no index that still holds.
bool readPictureIndex(PictureList &list);

/// Silent where it cannot be written. Nothing is kept when a folder changed within two seconds before `begun`, when listing began: it may
/// change once more without its times showing it, for there are file systems that count time in steps of two seconds.
void keepPictureIndex(const PictureList &list, const std::vector<FolderStamp> &stamps, std::chrono::system_clock::time_point begun);

/// A file's content as it was read, and what the file was then.
struct KnownContent
{
    uint64_t size = 0;
    int64_t modified = 0, changed = 0; // nanoseconds since 1970
    uint64_t parts = 0, whole = 0;     // hashes; 0: not read

    bool isOfSameFile(const KnownContent &other) const { return size == other.size && modified == other.modified && changed == other.changed; }
};
/// By the file's name in the folder.
using KnownContents = std::unordered_map<std::string, KnownContent>;

/// Empty where nothing is kept, or what is kept is damaged.
KnownContents readKnownContents(const std::filesystem::path &folder);
/// In a file beside the folder's index. Silent where it cannot be written.
void keepKnownContents(const std::filesystem::path &folder, const KnownContents &contents);

/// list.files of the names in list.text from `begin` on, each ended by a zero.
void nameFiles(PictureList &list, size_t begin);

} // namespace pretext
