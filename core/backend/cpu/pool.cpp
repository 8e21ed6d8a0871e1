// Pooling over NHWC images, one image at a time, and over the rows of sequences; channels are innermost, so every loop vectorises over them.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <limits>
#include <stdexcept>
#include <string>

namespace pretext::cpu {

namespace {

/// Extents of a pooling, with kernel 0 (global) made explicit.
struct Window
{
    Window(const Shape &x, const PoolOptions &options) : images(x[0]), height(x[1]), width(x[2]), channels(x[3])
    {
        if (options.kernel == 0)
            return;
        rows = options.kernel.y, columns = options.kernel.x;
        strideY = options.stride.y, strideX = options.stride.x;
        paddingY = options.padding.y, paddingX = options.padding.x;
        outHeight = (height + 2 * paddingY - rows) / strideY + 1, outWidth = (width + 2 * paddingX - columns) / strideX + 1;
    }

    int64_t images, height, width, channels;
    int64_t rows = height, columns = width, strideY = 1, strideX = 1, paddingY = 0, paddingX = 0, outHeight = 1, outWidth = 1;

    /// body(out, in): the offsets of each output pixel and of every input pixel under its window, in one image.
    template<class Body>
    void eachPair(int64_t image, Body &&body) const
    {
        for (int64_t p = 0; p < outHeight; ++p)
            for (int64_t q = 0; q < outWidth; ++q)
                for (int64_t h = std::max<int64_t>(0, p * strideY - paddingY); h < std::min(height, p * strideY - paddingY + rows); ++h)
                    for (int64_t w = std::max<int64_t>(0, q * strideX - paddingX); w < std::min(width, q * strideX - paddingX + columns); ++w)
                        body(((image * outHeight + p) * outWidth + q) * channels, h * width + w);
    }

    template<class Body>
    void eachImage(Body &&body) const
    {
        parallelFor(images, rowGrain(height * width * channels), [&](int64_t begin, int64_t end) {
            for (int64_t image = begin; image < end; ++image)
                body(image);
        });
    }
};

} // namespace

void maxPool(const Tensor &x, PoolOptions options, Tensor &y, Tensor &argmax)
{
    const Window window(x.shape(), options);
    const int64_t channels = window.channels, inImage = window.height * window.width * channels, outImage = window.outHeight * window.outWidth * channels;
    const float *source = f32(x);
    float *target = f32(y);
    int32_t *chosen = i32(argmax);
    window.eachImage([&](int64_t image) {
        std::fill_n(target + image * outImage, outImage, -std::numeric_limits<float>::infinity());
        std::fill_n(chosen + image * outImage, outImage, 0);
        window.eachPair(image, [&](int64_t out, int64_t pixel) {
            const float *in = source + image * inImage + pixel * channels;
            for (int64_t c = 0; c < channels; ++c) {
                const bool better = in[c] > target[out + c] || in[c] != in[c]; // a NaN wins, so that it is not hidden
                target[out + c] = better ? in[c] : target[out + c];
                chosen[out + c] = better ? int32_t(pixel) : chosen[out + c];
            }
        });
    });
}

void maxPoolBackward(const Tensor &dy, const Tensor &argmax, PoolOptions, Tensor &dx)
{
    const Shape &in = dx.shape(), &out = dy.shape();
    const int64_t channels = in[3], inImage = in[1] * in[2] * channels, outImage = out[1] * out[2] * channels;
    const float *gradient = f32(dy);
    const int32_t *chosen = i32(argmax);
    float *target = f32(dx);
    parallelFor(in[0], rowGrain(inImage), [=](int64_t begin, int64_t end) {
        std::fill(target + begin * inImage, target + end * inImage, 0.f);
        for (int64_t image = begin; image < end; ++image)
            for (int64_t i = 0; i < outImage; i += channels)
                for (int64_t c = 0; c < channels; ++c)
                    target[image * inImage + int64_t(chosen[image * outImage + i + c]) * channels + c] += gradient[image * outImage + i + c];
    });
}

/// Divides by the whole window, padding included.
void avgPool(const Tensor &x, PoolOptions options, Tensor &y)
{
    const Window window(x.shape(), options);
    const int64_t channels = window.channels, inImage = window.height * window.width * channels, outImage = window.outHeight * window.outWidth * channels;
    const float share = 1.f / float(window.rows * window.columns);
    float *target = f32(y);
    withElements(x, [&](const auto *source) {
        window.eachImage([&](int64_t image) {
            std::fill_n(target + image * outImage, outImage, 0.f);
            window.eachPair(image, [&](int64_t out, int64_t pixel) {
                const auto *in = source + image * inImage + pixel * channels;
                eachVector(channels, [&](auto where) { where.put(target + out, where.of(target + out) + where.of(in)); });
            });
            for (int64_t i = image * outImage; i < (image + 1) * outImage; ++i)
                target[i] *= share;
        });
    });
}

void avgPoolBackward(const Tensor &dy, PoolOptions options, Tensor &dx)
{
    const Window window(dx.shape(), options);
    const int64_t channels = window.channels, inImage = window.height * window.width * channels;
    const float *gradient = f32(dy), share = 1.f / float(window.rows * window.columns);
    withElements(dx, [&]<class T>(T *target) {
        window.eachImage([&](int64_t image) {
            std::fill_n(target + image * inImage, inImage, T(0));
            window.eachPair(image, [&](int64_t out, int64_t pixel) {
                T *into = target + image * inImage + pixel * channels;
                eachVector(channels, [&](auto where) { where.put(into, where.of(into) + share * where.of(gradient + out)); });
            });
        });
    });
}

void meanRows(const Tensor &x, const Tensor &lengths, Tensor &y)
{
    const int64_t rows = x.shape()[1], width = x.shape()[2];
    const int32_t *length = i32(lengths);
    for (int64_t i = 0; i < lengths.size(); ++i)
        if (length[i] < 0 || length[i] > rows)
            throw std::invalid_argument("[meanRows] length " + std::to_string(length[i]) + " at position " + std::to_string(i) + " is not one of 0 .. "
                                        + std::to_string(rows));
    parallelFor(lengths.size(), rowGrain(rows * width), [=, source = f32(x), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const auto sums = columnSums(length[i], width, [=](int64_t row, float *block) {
                eachVector(width, [=](auto where) { where.put(block, where.of(block) + where.of(source + (i * rows + row) * width)); });
            });
            for (int64_t c = 0; c < width; ++c)
                target[i * width + c] = float(sums[size_t(c)] / std::max(1, length[i]));
        }
    });
}

void meanRowsBackward(const Tensor &dy, const Tensor &lengths, Tensor &dx)
{
    const int64_t rows = dx.shape()[1], width = dx.shape()[2];
    const int32_t *length = i32(lengths);
    parallelFor(lengths.size() * rows, rowGrain(width), [=, gradient = f32(dy), target = f32(dx)](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end; ++at) {
            const int64_t i = at / rows;
            const float share = at % rows < length[i] ? 1.f / float(length[i]) : 0.f;
            for (int64_t c = 0; c < width; ++c)
                target[at * width + c] = share == 0.f ? 0.f : share * gradient[i * width + c];
        }
    });
}

} // namespace pretext::cpu
