// The device's two streams, and how work comes into them. What operations ask for is gathered in a chain, which the device is given when it is long, or when somebody
// wants the stream itself: to wait, to copy to or from the host, to put a Fence into it. A chain that comes again goes as a graph.
#pragma once

#include "core/backend/cuda/chain.h"

#include <span>

namespace pretext::cuda {

/// The stream of all operations: what is asked for is done in that order. What is put into it by hand comes after all that they asked for so far, which it now has.
cudaStream_t stream();
/// The stream of what goes between host and device meanwhile; a Fence puts the two in order where they share memory.
cudaStream_t copies();
cudaStream_t newStream();

/// Asks for it in the order of operations. What the device refuses is told by whoever gives it the chain, for the operation that asked.
void ask(const KernelLaunch &launch, std::span<const void *const> arguments);
void ask(const DeviceCopy &copy);
void ask(const CublasProduct &product);

/// stream() for whoever may not throw: what goes wrong is thrown by the next that asks.
void giveAllThatWasAsked() noexcept;

/// Whether chains are gathered and go as graphs; else each launch goes at once. At first, yes, but with PRETEXT_CUDA_GRAPHS=off or PRETEXT_CUDA_WAIT.
void useGraphs(bool on);
bool usesGraphs();
/// Those that were made take memory of the device, too.
void forgetGraphs();

} // namespace pretext::cuda
