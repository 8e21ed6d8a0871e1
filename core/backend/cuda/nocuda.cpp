// Linked where the build has no CUDA: the device exists by name only.
#include "core/backend/devices.h"

#include <stdexcept>

namespace pretext::cuda {

const Backend &table()
{
    throw std::invalid_argument("[device] " + missing() + "; leave --device out, or give --device cpu");
}

bool available()
{
    return false;
}

std::string missing()
{
    return "this build computes on the CPU alone, it has no CUDA";
}

} // namespace pretext::cuda
