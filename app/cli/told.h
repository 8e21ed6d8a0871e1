// What is said of data and of the recipe for them, by every subcommand in the same words.
#pragma once

#include "core/engine/config.h"

#include <string>

namespace pretext {

/// "data pictures, 54 images to train on; 2 left out, the first a.png: is empty. At least one image in five ..."
std::string dataInWords(const Dataset &dataset);
/// "with simclr, convnet, batch 256, flip=false; other knobs at their defaults": what a run is begun with, where that is not the knobs' defaults.
std::string recipeInWords(const RunConfig &config);

} // namespace pretext
