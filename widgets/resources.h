// Icons and lessons lie in a static library: the linker drops them unless somebody asks.
#pragma once

namespace pretext {

void useResources();

} // namespace pretext
