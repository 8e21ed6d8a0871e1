#include "core/backend/cpu/winograd.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"
#include "core/backend/cpu/winogradtiles.h"

namespace pretext::cpu::winograd {

namespace {

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
template<class F>
Tensor transformed(const Taps &taps, int64_t channels, int64_t filters)
{
    const int64_t width = panelWidth(filters);
    Tensor result({filters * kPoints<F> * channels});
    parallelFor(filters / kLanes * channels, std::max<int64_t>(1, kGrain / (kPoints<F> * kLanes)), [=, out = f32(result)](int64_t begin, int64_t end) {
        for (int64_t item = begin; item < end; ++item) {
            const int64_t filter = item / channels * kLanes, channel = item % channels;
            float *to = out + (filter / width * kPoints<F> * channels + channel) * width + filter % width;
            const auto read = [&](int tap) {
                float lanes[kLanes];
                for (int lane = 0; lane < kLanes; ++lane)
                    lanes[lane] = taps.data[(filter + lane) * taps.filterStep + channel * taps.channelStep + tap * taps.tapStep];
                return load(lanes);
            };
            transformSquare<kTaps, F::kIn>(F::tapsToPoints, read, [&](int i, const Lanes &value) { store(to + i * channels * width, value); });
        }
    });
    return result;
}

/// A thread's memory: a block's inputs at the points, [points][tiles, channels], and a panel's outputs there, [points][tiles, width].
template<class Pixel>
struct Scratch
{
    template<class F>
    Scratch(const Plan<F> &plan, int64_t channels, int64_t width)
        : inputStep(pointStep(plan.block, channels))
        , outputStep(pointStep(plan.block, width))
        , memory({kPoints<F> * (inputStep + outputStep) + 2 * std::max(channels, width)})
        , inputs(f32(memory))
        , outputs(inputs + kPoints<F> * inputStep)
        , outside(reinterpret_cast<Pixel *>(outputs + kPoints<F> * outputStep))
        , unused(outside + std::max(channels, width))
    {
        std::fill(outside, unused, Pixel());
    }
    int64_t inputStep, outputStep;
    Tensor memory;
    float *inputs, *outputs;
    Pixel *outside, *unused; // what is read outside an image, and where what is written there goes; no vector of them lies on two cache lines
};

template<class F, class Pixel>
void gatherInputs(const Plan<F> &plan, Tiles tiles, const Pixel *x, int64_t channels, Scratch<Pixel> &scratch)
{
    gather<F, F::kIn, Pixel>(plan, tiles, plan.inputs, x, scratch.outside, channels, F::toPoints, scratch.inputs);
}

/// y = x * filters, which are given at the points.
template<class F, class Pixel>
void convolve(const Plan<F> &plan, const Pixel *x, int64_t channels, const Tensor &weights, int64_t filters, const float *bias, Pixel *y)
{
    const int64_t width = panelWidth(filters);
    parallelFor((plan.tiles + kTileRows - 1) / kTileRows, 1, [&](int64_t begin, int64_t end) {
        Scratch<Pixel> scratch(plan, channels, width);
        const int64_t last = std::min(end * kTileRows, plan.tiles);
        for (Tiles tiles = plan.from(begin * kTileRows, last); tiles.count; tiles = plan.from(tiles.end(), last)) {
            gatherInputs(plan, tiles, x, channels, scratch);
            const float *matrix = f32(weights);
            for (int64_t first = 0; first < filters; first += width) {
                const Tiles next = first + width < filters ? Tiles{} : plan.from(tiles.end(), last);
                Ahead inputs(next, plan.inputs, x, channels, channels, kPoints<F>);
                Ahead outputs(tiles, plan.outputs, y + first, filters, width, kPoints<F>);
                for (int i = 0; i < kPoints<F>; ++i, matrix += channels * width) {
                    inputs.next();
                    outputs.next();
                    multiplyPanel<false>({scratch.inputs + i * scratch.inputStep, channels, 1}, matrix, scratch.outputs + i * scratch.outputStep, width,
                                         tiles.count, channels);
                }
                scatter(plan, tiles, width, scratch.outputs, bias ? bias + first : nullptr, y + first, scratch.unused);
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
    const bool square = w[1] == kTaps && w[2] == kTaps && options.stride == 1 && options.padding.square();
    return square && options.padding.y < kTaps && w[0] % kChannels == 0 && w[3] % kChannels == 0;
}

namespace {

/// Calls body(transforms, elements) with the points that suit an image y, and its elements.
template<class Body>
void withTiles(const Tensor &y, Body &&body)
{
    constexpr double kWorth = 0.85; // larger tiles take longer to transform
    const auto products = [&]<class Points>(Points) {
        using F = Transforms<Points>;
        return double(kPoints<F> * tilesAlong(y.shape()[1], F::kOut) * tilesAlong(y.shape()[2], F::kOut));
    };
    if (y.type() != DType::bf16)
        body(Transforms<FourByFour>(), f32(y));
    else if (products(SevenBySeven()) < kWorth * products(FourByFour()))
        body(Transforms<SevenBySeven>(), bf16(y));
    else
        body(Transforms<FourByFour>(), bf16(y));
}

} // namespace

void forward(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    const int64_t filters = w.shape()[0], channels = w.shape()[3];
    withTiles(y, [&]<class F, class Pixel>(F, Pixel *pixels) {
        const Tensor weights = transformed<F>({f32(w), kTaps * kTaps * channels, 1, channels}, channels, filters);
        convolve(Plan<F>(x.shape(), y.shape(), options.padding.y), elements<const Pixel>(x), channels, weights, filters, elements<const float>(bias), pixels);
    });
}

/// A convolution of dy with every kernel turned by half a turn, padded so that each input meets all outputs it took part in.
void backwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    const int64_t filters = w.shape()[0], channels = w.shape()[3], taps = kTaps * kTaps;
    withTiles(dx, [&]<class F, class Pixel>(F, Pixel *pixels) {
        const Tensor weights = transformed<F>({f32(w) + (taps - 1) * channels, 1, taps * channels, -channels}, filters, channels);
        convolve(Plan<F>(dy.shape(), dx.shape(), kTaps - 1 - options.padding.y), elements<const Pixel>(dy), filters, weights, channels, nullptr, pixels);
    });
}

namespace {

/// The weight's gradient at the points, of the tiles from `begin` to `end`: [panels][points][channels, panel's width].
template<class F, class Pixel>
void sumGradients(const Plan<F> &plan, const Pixel *x, int64_t channels, const Pixel *dy, int64_t filters, int64_t begin, int64_t end, float *sums)
{
    const int64_t width = panelWidth(filters);
    Scratch<Pixel> scratch(plan, channels, width);
    for (Tiles tiles = plan.from(begin, end); tiles.count; tiles = plan.from(tiles.end(), end)) {
        gatherInputs(plan, tiles, x, channels, scratch);
        float *to = sums;
        const Tiles next = plan.from(tiles.end(), end);
        for (int64_t first = 0; first < filters; first += width) {
            gather<F, F::kOut, Pixel>(plan, tiles, plan.outputs, dy + first, scratch.outside, width, F::gradientToPoints, scratch.outputs);
            const bool last = first + width == filters;
            Ahead inputs(last ? next : Tiles{}, plan.inputs, x, channels, channels, kPoints<F>);
            Ahead outputs(last ? next : tiles, plan.outputs, dy + (first + width) % filters, filters, width, kPoints<F>);
            for (int i = 0; i < kPoints<F>; ++i, to += channels * width) {
                inputs.next();
                outputs.next();
                const auto multiply = tiles.first == begin ? multiplyPanel<false> : multiplyPanel<true>;
                multiply({scratch.inputs + i * scratch.inputStep, 1, channels}, scratch.outputs + i * scratch.outputStep, to, width, channels, tiles.count);
            }
        }
    }
}

} // namespace

void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw)
{
    const int64_t filters = dw.shape()[0], channels = dw.shape()[3], taps = kTaps * kTaps;
    withTiles(dy, [&]<class F, class Pixel>(F, const Pixel *gradient) {
        constexpr int64_t kLeastRows = 6; // more tiles, since the sums of all points pass through the caches with each block of them
        const Plan<F> plan(x.shape(), dy.shape(), options.padding.y, kLeastRows);
        const int64_t width = panelWidth(filters), size = filters * kPoints<F> * channels, parts = std::min<int64_t>(plan.tiles, threads());
        const Tensor sums({parts * size}); // one for each thread, added in order
        parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
            for (int64_t part = begin; part < end; ++part)
                sumGradients(plan, elements<const Pixel>(x), channels, gradient, filters, plan.tiles * part / parts, plan.tiles * (part + 1) / parts,
                             f32(sums) + part * size);
        });
        parallelFor(channels, std::max<int64_t>(1, kGrain / (kPoints<F> * filters)), [&](int64_t begin, int64_t end) {
            for (int64_t channel = begin; channel < end; ++channel)
                for (int64_t filter = 0; filter < filters; filter += kLanes) {
                    const float *from = f32(sums) + (filter / width * kPoints<F> * channels + channel) * width + filter % width;
                    const auto read = [&](int i) {
                        Lanes sum = load(from + i * channels * width);
                        for (int64_t part = 1; part < parts; ++part)
                            sum += load(from + part * size + i * channels * width);
                        return sum;
                    };
                    transformSquare<F::kIn, kTaps>(F::gradientToTaps, read, [&](int tap, const Lanes &value) {
                        for (int lane = 0; lane < kLanes; ++lane)
                            f32(dw)[((filter + lane) * taps + tap) * channels + channel] = value[lane];
                    });
                }
        });
    });
}

} // namespace pretext::cpu::winograd
