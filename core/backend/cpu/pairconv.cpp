#include "core/backend/cpu/pairconv.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"

#include <limits>

namespace pretext::cpu::pairs {

namespace {

/// What the inner extent of a product is made of: pixels of dy, two a lane, and where x has what meets them.
struct Walk
{
    Walk(const Shape &x, const Shape &dy, const Shape &w, Conv2dOptions options)
        : height(x[1])
        , width(x[2])
        , outHeight(dy[1])
        , outWidth(dy[2])
        , channels(x[3])
        , filters(dy[3])
        , extent(w[1])
        , stride(options.stride.y)
        , padding(options.padding.y)
        , pixels(dy[0] * outHeight * outWidth)
    {
        constexpr int64_t kLanesInCache = 4096; // of x under one tap: half of the first cache
        block = std::clamp<int64_t>(kLanesInCache / channels, 8, 128);
    }

    int64_t height, width, outHeight, outWidth, channels, filters, extent, stride, padding, pixels;
    int64_t block;                            // lanes that are worked on together
    int64_t columns = paddedColumns(filters); // in panels of two vectors, the last filled up with zeros
    int64_t taps() const { return extent * extent; }
    int64_t blocks() const { return (pixels + 2 * block - 1) / (2 * block); }
    /// The pixels of a block, the last of an odd number alone.
    int64_t inBlock(int64_t index) const { return std::min(2 * block, pixels - 2 * block * index); }
};

/// Two rows of `count` elements as pairs, up to the next whole vector.
inline void packPair(const uint16_t *even, const uint16_t *odd, int64_t count, float *out)
{
    int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes)
        store(out + i, Bf16::join(loadHalves(even + i), loadHalves(odd + i)));
    if (i < count)
        store(out + i, Bf16::join(loadHalves(even + i, count - i), loadHalves(odd + i, count - i)));
}

/// The pixels that one of dy meets: the row and column of the first, and where it is, if it is inside.
struct Window
{
    int top, left;
    int64_t first;
};

/// Works through some blocks; one for each thread.
struct Worker
{
    const Walk &walk;
    const uint16_t *x, *dy;
    int64_t row = (walk.channels + kLanes - 1) / kLanes * kLanes; // channels, in whole vectors
    std::vector<uint16_t> zeros = std::vector<uint16_t>(size_t(std::max(row, walk.columns)));
    std::vector<Window> windows = std::vector<Window>(size_t(2 * walk.block)); // of a block's pixels
    Tensor memory = Tensor({walk.block * (row + walk.columns)});
    float *under = f32(memory), *gradients = under + walk.block * row; // [lanes, channels] and [panels][lanes, kTileColumns]

    /// The windows of `count` pixels, and where that number is odd one that lies outside.
    void locate(int64_t first, int64_t count)
    {
        int64_t image = first / (walk.outHeight * walk.outWidth), outRow = first / walk.outWidth % walk.outHeight, column = first % walk.outWidth;
        for (int64_t i = 0; i < count; ++i) {
            const int64_t top = outRow * walk.stride - walk.padding, left = column * walk.stride - walk.padding;
            windows[size_t(i)] = {int(top), int(left), ((image * walk.height + top) * walk.width + left) * walk.channels};
            if (++column == walk.outWidth) {
                column = 0;
                if (++outRow == walk.outHeight) {
                    outRow = 0;
                    ++image;
                }
            }
        }
        if (count % 2)
            windows[size_t(count)].top = std::numeric_limits<int>::min() / 2;
    }

    /// Where x has what a pixel meets with a tap.
    const uint16_t *pixelUnder(const Window &window, int tapRow, int tapColumn, int64_t tap) const
    {
        const bool inside = unsigned(window.top + tapRow) < unsigned(walk.height) && unsigned(window.left + tapColumn) < unsigned(walk.width);
        return inside ? x + window.first + tap : zeros.data();
    }

    void packGradients(int64_t first, int64_t count)
    {
        const int64_t lanes = (count + 1) / 2;
        for (int64_t panel = 0; panel < walk.columns; panel += kTileColumns)
            for (int64_t lane = 0; lane < lanes; ++lane) {
                const uint16_t *even = dy + (first + 2 * lane) * walk.filters + panel;
                float *to = gradients + panel * walk.block + lane * kTileColumns;
                const int64_t here = std::min(kTileColumns, walk.filters - panel);
                packPair(even, 2 * lane + 1 < count ? even + walk.filters : zeros.data(), here, to);
                if (here <= kLanes)
                    store(to + kLanes, Lanes{});
            }
    }

    /// Adds a block's part to sums [taps][panels][channels, kTileColumns].
    void add(int64_t index, float *sums)
    {
        const int64_t first = index * 2 * walk.block, count = walk.inBlock(index), lanes = (count + 1) / 2;
        locate(first, count);
        packGradients(first, count);
        for (int tapRow = 0; tapRow < walk.extent; ++tapRow)
            for (int tapColumn = 0; tapColumn < walk.extent; ++tapColumn) {
                const int64_t tap = (tapRow * walk.width + tapColumn) * walk.channels;
                for (int64_t lane = 0; lane < lanes; ++lane) {
                    const Window *pair = windows.data() + 2 * lane;
                    packPair(pixelUnder(pair[0], tapRow, tapColumn, tap), pixelUnder(pair[1], tapRow, tapColumn, tap), walk.channels, under + lane * row);
                }
                for (int64_t panel = 0; panel < walk.columns; panel += kTileColumns, sums += walk.channels * kTileColumns)
                    multiplyBlock<true, 2, Bf16>({under, 1, row}, gradients + panel * walk.block, kTileColumns, sums, kTileColumns, walk.channels, kTileColumns,
                                                 lanes);
            }
    }
};

} // namespace

/// Of few channels the packing would take longer than the products.
bool suits(const Shape &w)
{
    constexpr int64_t kFewest = 16;
    return kMultipliesPairs && w[3] >= kFewest;
}

void backwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw)
{
    const Walk walk(x.shape(), dy.shape(), dw.shape(), options);
    const int64_t size = walk.taps() * walk.channels * walk.columns;
    const int64_t parts = std::clamp<int64_t>(walk.blocks(), 1, threads());
    const Tensor sums = Tensor::zeros({parts * size}); // one for each thread, added in order
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
        Worker worker{walk, bf16(x), bf16(dy)};
        for (int64_t part = begin; part < end; ++part)
            for (int64_t block = walk.blocks() * part / parts; block < walk.blocks() * (part + 1) / parts; ++block)
                worker.add(block, f32(sums) + part * size);
    });
    parallelFor(walk.filters, std::max<int64_t>(1, kGrain / (walk.taps() * walk.channels)), [&](int64_t begin, int64_t end) {
        for (int64_t filter = begin; filter < end; ++filter)
            for (int64_t tap = 0; tap < walk.taps(); ++tap)
                for (int64_t channel = 0; channel < walk.channels; ++channel) {
                    const int64_t panel = tap * walk.columns / kTileColumns + filter / kTileColumns;
                    const float *from = f32(sums) + (panel * walk.channels + channel) * kTileColumns + filter % kTileColumns;
                    f32(dw)[(filter * walk.taps() + tap) * walk.channels + channel] = addedInOrder(from, parts, size);
                }
    });
}

} // namespace pretext::cpu::pairs
