// Matrix products, with what follows them done while the result is in the caches: a bias and an activation. oneDNN's sgemm ends
// with the product; with AVX-512 it is no faster, and with AVX2 it reaches a third of the processor's peak for a weight's gradient, where the left
// factor is transposed. B is packed into panels that the innermost loop reads in order (Goto and van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication"); A only where it is transposed, or rounded to bfloat16. Factors and result may be kept in bfloat16.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

namespace pretext::cpu::gemm {

#if defined(__AVX2__)
constexpr bool kAvailable = true;
#else
constexpr bool kAvailable = false;
#endif

/// What else is made of a product: with z = alpha A B + beta y + bias, y = activation(z), and where asked for, z itself, of bfloat16 too. An
/// activation whose y is bfloat16 needs that.
struct Finish
{
    const float *bias = nullptr;
    Activation activation = Activation::none;
    Tensor z = {};
    double *leftSums = nullptr; // gets the sums of A's rows added, where A is transposed
};

/// Sums run over the inner extent, at least 1, in the same order for every number of threads.
void multiply(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y, Finish finish = {});

} // namespace pretext::cpu::gemm
