// Kernels with a mistake each, of 64 threads and numbers.
#pragma once

namespace planted {

void turn(const float *x, float *y, bool waits); // y is x backwards, through shared memory; without waiting, a race
void sum(const float *x, float *y);              // all threads add to one number
void readBeyond(const float *x, float *y);       // the last thread reads x's 65th
void overrunShared(const float *x, float *y);    // of shared memory a number too little
void shiftFragment(float *y);                    // of a tensor core, to where the hardware could not write it
void askForTooMuch(float *y);                    // more threads than a block may have
void waitApart(float *y);                        // at two barriers, each of which the others never reach

} // namespace planted
