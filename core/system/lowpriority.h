// Training comes first: threads beside it take what the trainer's team leaves.
#pragma once

namespace pretext {

/// The calling thread from now on; of no effect where a system cannot tell threads apart.
void lowerPriorityOfThisThread();

} // namespace pretext
