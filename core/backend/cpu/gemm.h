// Matrix products for AVX2 with a transposed left factor, which is how weights get their gradients: there oneDNN reaches a third of the
// processor's peak, this two thirds. Both factors are packed into panels that the innermost loop reads in order (Goto and van de Geijn
// 2008, "Anatomy of high-performance matrix multiplication"). With AVX-512 oneDNN is good, and matmul.cpp uses it alone.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu::gemm {

#if defined(__AVX2__) && !defined(__AVX512F__)
constexpr bool kAvailable = true;
#else
constexpr bool kAvailable = false;
#endif

/// y = alpha A B + beta y. Sums run over the inner extent in the same order for every number of threads.
void multiply(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y);

} // namespace pretext::cpu::gemm
