// The heap of the whole program.
#pragma once

namespace pretext {

/// Gives the system back what is free in it, which the library keeps otherwise, above all in the parts that threads have of their own.
void trimHeap();

} // namespace pretext
