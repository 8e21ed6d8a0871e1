// What an operation costs by its direct algorithm: 2 for each multiplication and addition. Only those that are bound by arithmetic are
// counted; a kernel that gets by with fewer (Winograd) still counts as the direct one, so that rates can be compared.
#pragma once

#include "core/backend/profiled.h"

namespace pretext::cost {

template<OperationId id>
struct Is
{
};

/// Anything that has no line below: not counted.
template<class Operation, class... Arguments>
double flop(Operation, const Arguments &...)
{
    return 0;
}

inline double flop(Is<OperationId::matmul>, const Tensor &a, const Tensor &, const MatmulOptions &options, const Tensor &y)
{
    return 2. * double(y.size()) * double(a.shape()[options.transposeA ? 0 : 1]);
}

inline double flop(Is<OperationId::linear>, const Tensor &x, const Tensor &, const Tensor &, const LinearOptions &, const Tensor &y, const Tensor &)
{
    return 2. * double(y.size()) * double(x.shape()[1]);
}

inline double flop(Is<OperationId::linearBackwardWeight>, const Tensor &x, const Tensor &, const LinearOptions &, const Tensor &dweight, const Tensor &)
{
    return 2. * double(x.shape()[0]) * double(dweight.size());
}

/// y [N, P, Q, K], w [K, R, S, C]: R S C products for each element of y.
inline double convolution(const Tensor &y, const Tensor &w)
{
    return 2. * double(y.size()) * double(w.size() / w.shape()[0]);
}

inline double flop(Is<OperationId::conv2d>, const Tensor &, const Tensor &w, const Tensor &, const Conv2dOptions &, const Tensor &y)
{
    return convolution(y, w);
}

inline double flop(Is<OperationId::conv2dBackwardData>, const Tensor &dy, const Tensor &w, const Conv2dOptions &, const Tensor &)
{
    return convolution(dy, w);
}

inline double flop(Is<OperationId::conv2dBackwardWeight>, const Tensor &, const Tensor &dy, const Conv2dOptions &, const Tensor &dw, const Tensor &)
{
    return convolution(dy, dw);
}

/// q k^T and its product with v, over all pairs, masked or not: logSumExp [N, heads, Tq], y [N, Tq, D], Tk keys.
inline double attention(const Tensor &q, const Tensor &k, const Tensor &y)
{
    const int64_t keys = k.defined() ? k.shape()[1] : q.shape()[1];
    return 4. * double(y.size()) * double(keys);
}

inline double flop(Is<OperationId::attention>, const Tensor &q, const Tensor &k, const Tensor &, const AttentionMask &, const AttentionOptions &,
                   const Tensor &, const Tensor &y)
{
    return attention(q, k, y);
}

/// Four products where forward has two.
inline double flop(Is<OperationId::attentionBackward>, const Tensor &q, const Tensor &k, const Tensor &, const AttentionMask &, const Tensor &, const Tensor &y,
                   const Tensor &, const AttentionOptions &, const Tensor &, const Tensor &, const Tensor &)
{
    return 2 * attention(q, k, y);
}

/// z [2N, D]: all pairs of rows, and for the gradient their weighted sums for both factors.
inline double flop(Is<OperationId::ntXent>, const Tensor &z, const NtXentOptions &, const Tensor &, const Tensor &, const Tensor &)
{
    return 2. * double(z.size()) * double(z.shape()[0]);
}

inline double flop(Is<OperationId::ntXentBackward>, const Tensor &z, const Tensor &, const Tensor &, const NtXentOptions &, const Tensor &)
{
    return 4. * double(z.size()) * double(z.shape()[0]);
}

} // namespace pretext::cost
