// Pooling over NHWC images and over the rows of sequences. A thread makes one number of the result; gradients are gathered by whoever they go to, in the order of
// the windows, so that equal inputs give equal bits. Floor: x read (again from the caches where windows overlap) and y written once; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

/// Extents of a pooling, with kernel 0 (global) made explicit.
struct Window
{
    Window(const Shape &x, const PoolOptions &options) : height(x[1]), width(x[2]), channels(x[3]), rows(height), columns(width)
    {
        if (options.kernel == 0)
            return;
        rows = options.kernel.y, columns = options.kernel.x;
        strideY = options.stride.y, strideX = options.stride.x;
        paddingY = options.padding.y, paddingX = options.padding.x;
        outHeight = (height + 2 * paddingY - rows) / strideY + 1, outWidth = (width + 2 * paddingX - columns) / strideX + 1;
    }

    /// visit(pixel of an image) under the window of output pixel (p, q).
    template<class Visit>
    __device__ void under(int64_t p, int64_t q, Visit visit) const
    {
        const int64_t top = p * strideY - paddingY, left = q * strideX - paddingX;
        for (int64_t h = top < 0 ? 0 : top; h < top + rows && h < height; ++h)
            for (int64_t w = left < 0 ? 0 : left; w < left + columns && w < width; ++w)
                visit(h * width + w);
    }

    /// visit(output pixel of an image) whose window covers the pixel (h, w).
    template<class Visit>
    __device__ void over(int64_t h, int64_t w, Visit visit) const
    {
        const int64_t firstP = firstOver(h + paddingY, rows, strideY), firstQ = firstOver(w + paddingX, columns, strideX);
        for (int64_t p = firstP; p < outHeight && p * strideY <= h + paddingY; ++p)
            for (int64_t q = firstQ; q < outWidth && q * strideX <= w + paddingX; ++q)
                visit(p * outWidth + q);
    }
    /// The first window of this extent that reaches a place.
    __device__ static int64_t firstOver(int64_t place, int64_t extent, int64_t stride) { return place < extent ? 0 : (place - extent) / stride + 1; }

    int64_t height, width, channels, rows, columns, strideY = 1, strideX = 1, paddingY = 0, paddingX = 0, outHeight = 1, outWidth = 1;
};

} // namespace

void maxPool(const Tensor &x, PoolOptions options, Tensor &y, Tensor &argmax)
{
    const Window window(x.shape(), options);
    forEach(y.size(), [=, from = f32(x), to = f32(y), chosen = ints(argmax)] __device__(int64_t i) {
        const int64_t c = i % window.channels, out = i / window.channels, q = out % window.outWidth, p = out / window.outWidth % window.outHeight;
        const float *in = from + out / (window.outWidth * window.outHeight) * window.height * window.width * window.channels + c;
        float best = -INFINITY;
        int32_t place = 0;
        window.under(p, q, [&](int64_t pixel) {
            const float value = in[pixel * window.channels];
            if (value > best || value != value) { // a NaN wins, so that it is not hidden
                best = value;
                place = int32_t(pixel);
            }
        });
        to[i] = best;
        chosen[i] = place;
    });
}

void maxPoolBackward(const Tensor &dy, const Tensor &argmax, PoolOptions options, Tensor &dx)
{
    const Window window(dx.shape(), options);
    forEach(dx.size(), [=, d = f32(dy), chosen = ints(argmax), to = f32(dx)] __device__(int64_t i) {
        const int64_t c = i % window.channels, pixel = i / window.channels % (window.height * window.width);
        const int64_t outs = i / (window.height * window.width * window.channels) * window.outHeight * window.outWidth;
        float sum = 0;
        window.over(pixel / window.width, pixel % window.width, [&](int64_t out) {
            const int64_t at = (outs + out) * window.channels + c;
            sum += chosen[at] == pixel ? d[at] : 0.f;
        });
        to[i] = sum;
    });
}

/// Divides by the whole window, padding included.
void avgPool(const Tensor &x, PoolOptions options, Tensor &y)
{
    const Window window(x.shape(), options);
    const float share = 1.f / float(window.rows * window.columns);
    forEach(y.size(), [=, from = In(x), to = Out(y)] __device__(int64_t i) {
        const int64_t c = i % window.channels, out = i / window.channels, q = out % window.outWidth, p = out / window.outWidth % window.outHeight;
        const int64_t in = out / (window.outWidth * window.outHeight) * window.height * window.width;
        float sum = 0;
        window.under(p, q, [&](int64_t pixel) { sum += from[(in + pixel) * window.channels + c]; });
        to.put(i, sum * share);
    });
}

void avgPoolBackward(const Tensor &dy, PoolOptions options, Tensor &dx)
{
    const Window window(dx.shape(), options);
    const float share = 1.f / float(window.rows * window.columns);
    forEach(dx.size(), [=, d = In(dy), to = Out(dx)] __device__(int64_t i) {
        const int64_t c = i % window.channels, pixel = i / window.channels % (window.height * window.width);
        const int64_t outs = i / (window.height * window.width * window.channels) * window.outHeight * window.outWidth;
        float sum = 0;
        window.over(pixel / window.width, pixel % window.width, [&](int64_t out) { sum += share * d[(outs + out) * window.channels + c]; });
        to.put(i, sum);
    });
}

void meanRows(const Tensor &x, const Tensor &lengths, Tensor &y)
{
    const int64_t rows = x.shape()[1], width = x.shape()[2];
    forEach(y.size(), [=, from = f32(x), length = ints(lengths), to = f32(y), wrong = trouble()] __device__(int64_t at) {
        const int64_t i = at / width, c = at % width;
        int32_t count = length[i];
        if (count < 0 || count > rows) {
            report(wrong, Trouble::meanRowsLength, i, count, rows);
            count = 0;
        }
        double sum = 0;
        for (int64_t row = 0; row < count; ++row)
            sum += double(from[(i * rows + row) * width + c]);
        to[at] = float(sum / double(count < 1 ? 1 : count));
    });
}

void meanRowsBackward(const Tensor &dy, const Tensor &lengths, Tensor &dx)
{
    const int64_t rows = dx.shape()[1], width = dx.shape()[2];
    forEach(dx.size(), [=, d = f32(dy), length = ints(lengths), to = f32(dx)] __device__(int64_t at) {
        const int64_t i = at / width / rows, row = at / width % rows;
        to[at] = row < length[i] ? 1.f / float(length[i]) * d[i * width + at % width] : 0.f;
    });
}

} // namespace pretext::cuda
