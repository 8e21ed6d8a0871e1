// How OpenMP's threads wait between two loops, decided before main begins.
#pragma once

namespace pretext {

/// libgomp's waiters spin by default: they take the window's processor, and on a machine that does anything else besides they make a step
/// several times slower. It reads the policy before main. Where there is a display, a program that calls this has set it by then; else it starts
/// a second time, which loads its 170 libraries twice: an eighth of a second that only the command line waits for.
void waitPassively(char **argv);

} // namespace pretext
