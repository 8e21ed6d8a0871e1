// Damage to one weight of a written file, for the checks that must see it.
#pragma once

#include "core/nn/module.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pretext::test {

/// Flips the highest or the lowest bit of one weight: the largest of the first parameter that stands in the file as it is. False where none does.
inline bool flipWeight(const std::filesystem::path &path, const Module &module, bool sign)
{
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (const NamedParameter &parameter : module.parameters()) {
        const std::vector<float> weights = parameter.variable.value().toHost();
        const float weight = *std::max_element(weights.begin(), weights.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
        const size_t at = bytes.find(std::string(reinterpret_cast<const char *>(&weight), sizeof weight));
        if (at == std::string::npos)
            continue; // an ONNX file has the normalisation in its convolutions' weights
        bytes[sign ? at + 3 : at] ^= sign ? char(0x80) : 1;
        std::ofstream(path, std::ios::binary) << bytes;
        return true;
    }
    return false;
}

} // namespace pretext::test
