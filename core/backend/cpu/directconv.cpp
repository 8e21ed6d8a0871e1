#include "core/backend/cpu/directconv.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cstring>

namespace pretext::cpu::direct {

namespace {

#pragma GCC diagnostic ignored "-Wpsabi" // a build without AVX compiles this without using it, and no vector leaves this file

using Vector = float __attribute__((vector_size(32)));
using Unaligned = float __attribute__((vector_size(32), aligned(4)));

constexpr int64_t kBlock = 16;    // output channels: two vectors
constexpr int64_t kPixelRun = 64; // what the weight's gradient takes of both images at a time, so that they stay in the first-level cache
constexpr int kRows = 6;          // times two vectors are the twelve sums that fit the sixteen registers, with room for their factors

Vector load(const float *from)
{
    return *reinterpret_cast<const Unaligned *>(from);
}
void store(const Vector &value, float *to)
{
    *reinterpret_cast<Unaligned *>(to) = value;
}

/// One convolution, walked in groups of images: small images share a group, so that few sums at a group's end are wasted.
struct Walk
{
    int64_t images, height, width, channels, padding, group;
    int64_t paddedWidth, paddedSize; // of one image in the buffer
    int64_t kernel, run, rowStride;  // rows of the kernel, floats under one, and from there to the next
    int64_t pixels;                  // outputs of one image
    std::vector<int64_t> offsets;    // of each output pixel of a group: its window's first float in the buffer
    std::vector<int64_t> targets;    // and which pixel of the group's outputs it is

    Walk(const Shape &x, int64_t padding, int64_t rows, int64_t columns, int64_t pixels)
        : images(x[0])
        , height(x[1])
        , width(x[2])
        , channels(x[3])
        , padding(padding)
        , group(pixels < 100 ? kRows : 1)
        , paddedWidth(width + 2 * padding)
        , paddedSize((height + 2 * padding) * paddedWidth * channels)
        , kernel(rows)
        , run(columns * channels)
        , rowStride(paddedWidth * channels)
        , pixels(pixels)
    {
    }

    void add(int64_t image, int64_t row, int64_t column, int64_t target)
    {
        offsets.push_back(image * paddedSize + (row * paddedWidth + column) * channels);
        targets.push_back(target);
    }

    int64_t groups() const { return (images + group - 1) / group; }
    int64_t imagesIn(int64_t index) const { return std::min(group, images - index * group); }
    int64_t weights() const { return kernel * run; } // of one output channel

    /// The images of a group, padded with zeros; `buffer` starts as zeros and its border stays so.
    const float *padded(const float *x, int64_t index, float *buffer) const
    {
        const float *from = x + index * group * height * width * channels;
        if (padding == 0)
            return from;
        for (int64_t image = 0; image < imagesIn(index); ++image)
            for (int64_t row = 0; row < height; ++row, from += width * channels)
                std::memcpy(buffer + image * paddedSize + ((row + padding) * paddedWidth + padding) * channels, from, size_t(width * channels) * sizeof(float));
        return buffer;
    }
};

Walk forwardWalk(const Shape &x, const Shape &y, int64_t kernel, const Conv2dOptions &options)
{
    Walk walk(x, options.padding.y, kernel, kernel, y[1] * y[2]);
    for (int64_t image = 0; image < walk.group; ++image)
        for (int64_t p = 0; p < y[1]; ++p)
            for (int64_t q = 0; q < y[2]; ++q)
                walk.add(image, p * options.stride.y, q * options.stride.y, (image * y[1] + p) * y[2] + q);
    return walk;
}

/// kRows pixels times one block of outputs: windows[i] is the first float under pixel i, w the block's weights [kernel * run, kBlock].
void pixelTile(const float *const *windows, int64_t kernel, int64_t run, int64_t rowStride, const float *w, const float *bias, float *const *outputs)
{
    Vector low[kRows], high[kRows];
    for (int i = 0; i < kRows; ++i) {
        low[i] = bias ? load(bias) : Vector{};
        high[i] = bias ? load(bias + 8) : Vector{};
    }
    for (int64_t r = 0; r < kernel; ++r)
        for (int64_t j = r * rowStride; j < r * rowStride + run; ++j, w += kBlock) {
            const Vector w0 = load(w), w1 = load(w + 8);
            for (int i = 0; i < kRows; ++i) {
                low[i] += windows[i][j] * w0;
                high[i] += windows[i][j] * w1;
            }
        }
    for (int i = 0; i < kRows; ++i) {
        store(low[i], outputs[i]);
        store(high[i], outputs[i] + 8);
    }
}

/// y = x * w for weights packed as [blocks, kernel, run, kBlock]; `outputs` pixels make an image of y.
void convolve(const Walk &walk, const float *x, const float *packed, const float *bias, int64_t filters, int64_t outputs, float *y)
{
    parallelFor(walk.groups(), 1, [&](int64_t begin, int64_t end) {
        const Tensor buffer = Tensor::zeros({walk.group * walk.paddedSize});
        for (int64_t index = begin; index < end; ++index) {
            const float *images = walk.padded(x, index, f32(buffer));
            float *out = y + index * walk.group * outputs * filters;
            const int64_t last = walk.imagesIn(index) * walk.pixels - 1;
            for (int64_t block = 0; block < filters; block += kBlock)
                for (int64_t pixel = 0; pixel <= last; pixel += kRows) {
                    const float *windows[kRows];
                    float *targets[kRows];
                    for (int i = 0; i < kRows; ++i) { // past the end, the last pixel again
                        const int64_t at = std::min(pixel + i, last);
                        windows[i] = images + walk.offsets[size_t(at)];
                        targets[i] = out + walk.targets[size_t(at)] * filters + block;
                    }
                    pixelTile(windows, walk.kernel, walk.run, walk.rowStride, packed + block * walk.weights(), bias ? bias + block : nullptr, targets);
                }
        }
    });
}

/// Rows of the weight's gradient times one block of outputs, summed over pixels and added to sums [Rows, kBlock].
template<int Rows>
void weightTile(const float *x, const int64_t *offsets, const float *dy, int64_t filters, int64_t pixels, float *sums)
{
    Vector low[Rows] = {}, high[Rows] = {};
    for (int64_t pixel = 0; pixel < pixels; ++pixel, dy += filters) {
        const Vector d0 = load(dy), d1 = load(dy + 8);
        const float *window = x + offsets[pixel];
        for (int i = 0; i < Rows; ++i) {
            low[i] += window[i] * d0;
            high[i] += window[i] * d1;
        }
    }
    for (int i = 0; i < Rows; ++i, sums += kBlock) {
        store(load(sums) + low[i], sums);
        store(load(sums + 8) + high[i], sums + 8);
    }
}

void weightTile(int64_t rows, const float *x, const int64_t *offsets, const float *dy, int64_t filters, int64_t pixels, float *sums)
{
    switch (rows) {
    case 1: return weightTile<1>(x, offsets, dy, filters, pixels, sums);
    case 2: return weightTile<2>(x, offsets, dy, filters, pixels, sums);
    case 3: return weightTile<3>(x, offsets, dy, filters, pixels, sums);
    case 4: return weightTile<4>(x, offsets, dy, filters, pixels, sums);
    case 5: return weightTile<5>(x, offsets, dy, filters, pixels, sums);
    default: return weightTile<kRows>(x, offsets, dy, filters, pixels, sums);
    }
}

/// Adds one group's part to sums [blocks, kernel, run, kBlock].
void addGroup(const Walk &walk, const float *images, const float *dy, int64_t pixels, int64_t filters, float *sums)
{
    for (int64_t pixel = 0; pixel < pixels; pixel += kPixelRun)
        for (int64_t block = 0; block < filters; block += kBlock)
            for (int64_t r = 0; r < walk.kernel; ++r)
                for (int64_t j = 0; j < walk.run; j += kRows)
                    weightTile(std::min<int64_t>(kRows, walk.run - j), images + r * walk.rowStride + j, walk.offsets.data() + pixel,
                               dy + pixel * filters + block, filters, std::min(kPixelRun, pixels - pixel),
                               sums + block * walk.weights() + (r * walk.run + j) * kBlock);
}

} // namespace

bool suits(int64_t outputChannels)
{
    return kAvailable && outputChannels % kBlock == 0;
}

void forward(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    const Walk walk = forwardWalk(x.shape(), y.shape(), w.shape()[1], options);
    const int64_t filters = w.shape()[0], weights = walk.weights();
    const Tensor packed({filters * weights});
    for (int64_t k = 0; k < filters; ++k)
        for (int64_t j = 0; j < weights; ++j)
            f32(packed)[(k / kBlock * weights + j) * kBlock + k % kBlock] = f32(w)[k * weights + j];
    convolve(walk, f32(x), f32(packed), bias.defined() ? f32(bias) : nullptr, filters, walk.pixels, f32(y));
}

namespace {

/// The taps of the kernel that meet the input pixels h = remainder (modulo the stride) along one axis: first, first + stride, ...
/// Tap r of pixel h reads output (h + padding - r) / stride, so that later taps read earlier outputs.
struct Taps
{
    int64_t first, count, nearest; // `nearest` is where the first tap of the pixel h = remainder reads

    Taps(int64_t kernel, int64_t remainder, const Conv2dOptions &options)
        : first((remainder + options.padding.y) % options.stride.y)
        , count((kernel - first - 1) / options.stride.y + 1)
        , nearest((remainder + options.padding.y - first) / options.stride.y)
    {
    }
};

/// How far beyond dy, at either end of an axis, the pixels of dx reach.
int64_t reach(int64_t kernel, int64_t size, int64_t outputs, const Conv2dOptions &options)
{
    return std::max((kernel - 1 - options.padding.y) / options.stride.y, (size - 1 + options.padding.y) / options.stride.y - (outputs - 1));
}

/// dx at the pixels of one remainder in each axis: a convolution of dy, at stride one, with the taps that meet them, last tap first.
void backwardDataAt(const Tensor &dy, const Tensor &w, const Conv2dOptions &options, int64_t remainderRow, int64_t remainderColumn, Tensor &dx)
{
    const int64_t filters = w.shape()[0], kernel = w.shape()[1], channels = w.shape()[3], height = dx.shape()[1], width = dx.shape()[2];
    const int64_t stride = options.stride.y;
    const int64_t padding = std::max(reach(kernel, height, dy.shape()[1], options), reach(kernel, width, dy.shape()[2], options));
    const Taps rows(kernel, remainderRow, options), columns(kernel, remainderColumn, options);
    const int64_t pixels = ((height - remainderRow + stride - 1) / stride) * ((width - remainderColumn + stride - 1) / stride);
    Walk walk(dy.shape(), padding, rows.count, columns.count, pixels);
    for (int64_t image = 0; image < walk.group; ++image)
        for (int64_t h = remainderRow; h < height; h += stride)
            for (int64_t v = remainderColumn; v < width; v += stride)
                walk.add(image, h / stride + rows.nearest - rows.count + 1 + padding, v / stride + columns.nearest - columns.count + 1 + padding,
                         (image * height + h) * width + v);
    const Tensor packed({channels * walk.weights()});
    float *to = f32(packed);
    for (int64_t block = 0; block < channels; block += kBlock)
        for (int64_t r = rows.count - 1; r >= 0; --r)
            for (int64_t s = columns.count - 1; s >= 0; --s)
                for (int64_t k = 0; k < filters; ++k, to += kBlock)
                    std::memcpy(to, f32(w) + ((k * kernel + rows.first + r * stride) * kernel + columns.first + s * stride) * channels + block,
                                kBlock * sizeof(float));
    convolve(walk, f32(dy), f32(packed), nullptr, channels, height * width, f32(dx));
}

} // namespace

void backwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    for (int64_t row = 0; row < std::min<int64_t>(options.stride.y, dx.shape()[1]); ++row)
        for (int64_t column = 0; column < std::min<int64_t>(options.stride.y, dx.shape()[2]); ++column)
            backwardDataAt(dy, w, options, row, column, dx);
}

void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw)
{
    const Walk walk = forwardWalk(x.shape(), dy.shape(), dw.shape()[1], options);
    const int64_t filters = dw.shape()[0], weights = walk.weights();
    const int64_t parts = std::min<int64_t>(threads(), walk.groups()); // one set of sums for each, added in order
    const Tensor sums = Tensor::zeros({std::max<int64_t>(1, parts) * filters * weights});
    parallelFor(parts, 1, [&](int64_t first, int64_t last) {
        const Tensor buffer = Tensor::zeros({walk.group * walk.paddedSize});
        for (int64_t part = first; part < last; ++part)
            for (int64_t index = walk.groups() * part / parts; index < walk.groups() * (part + 1) / parts; ++index)
                addGroup(walk, walk.padded(f32(x), index, f32(buffer)), f32(dy) + index * walk.group * walk.pixels * filters,
                         walk.imagesIn(index) * walk.pixels, filters, f32(sums) + part * filters * weights);
    });
    for (int64_t k = 0; k < filters; ++k)
        for (int64_t j = 0; j < weights; ++j)
            f32(dw)[k * weights + j] = addedInOrder(f32(sums) + (k / kBlock * weights + j) * kBlock + k % kBlock, parts, filters * weights);
}

} // namespace pretext::cpu::direct
