// What a data source hands to dataset.cpp: how it is recognised and how it is opened.
#pragma once

#include "core/data/dataset.h"
#include "core/files/shownpath.h"

#include <filesystem>
#include <string_view>

namespace pretext {

/// A data set that is a file or a folder of the user's.
struct PathSource
{
    bool (*recognises)(const std::filesystem::path &path); // of an existing path, by names only
    std::shared_ptr<const Dataset> (*open)(const std::filesystem::path &path, const DatasetOptions &options);
};

#define PRETEXT_NAMED_SOURCE(source) DatasetType source##Source();
#define PRETEXT_PATH_SOURCE(source) PathSource source##Source();
#include "core/data/sources/sources.def"
#undef PRETEXT_NAMED_SOURCE
#undef PRETEXT_PATH_SOURCE

/// Fashion-MNIST from another folder than its package's. Throws std::invalid_argument that names the package where a file is absent.
std::shared_ptr<const Dataset> openFashionMnist(const std::filesystem::path &folder);
std::shared_ptr<const Dataset> openShapes(const std::string &note);

/// Mean and deviation per channel into `info`, over at most `limit` training images, evenly spaced: the same numbers every time.
void measurePixels(const Dataset &dataset, int64_t limit, DatasetInfo &info);

/// Throws std::out_of_range naming the data set and its size.
void checkIndex(const Dataset &dataset, Split split, int64_t index);

/// The same on every machine, so that a file or a text never changes its split: what hash % 10 == 0 is held out.
uint64_t stableHash(std::string_view text);

/// The first `count` bytes of a file, fewer where it has fewer, unzipped where it is gzip. Throws std::invalid_argument naming the file where it is no
/// regular file, and on a damaged gzip.
std::vector<uint8_t> firstBytes(const std::filesystem::path &path, size_t count);
/// Whether PRETEXT_MAX_BYTES raises a bound.
enum class Bound { fixed, raisable };
/// All of a file, the same way. Refused before it takes memory: more than `usual` bytes (0: any number), and more than mostUnpacked() of gzip.
std::vector<uint8_t> wholeBytes(const std::filesystem::path &path, uint64_t usual = 0, Bound bound = Bound::fixed);

/// A file's size, and what it can hold at most once unzipped.
struct FileExtent
{
    uint64_t packed = 0, most = 0;
    bool gzip = false;
};
FileExtent extentOf(const std::filesystem::path &path);

/// What is read of compressed data, a file or an archive: PRETEXT_MAX_BYTES of the environment (bytes, or with K, M, G, T), else 2 GiB.
uint64_t mostUnpacked();
/// `usual`, or PRETEXT_MAX_BYTES where that is set and larger.
uint64_t raisedBound(uint64_t usual);
/// A refusal of so many bytes, and what may be done where they are meant: "holds more than 2.0 GiB; if it is meant so, set PRETEXT_MAX_BYTES=13G in the
/// environment".
std::string unlessRaised(const std::string &refusal, double bytes);
std::string bytesInWords(double bytes); // "13.1 GiB"

} // namespace pretext
