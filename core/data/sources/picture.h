// Image files as square 8-bit images of one size: PNG, JPEG, WebP, BMP, TIFF, PNM.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>

namespace pretext {

/// By its name; also of kinds that cannot be read (GIF, HEIC ...), so that these are told rather than passed over.
bool isPictureName(const std::filesystem::path &path);

/// A look at a file's first bytes: empty when it may be an image that can be read, else why it is not.
std::string probePicture(const std::filesystem::path &path);

/// The central square, resized (by area downwards, bilinear upwards), with white behind transparent pixels and 16 bits reduced to 8.
/// Throws std::runtime_error that says why, without the file's name.
Image readPicture(const std::filesystem::path &path, const DatasetOptions &options);

/// What stands for an image that could be listed but not decoded: a cross on grey.
Image brokenPicture(const DatasetOptions &options);

// pictureformat.cpp
enum class PictureFormat { unknown, png, jpeg, webp, bmp, tiff, pnm, gif, heif };
PictureFormat pictureFormat(const std::vector<uint8_t> &bytes);
struct PictureSize { int width = 0, height = 0; }; // 0: not told by the header
/// Walks a PNG's chunks or a JPEG's segments, so that damage is found before a decoder guesses around it. Throws std::runtime_error.
PictureSize checkPicture(const std::vector<uint8_t> &bytes);

} // namespace pretext
