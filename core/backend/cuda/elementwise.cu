// Element-wise operations and sums of squares. Floor: every number read and written once; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

#include <algorithm>

namespace pretext::cuda {

/// From the end that is nearer, so that a share of 1 gives x itself, and of 0 leaves y.
void lerp(const Tensor &x, float factor, Tensor &y)
{
    forEach(y.size(), [from = In(x), to = Out(y), factor] __device__(int64_t i) {
        const float way = from[i] - to[i];
        to.put(i, factor < 0.5f ? to[i] + factor * way : from[i] - (1.f - factor) * way);
    });
}

void scale(const Tensor &x, float factor, Tensor &y)
{
    forEach(y.size(), [from = In(x), to = Out(y), factor] __device__(int64_t i) { to.put(i, factor * from[i]); });
}

namespace {

constexpr int kTogether = 128, kParts = 32; // tensors of a launch, and blocks that share one

struct Several
{
    const float *data[kTogether];
    int64_t size[kTogether];
};

__global__ void squaresKernel(Several tensors, double *partial)
{
    const float *data = tensors.data[blockIdx.y];
    double sum = 0;
    for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < tensors.size[blockIdx.y]; i += int64_t(gridDim.x) * blockDim.x)
        sum += double(data[i]) * double(data[i]);
    sum = acrossRow(sum, Add());
    if (threadIdx.x == 0)
        partial[blockIdx.y * gridDim.x + blockIdx.x] = sum;
}

} // namespace

/// Many tensors a launch: the norm of a model's gradient would else be a launch for each of its hundreds of weights.
void sumSquares(std::span<const Tensor> tensors, Tensor &y)
{
    const Tensor partial = doubles(kTogether * kParts);
    for (size_t first = 0; first < tensors.size(); first += kTogether) {
        const size_t count = std::min<size_t>(kTogether, tensors.size() - first);
        Several several{};
        for (size_t i = 0; i < count; ++i) {
            several.data[i] = f32(tensors[first + i]);
            several.size[i] = tensors[first + i].size();
        }
        launch(squaresKernel, dim3(kParts, unsigned(count)), kThreads, kRowScratch, several, doublesOf(partial));
        forEach(int64_t(count), [parts = static_cast<const double *>(doublesOf(partial)), to = f32(y) + first] __device__(int64_t i) {
            double sum = 0;
            for (int part = 0; part < kParts; ++part)
                sum += parts[i * kParts + part];
            to[i] = float(sum);
        });
    }
}

} // namespace pretext::cuda
