// Convolutions of NHWC images as products with implicit matrices: x's windows, [N P Q, R S C], are never in memory, but read out of the image
// tile by tile. The gradient of x reads dy's places that touched a pixel, [N H W, R S K]; that of w sums over N P Q, in parts.
// Floor: 2 N P Q K R S C operations over the card's rate, of bfloat16 by tensor cores where the maps are that, each direction; the images are read once from memory and up to
// R S times from the caches. Bound by arithmetic from some 32 channels on, by memory below.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/tensorcores.h"

namespace pretext::cuda {

namespace {

struct Geometry
{
    int height, width, channels; // of x
    int outHeight, outWidth, filters;
    int rows, columns; // of the kernel
    int strideY, strideX, paddingY, paddingX;

    Geometry(const Shape &x, const Shape &w, const Shape &y, const Conv2dOptions &options)
        : height(int(x[1]))
        , width(int(x[2]))
        , channels(int(x[3]))
        , outHeight(int(y[1]))
        , outWidth(int(y[2]))
        , filters(int(w[0]))
        , rows(int(w[1]))
        , columns(int(w[2]))
        , strideY(options.stride.y)
        , strideX(options.stride.x)
        , paddingY(options.padding.y)
        , paddingX(options.padding.x)
    {
    }
    int64_t window() const { return int64_t(rows) * columns * channels; }
};

/// A place in images, and one under a kernel.
struct Spot
{
    int64_t image; // offset of its first element
    int y, x;
};
struct Tap
{
    int y, x, channel;
};

__device__ inline Tap tapOf(int64_t i, int columns, int channels)
{
    const int at = int(i / channels);
    return {at / columns, at % columns, int(i % channels)};
}

/// x's windows: the output pixel and the tap, of which either may be the inner extent.
template<bool innerIsTap>
struct WindowFactor
{
    static constexpr bool kInnerFast = innerIsTap;
    using Outer = std::conditional_t<innerIsTap, Spot, Tap>;
    using Inner = std::conditional_t<innerIsTap, Tap, Spot>;
    In x;
    Geometry g;

    __device__ Spot spot(int64_t i) const
    {
        const int q = int(i % g.outWidth), p = int(i / g.outWidth % g.outHeight);
        return {i / g.outWidth / g.outHeight * g.height * g.width * g.channels, p * g.strideY - g.paddingY, q * g.strideX - g.paddingX};
    }
    __device__ Outer outer(int64_t i) const
    {
        if constexpr (innerIsTap)
            return spot(i);
        else
            return tapOf(i, g.columns, g.channels);
    }
    __device__ Inner inner(int64_t i) const
    {
        if constexpr (innerIsTap)
            return tapOf(i, g.columns, g.channels);
        else
            return spot(i);
    }
    __device__ float read(const Spot &spot, const Tap &tap) const
    {
        const int h = spot.y + tap.y, w = spot.x + tap.x;
        const bool inside = h >= 0 && h < g.height && w >= 0 && w < g.width;
        return inside ? x[spot.image + (int64_t(h) * g.width + w) * g.channels + tap.channel] : 0.f;
    }
    __device__ float at(const Outer &outer, const Inner &inner) const
    {
        if constexpr (innerIsTap)
            return read(outer, inner);
        else
            return read(inner, outer);
    }
};

/// dy where a pixel of x, the outer extent, was under a tap; the taps' channels are w's filters.
struct TouchedFactor
{
    static constexpr bool kInnerFast = true;
    using Outer = Spot;
    using Inner = Tap;
    In dy;
    Geometry g;

    __device__ Outer outer(int64_t i) const
    {
        const int x = int(i % g.width), y = int(i / g.width % g.height);
        return {i / g.width / g.height * g.outHeight * g.outWidth * g.filters, y + g.paddingY, x + g.paddingX};
    }
    __device__ Inner inner(int64_t i) const { return tapOf(i, g.columns, g.filters); }
    __device__ float at(const Outer &pixel, const Inner &tap) const
    {
        const int y = pixel.y - tap.y, x = pixel.x - tap.x;
        if (y < 0 || x < 0 || y % g.strideY != 0 || x % g.strideX != 0)
            return 0.f;
        const int p = y / g.strideY, q = x / g.strideX;
        return p < g.outHeight && q < g.outWidth ? dy[pixel.image + (int64_t(p) * g.outWidth + q) * g.filters + tap.channel] : 0.f;
    }
};

/// w [K, R, S, C] by taps (r, s, k) and columns c.
struct TurnedWeight
{
    static constexpr bool kInnerFast = false;
    using Outer = int64_t;
    using Inner = int64_t;
    In w;
    Geometry g;
    __device__ Outer outer(int64_t c) const { return c; }
    __device__ Inner inner(int64_t i) const { return ((i % g.filters) * g.rows * g.columns + i / g.filters) * g.channels; }
    __device__ float at(Outer outer, Inner inner) const { return w[outer + inner]; }
};

/// Narrow maps are multiplied as such, weights rounded to them.
Precision precisionOf(const Tensor &a, const Tensor &b, const Conv2dOptions &options)
{
    return a.type() == DType::bf16 || b.type() == DType::bf16 ? Precision::bf16 : options.precision;
}

} // namespace

void conv2d(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    const Geometry g(x.shape(), w.shape(), y.shape(), options);
    if (y.size() > 0)
        multiplyIn(precisionOf(x, y, options), WindowFactor<true>{In(x), g}, MatrixFactor<true>{In(w), g.window()}, y.size() / g.filters, g.filters, g.window(),
                   {.y = Out(y), .columns = g.filters, .bias = In(bias)});
}

void conv2dBackwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    const Geometry g(dx.shape(), w.shape(), dy.shape(), options);
    if (dx.size() > 0)
        multiplyIn(precisionOf(dy, dx, options), TouchedFactor{In(dy), g}, TurnedWeight{In(w), g}, dx.size() / g.channels, g.channels,
                   int64_t(g.rows) * g.columns * g.filters, {.y = Out(dx), .columns = g.channels});
}

void conv2dBackwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw, Tensor &dbias)
{
    const Geometry g(x.shape(), dw.shape(), dy.shape(), options);
    multiplyIn(precisionOf(x, dy, options), MatrixFactor<false>{In(dy), g.filters}, WindowFactor<false>{In(x), g}, g.filters, g.window(), dy.size() / g.filters,
               {.y = Out(dw), .columns = g.window()});
    if (dbias.defined())
        sumRows(dy, dbias);
}

} // namespace pretext::cuda
