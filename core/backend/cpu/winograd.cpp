#include "core/backend/cpu/winograd.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"

#include <type_traits>

namespace pretext::cpu::winograd {

namespace {

// C channels, K filters. A tile's 6 x 6 inputs and its values at the points are `kIn` x `kIn`, its outputs `kOut` x `kOut`.
constexpr int kIn = 6, kOut = 4, kPoints = kIn * kIn, kTaps = 3;
constexpr float kA = 0.70710678118654752f, kB = 1.41421356237309505f; // the points +-a and +-b; a^2 = 1/2, b^2 = 2

// Transforms of a row or column: `in[i]` gives its i-th value, `out(i, value)` takes the i-th of the result.

/// Six inputs to six points.
constexpr auto toPoints = [](const auto &in, auto out) {
    const auto evenA = in[4] - 2.f * in[2], oddA = kA * (in[3] - 2.f * in[1]), evenB = in[4] - 0.5f * in[2], oddB = kB * (in[3] - 0.5f * in[1]);
    out(0, in[0] - 2.5f * in[2] + in[4]);
    out(1, evenA + oddA);
    out(2, evenA - oddA);
    out(3, evenB + oddB);
    out(4, evenB - oddB);
    out(5, in[1] - 2.5f * in[3] + in[5]);
};

/// Six points to four outputs.
constexpr auto fromPoints = [](const auto &in, auto out) {
    const auto sumA = in[1] + in[2], sumB = in[3] + in[4], halfA = kA * (in[1] - in[2]), twiceB = kB * (in[3] - in[4]);
    out(0, in[0] + sumA + sumB);
    out(1, halfA + twiceB);
    out(2, 0.5f * sumA + 2.f * sumB);
    out(3, 0.5f * halfA + 2.f * twiceB + in[5]);
};

/// The transpose of fromPoints: from the gradients of four outputs.
constexpr auto gradientToPoints = [](const auto &in, auto out) {
    const auto evenA = in[0] + 0.5f * in[2], oddA = kA * (in[1] + 0.5f * in[3]), evenB = in[0] + 2.f * in[2], oddB = kB * (in[1] + 2.f * in[3]);
    out(0, in[0]);
    out(1, evenA + oddA);
    out(2, evenA - oddA);
    out(3, evenB + oddB);
    out(4, evenB - oddB);
    out(5, in[3]);
};

// 1 / (2 a^2 (a^2 - b^2)) and 1 / (2 b^2 (b^2 - a^2)), what makes the product of both transforms the convolution
constexpr float kScaleA = -2.f / 3.f, kScaleB = 1.f / 6.f;

/// Three taps to six points.
constexpr auto tapsToPoints = [](const auto &in, auto out) {
    const auto evenA = kScaleA * (in[0] + 0.5f * in[2]), oddA = (kScaleA * kA) * in[1];
    const auto evenB = kScaleB * (in[0] + 2.f * in[2]), oddB = (kScaleB * kB) * in[1];
    out(0, in[0]);
    out(1, evenA + oddA);
    out(2, evenA - oddA);
    out(3, evenB + oddB);
    out(4, evenB - oddB);
    out(5, in[2]);
};

/// Its transpose: to the gradients of three taps.
constexpr auto gradientToTaps = [](const auto &in, auto out) {
    const auto sumA = kScaleA * (in[1] + in[2]), sumB = kScaleB * (in[3] + in[4]);
    out(0, in[0] + sumA + sumB);
    out(1, (kScaleA * kA) * (in[1] - in[2]) + (kScaleB * kB) * (in[3] - in[4]));
    out(2, 0.5f * sumA + 2.f * sumB + in[5]);
};

/// Applies a transform to the columns and then to the rows of a square, [From, From] to [To, To]: read(i) gives element i, write(i, value) takes
/// it. Nothing but the half-way state is kept, so that the registers suffice for most of it.
template<int From, int To, class Transform, class Read, class Write>
inline void transformSquare(Transform transform, Read read, Write write)
{
    Lanes half[To][From];
#pragma GCC unroll 6
    for (int column = 0; column < From; ++column) {
        Lanes in[From];
#pragma GCC unroll 6
        for (int i = 0; i < From; ++i)
            in[i] = read(i * From + column);
        transform(in, [&](int i, const Lanes &value) { half[i][column] = value; });
    }
#pragma GCC unroll 6
    for (int row = 0; row < To; ++row)
        transform(half[row], [&](int i, const Lanes &value) { write(row * To + i, value); });
}

/// The plane of tiles over all images.
struct Plan
{
    int64_t images, height, width, outHeight, outWidth, padding; // of the input, and of the output
    int64_t across, perImage, tiles, block;                      // tiles of a row and of an image, and how many are worked on together

    Plan(const Shape &x, const Shape &y, int64_t padding)
        : images(x[0]), height(x[1]), width(x[2]), outHeight(y[1]), outWidth(y[2]), padding(padding), across((outWidth + kOut - 1) / kOut),
          perImage(across * ((outHeight + kOut - 1) / kOut)), tiles(images * perImage)
    {
        // The points of a block's inputs shall stay in the second cache, beside what is made of them.
        constexpr int64_t kFloats = 72 * 1024;
        block = std::clamp<int64_t>(kFloats / (kPoints * x[3]) / kTileRows, 4, 16) * kTileRows;
    }
    int64_t blocks() const { return (tiles + block - 1) / block; }
    int64_t inBlock(int64_t index) const { return std::min(block, tiles - index * block); }

    /// Pixels of an image of `channels` under a tile's square of `extent`, from (row, column) on; `outside` where there is none.
    template<int extent, class Value>
    static void pixels(Value *image, int64_t rows, int64_t columns, int64_t channels, int64_t row, int64_t column, Value *outside, Value **out)
    {
        for (int64_t i = row; i < row + extent; ++i)
            for (int64_t j = column; j < column + extent; ++j, ++out)
                *out = i < 0 || j < 0 || i >= rows || j >= columns ? outside : image + (i * columns + j) * channels;
    }
    void inputs(const float *x, int64_t channels, int64_t tile, const float *outside, const float **out) const
    {
        const int64_t within = tile % perImage;
        pixels<kIn>(x + tile / perImage * height * width * channels, height, width, channels, within / across * kOut - padding,
                    within % across * kOut - padding, outside, out);
    }
    template<class Value>
    void outputs(Value *y, int64_t channels, int64_t tile, Value *outside, Value **out) const
    {
        const int64_t within = tile % perImage;
        pixels<kOut>(y + tile / perImage * outHeight * outWidth * channels, outHeight, outWidth, channels, within / across * kOut,
                     within % across * kOut, outside, out);
    }
};

/// A matrix of tiles x channels for each point, one behind the other. The padding keeps equal places of all of them in different sets of the caches.
int64_t pointStep(int64_t tiles, int64_t channels)
{
    return tiles * channels + 16;
}

/// Calls body(tile, square) with the pixels under each tile of a block, [Extent, Extent], while `width` channels of the next tile's are on their
/// way from memory: short runs of many rows, which the processor does not foresee.
template<int Extent, class Value, class Pixels, class Body>
void eachSquare(const Plan &plan, int64_t block, int64_t width, Pixels pixels, Body body)
{
    constexpr int64_t kLine = 16; // floats of a cache line
    const int64_t first = block * plan.block, count = plan.inBlock(block);
    Value *squares[2][Extent * Extent];
    pixels(first, squares[0]);
    for (int64_t tile = 0; tile < count; ++tile) {
        Value **next = squares[(tile + 1) % 2];
        pixels(std::min(first + tile + 1, plan.tiles - 1), next);
        for (int i = 0; i < Extent * Extent; ++i)
            for (int64_t channel = 0; channel < width; channel += kLine)
                __builtin_prefetch(next[i] + channel, !std::is_const_v<Value>);
        body(tile, squares[tile % 2]);
    }
}

/// Squares of pixels, [From, From] of each tile, to their values at the points: [points][tiles, width], of `width` channels.
template<int From, class Pixels, class Transform>
void gather(const Plan &plan, int64_t block, int64_t width, Pixels pixels, Transform transform, float *out)
{
    const int64_t step = pointStep(plan.block, width);
    eachSquare<From, const float>(plan, block, width, pixels, [&](int64_t tile, const float *const *from) {
        for (int64_t channel = 0; channel < width; channel += kLanes) {
            float *to = out + tile * width + channel;
            transformSquare<From, kIn>(transform, [&](int i) { return load(from[i] + channel); }, [&](int i, const Lanes &value) { store(to + i * step, value); });
        }
    });
}

/// Products at the points of a block's tiles, [points][tiles, width], to pixels of `width` filters.
template<class Pixels>
void scatter(const Plan &plan, int64_t block, int64_t width, const float *products, const float *bias, Pixels pixels)
{
    const int64_t step = pointStep(plan.block, width);
    eachSquare<kOut, float>(plan, block, width, pixels, [&](int64_t tile, float *const *to) {
        for (int64_t filter = 0; filter < width; filter += kLanes) {
            const float *from = products + tile * width + filter;
            const Lanes added = bias ? load(bias + filter) : Lanes{};
            transformSquare<kIn, kOut>(fromPoints, [&](int i) { return load(from + i * step); },
                                       [&](int i, const Lanes &value) { store(to[i] + filter, value + added); });
        }
    });
}

/// Filters are worked on in panels of two vectors, or of one where there is an odd number of vectors.
int64_t panelWidth(int64_t filters)
{
    return filters % kTileColumns == 0 ? kTileColumns : kLanes;
}

/// c = a b, or with Add c += a b, for matrices b and c of a panel's width.
template<bool Add>
void multiplyPanel(LeftFactor a, const float *b, float *c, int64_t width, int64_t rows, int64_t inner)
{
    if (width == kTileColumns)
        multiplyBlock<Add>(a, b, width, c, width, rows, width, inner);
    else
        multiplyBlock<Add, 1>(a, b, width, c, width, rows, width, inner);
}

/// Tap t of filter k and channel c is at data[k * filterStep + c * channelStep + t * tapStep]; a negative step reads a kernel backwards.
struct Taps
{
    const float *data;
    int64_t filterStep, channelStep, tapStep;
};

/// Filters at the points: [panels][points][channels, panel's width].
Tensor transformed(const Taps &taps, int64_t channels, int64_t filters)
{
    const int64_t width = panelWidth(filters);
    Tensor result({filters * kPoints * channels});
    parallelFor(filters / kLanes * channels, std::max<int64_t>(1, kGrain / (kPoints * kLanes)), [=, out = f32(result)](int64_t begin, int64_t end) {
        for (int64_t item = begin; item < end; ++item) {
            const int64_t filter = item / channels * kLanes, channel = item % channels;
            float *to = out + (filter / width * kPoints * channels + channel) * width + filter % width;
            const auto read = [&](int tap) {
                float lanes[kLanes];
                for (int lane = 0; lane < kLanes; ++lane)
                    lanes[lane] = taps.data[(filter + lane) * taps.filterStep + channel * taps.channelStep + tap * taps.tapStep];
                return load(lanes);
            };
            transformSquare<kTaps, kIn>(tapsToPoints, read, [&](int i, const Lanes &value) { store(to + i * channels * width, value); });
        }
    });
    return result;
}

/// A thread's memory: a block's inputs at the points, [points][tiles, channels], and a panel's outputs there, [points][tiles, width].
struct Scratch
{
    Scratch(const Plan &plan, int64_t channels, int64_t width)
        : inputStep(pointStep(plan.block, channels)), outputStep(pointStep(plan.block, width)), memory({kPoints * (inputStep + outputStep)}),
          outside(Tensor::zeros({std::max(channels, width)})), unused({width}), inputs(f32(memory)), outputs(inputs + kPoints * inputStep)
    {
    }
    int64_t inputStep, outputStep;
    Tensor memory, outside, unused; // what is read outside an image, and where what is written there goes
    float *inputs, *outputs;
};

void gatherInputs(const Plan &plan, int64_t block, const float *x, int64_t channels, Scratch &scratch)
{
    gather<kIn>(plan, block, channels, [&](int64_t tile, const float **out) { plan.inputs(x, channels, tile, f32(scratch.outside), out); },
                toPoints, scratch.inputs);
}

/// y = x * filters, which are given at the points.
void convolve(const Plan &plan, const float *x, int64_t channels, const Tensor &weights, int64_t filters, const float *bias, float *y)
{
    const int64_t width = panelWidth(filters);
    parallelFor(plan.blocks(), 1, [&](int64_t begin, int64_t end) {
        Scratch scratch(plan, channels, width);
        for (int64_t block = begin; block < end; ++block) {
            gatherInputs(plan, block, x, channels, scratch);
            const float *matrix = f32(weights);
            for (int64_t first = 0; first < filters; first += width) {
                for (int i = 0; i < kPoints; ++i, matrix += channels * width)
                    multiplyPanel<false>({scratch.inputs + i * scratch.inputStep, channels, 1}, matrix, scratch.outputs + i * scratch.outputStep, width,
                                         plan.inBlock(block), channels);
                scatter(plan, block, width, scratch.outputs, bias ? bias + first : nullptr,
                        [&](int64_t tile, float **out) { plan.outputs(y + first, filters, tile, f32(scratch.unused), out); });
            }
        }
    });
}

} // namespace

/// With fewer than sixteen channels nothing is gained. In whole sixteens, so that every processor decides alike.
bool suits(const Shape &w, const Conv2dOptions &options)
{
    constexpr int64_t kChannels = 16;
    static_assert(kChannels % kLanes == 0);
    return w[1] == kTaps && options.stride == 1 && options.padding < kTaps && w[0] % kChannels == 0 && w[3] % kChannels == 0;
}

void forward(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    const int64_t filters = w.shape()[0], channels = w.shape()[3];
    const Tensor weights = transformed({f32(w), kTaps * kTaps * channels, 1, channels}, channels, filters);
    convolve(Plan(x.shape(), y.shape(), options.padding), f32(x), channels, weights, filters, bias.defined() ? f32(bias) : nullptr, f32(y));
}

/// A convolution of dy with every kernel turned by half a turn, padded so that each input meets all outputs it took part in.
void backwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    const int64_t filters = w.shape()[0], channels = w.shape()[3], taps = kTaps * kTaps;
    const Tensor weights = transformed({f32(w) + (taps - 1) * channels, 1, taps * channels, -channels}, filters, channels);
    convolve(Plan(dy.shape(), dx.shape(), kTaps - 1 - options.padding), f32(dy), filters, weights, channels, nullptr, f32(dx));
}

namespace {

/// Adds blocks [begin, end) to `sums`, the weight's gradient at the points: [panels][points][channels, panel's width].
void addGradients(const Plan &plan, const float *x, int64_t channels, const float *dy, int64_t filters, int64_t begin, int64_t end, float *sums)
{
    const int64_t width = panelWidth(filters);
    Scratch scratch(plan, channels, width);
    for (int64_t block = begin; block < end; ++block) {
        gatherInputs(plan, block, x, channels, scratch);
        float *to = sums;
        for (int64_t first = 0; first < filters; first += width) {
            gather<kOut>(plan, block, width, [&](int64_t tile, const float **out) { plan.outputs<const float>(dy + first, filters, tile, f32(scratch.outside), out); },
                         gradientToPoints, scratch.outputs);
            for (int i = 0; i < kPoints; ++i, to += channels * width)
                multiplyPanel<true>({scratch.inputs + i * scratch.inputStep, 1, channels}, scratch.outputs + i * scratch.outputStep, to, width, channels,
                                    plan.inBlock(block));
        }
    }
}

} // namespace

void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw)
{
    const int64_t filters = dw.shape()[0], channels = dw.shape()[3], taps = kTaps * kTaps;
    const Plan plan(x.shape(), dy.shape(), options.padding);
    const int64_t width = panelWidth(filters), size = filters * kPoints * channels, parts = std::clamp<int64_t>(plan.blocks(), 1, threads());
    const Tensor sums = Tensor::zeros({parts * size}); // one for each thread, added in order
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t part = begin; part < end; ++part)
            addGradients(plan, f32(x), channels, f32(dy), filters, plan.blocks() * part / parts, plan.blocks() * (part + 1) / parts,
                         f32(sums) + part * size);
    });
    parallelFor(channels, std::max<int64_t>(1, kGrain / (kPoints * filters)), [&](int64_t begin, int64_t end) {
        for (int64_t channel = begin; channel < end; ++channel)
            for (int64_t filter = 0; filter < filters; filter += kLanes) {
                const float *from = f32(sums) + (filter / width * kPoints * channels + channel) * width + filter % width;
                const auto read = [&](int i) {
                    Lanes sum = load(from + i * channels * width);
                    for (int64_t part = 1; part < parts; ++part)
                        sum += load(from + part * size + i * channels * width);
                    return sum;
                };
                transformSquare<kIn, kTaps>(gradientToTaps, read, [&](int tap, const Lanes &value) {
                    for (int lane = 0; lane < kLanes; ++lane)
                        f32(dw)[((filter + lane) * taps + tap) * channels + channel] = value[lane];
                });
            }
    });
}

} // namespace pretext::cpu::winograd
