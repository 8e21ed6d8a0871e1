// A text as a QR code: which of its modules are dark.
#pragma once

#include <string>
#include <vector>

namespace pretext {

constexpr int kQrMargin = 4; // modules of light around it, that readers need (ISO/IEC 18004)

struct QrCode
{
    int side = 0;           // modules, without the margin
    std::vector<bool> dark; // [side x side], row by row
    bool at(int row, int column) const { return dark[size_t(row) * size_t(side) + size_t(column)]; }
};

/// With error correction for 15 % of it. Throws std::invalid_argument where the text, in UTF-8, is longer than a code can hold, 2331 bytes.
QrCode qrCode(const std::string &text);

} // namespace pretext
