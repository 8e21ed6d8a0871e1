// Linked where the build has no CUDA: the device exists by name only.
#include "core/backend/devices.h"

#include <stdexcept>

namespace pretext::cuda {

const Backend &table()
{
    throw std::invalid_argument("[device] this build has no CUDA device; use the CPU");
}

bool available()
{
    return false;
}

} // namespace pretext::cuda
