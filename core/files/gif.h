// Moving pictures as GIF (version 89a), for slides and web pages: 256 colours for all frames together, and of every frame only the part that changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

namespace pretext {

/// A frame of 8-bit RGB, [height, width, 3].
using GifFrame = std::vector<uint8_t>;
struct GifSize
{
    int width = 0, height = 0; // 1 .. 65535
    int centiseconds = 10;     // that each frame is shown, the last one ten times as long
};
/// Asks for frames 0 .. count - 1, twice each: once for the colours, once to write them. It plays over and over. Throws std::invalid_argument where a size is
/// out of range or a frame's is another, std::runtime_error where the file cannot be written.
void writeGif(const std::filesystem::path &path, const GifSize &size, int count, const std::function<GifFrame(int)> &frame);

} // namespace pretext
