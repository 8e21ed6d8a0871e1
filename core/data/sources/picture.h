// Image files as square 8-bit images of one size: PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>

namespace pretext {

/// By its name; also of kinds that cannot be read (GIF), so that these are told rather than passed over.
bool isPictureName(const std::filesystem::path &path);

/// Width and height, and the bytes of a decoded pixel; 0 where they are not told by what was read of the file.
struct PictureSize
{
    int64_t width = 0, height = 0;
    int pixelBytes = 3;
    bool inScans = false; // a progressive JPEG, which is decoded as a whole whatever size is wanted
};

/// A look at a file's first bytes: empty when it may be an image that can be read, else why it is not.
std::string probePicture(const std::filesystem::path &path, PictureSize &size);

/// "3000 x 4" of a picture so long that its central square is less than a fifth of it; else empty.
std::string cutToLittle(const PictureSize &size);

/// As it is meant to be held, the central square, resized (by area downwards, bilinear upwards), with white behind transparent pixels and 16 bits reduced to 8.
/// Throws std::runtime_error that says why, without the file's name.
Image readPicture(const std::filesystem::path &path, const DatasetOptions &options, PictureSize *size = nullptr);

/// What stands for an image that could be listed but not decoded: a cross on grey.
Image brokenPicture(const DatasetOptions &options);

// pictureformat.cpp
enum class PictureFormat { unknown, png, jpeg, webp, bmp, tiff, pnm, gif, heif };
PictureFormat pictureFormat(const std::vector<uint8_t> &bytes);
/// Walks a PNG's chunks or a JPEG's segments, so that damage is found before a decoder guesses around it. Throws std::runtime_error.
void checkPicture(const std::vector<uint8_t> &bytes);

// picturesize.cpp
/// What the header says, also of a file's beginning alone.
PictureSize pictureSize(const std::vector<uint8_t> &bytes);
/// Throws std::runtime_error where a picture would take more than `mostBytes` to decode, or has more pixels than a third of them.
void checkPictureSize(const PictureSize &size, double mostBytes, int reduction = 1);

} // namespace pretext
