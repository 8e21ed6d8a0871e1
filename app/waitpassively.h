// How OpenMP's threads wait between two loops, decided before main begins.
#pragma once

namespace pretext {

/// libgomp's waiters spin by default: they take the window's processor, and on a machine that does anything else besides they make a step
/// several times slower. Here they spin a little, which bridges the gaps between most loops, and then sleep. It reads the policy
/// before main, hence a second start of the program, which costs a tenth of a second.
void waitPassively(char **argv);

} // namespace pretext
