// How long the gradient is, layer by layer.
#pragma once

#include <string>
#include <vector>

namespace pretext {

/// L layers, in the order of the network: the encoder's, then the heads'.
struct LayerNorms
{
    std::vector<std::string> layers; // "encoder.stage1.block0.conv1"
    std::vector<double> gradients;   // [L] length over all weights of the layer
};

} // namespace pretext
