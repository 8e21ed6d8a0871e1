// A stack for signal handlers.
#pragma once

namespace pretext {

/// Gives handlers that are set with SA_ONSTACK a stack of their own, for the calling thread: the first one, to which the system gives a process's
/// signals. oneDNN's matrix products keep values further below their stack's end than a signal leaves alone, so a handler there writes over them.
void useSignalStack();

} // namespace pretext
