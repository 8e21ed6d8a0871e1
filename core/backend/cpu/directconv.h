// Direct convolutions for AVX2, where oneDNN's kernels reach half of the processor's peak or little more; with AVX-512 they are good,
// and conv.cpp uses them alone. All is the same along rows and columns: kernel, stride and padding. Images are padded into a small buffer, in which the pixels under one row of a kernel are one run of
// memory, whatever its extent and stride. Outputs are worked on in blocks of sixteen channels.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu::direct {

#if defined(__AVX2__) && !defined(__AVX512F__)
constexpr bool kAvailable = true;
#else
constexpr bool kAvailable = false;
#endif

/// Whether this build has the kernels, and they take so many output channels of the pass in question.
bool suits(int64_t outputChannels);

void forward(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y);
/// Padding less than the kernel's extent, stride at most that: every pixel of dx then meets a tap.
void backwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx);
void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw);

} // namespace pretext::cpu::direct
