// Images in host memory, interleaved 8-bit: what data sources give and panels draw.
#pragma once

#include <cstdint>
#include <vector>

namespace pretext {

struct Image
{
    int height = 0, width = 0, channels = 0; // channels 1 grey or 3 RGB
    std::vector<uint8_t> pixels;             // height x width x channels

    friend bool operator==(const Image &, const Image &) = default;
};

} // namespace pretext
