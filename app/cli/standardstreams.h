// Standard input, output and error as a program finds them: closed ones must not become the next file that is opened, a reader that went away
// must not end a training, and what could not be printed must not pass for printed.
#pragma once

namespace pretext {

/// At the start, before a file is opened: closed streams lead nowhere from here on, and a write to a pipe without a reader fails instead of ending
/// the program.
void guardStandardStreams();
/// At the end: false where something printed on standard output did not arrive.
bool standardOutputArrived();
/// The pipe that it is has nobody at its other end: `| head` has what it wanted.
bool readerOfStandardOutputHasGone();

} // namespace pretext
