// The decoders of picture.cpp that are not OpenCV's. Include in .cpp files only.
#pragma once

#include "core/data/sources/picture.h"

#include <opencv2/core.hpp>

namespace pretext {

/// Grey or BGR, at 1 / `reduction` (1, 2, 4, 8) of its size, as it is stored: the camera's orientation is not applied. Throws std::runtime_error where it
/// is damaged or ends early; what decoders pass over without a visible loss is passed over.
cv::Mat decodeJpeg(const std::vector<uint8_t> &bytes, int reduction);

/// Grey, BGR or BGRA of 8 or 16 bits, as it is stored. Throws std::runtime_error with what libpng says where it is damaged.
cv::Mat decodePng(const std::vector<uint8_t> &bytes);

/// HEIC or AVIF: BGR, or BGRA where it has transparency, its orientation applied. Refuses more pixels than `mostPixels`.
cv::Mat decodeHeif(const std::vector<uint8_t> &bytes, double mostPixels);

/// The orientation that a camera wrote beside the pixels, 1 to 8 as in Exif; 1 where there is none.
int orientationOf(const std::vector<uint8_t> &bytes, PictureFormat format);

/// The central square of the picture as it is meant to be seen: the same pixels, whether it was turned before or after.
cv::Mat orientedSquare(const cv::Mat &stored, int orientation);

} // namespace pretext
