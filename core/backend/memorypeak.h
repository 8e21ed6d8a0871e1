// The most memory that tensors held at once: how large a step is.
#pragma once

#include <cstddef>

namespace pretext {

/// From now on; other threads' tensors count, too.
void beginMemoryPeak();
/// Bytes, what was in use at beginMemoryPeak() included.
size_t memoryPeak();

} // namespace pretext
