// The libraries that the engine and its formats stand on, for whoever asks what is in the program.
#pragma once

#include <string>
#include <vector>

namespace pretext {

struct Library
{
    std::string name, version, licence, use;
};

const std::vector<Library> &usedLibraries();

} // namespace pretext
