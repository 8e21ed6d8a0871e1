// A card's memory is used up.
#pragma once

#include <cstddef>
#include <new>
#include <string>

namespace pretext {

class OutOfDeviceMemory : public std::bad_alloc
{
public:
    OutOfDeviceMemory(std::string device, size_t freeBytes, size_t allBytes) : device(std::move(device)), freeBytes(freeBytes), allBytes(allBytes) {}
    const char *what() const noexcept override { return "cudaErrorMemoryAllocation"; } // describe() has the words

    std::string device;
    size_t freeBytes, allBytes; // of the whole card, used by whomever
};

} // namespace pretext
