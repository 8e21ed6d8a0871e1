// Winograd's tiles: where an image's pixels lie under them, how these come from memory, and their way to the points and back.
#pragma once

#include "core/backend/cpu/rows.h"
#include "core/backend/cpu/smallgemm.h"
#include "core/backend/cpu/winogradpoints.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace pretext::cpu::winograd {

// C channels, K filters. A tile's inputs and its values at the points are F::kIn x F::kIn, its outputs F::kOut x F::kOut, where F are the
// Transforms of one set of points.
constexpr int kTaps = 3;

template<class F>
constexpr int kPoints = F::kIn *F::kIn;

/// Applies a transform to the columns and then to the rows of a square, [From, From] to [To, To]: read(i) gives element i, write(i, value) takes
/// it. Nothing but the half-way state is kept, so that the registers suffice for most of it.
template<int From, int To, class Transform, class Read, class Write>
inline void transformSquare(Transform transform, Read read, Write write)
{
    Lanes half[To][From];
#pragma GCC unroll 16
    for (int column = 0; column < From; ++column) {
        Lanes in[From];
#pragma GCC unroll 16
        for (int i = 0; i < From; ++i)
            in[i] = read(i * From + column);
        transform(in, [&](int i, const Lanes &value) { half[i][column] = value; });
    }
#pragma GCC unroll 16
    for (int row = 0; row < To; ++row)
        transform(half[row], [&](int i, const Lanes &value) { write(row * To + i, value); });
}

/// Where the pixels under squares of `extent` are, which begin at multiples of `stride` less `padding`: rows and columns in elements from the
/// beginning of an image. Sums with a row or a column outside are negative.
template<int extent>
class Squares
{
public:
    Squares(const Shape &image, int64_t down, int64_t across, int64_t stride, int64_t padding)
        : m_across(across)
        , m_perImage(down * across)
        , m_size(image[1] * image[2] * image[3])
        , m_row(image[2] * image[3])
        , m_rows(places(image[1], down, stride, padding, image[2] * image[3]))
        , m_columns(places(image[2], across, stride, padding, image[3]))
    {
    }

    /// The pixels of a tile, [extent, extent]; `outside` where there is none.
    template<class Value>
    void pixels(Value *images, int64_t tile, Value *outside, Value **out) const
    {
        Value *image = images + tile / m_perImage * m_size;
        const int64_t *rows = m_rows.data() + tile % m_perImage / m_across * extent, *columns = m_columns.data() + tile % m_perImage % m_across * extent;
        int64_t at[extent * extent];
        for (int i = 0; i < extent; ++i)
            for (int j = 0; j < extent; ++j)
                at[i * extent + j] = rows[i] + columns[j];
        for (int i = 0; i < extent * extent; ++i) // a loop of its own, which then has no branches
            out[i] = at[i] < 0 ? outside : image + at[i];
    }

    /// The rows that a tile's square touches, from its first element to behind the last.
    template<class Value>
    std::pair<Value *, Value *> rows(Value *images, int64_t tile) const
    {
        const int64_t *rows = m_rows.data() + tile % m_perImage / m_across * extent;
        Value *image = images + tile / m_perImage * m_size;
        return {image + std::max<int64_t>(0, rows[0]), image + *std::max_element(rows, rows + extent) + m_row};
    }

private:
    static std::vector<int64_t> places(int64_t size, int64_t tiles, int64_t stride, int64_t padding, int64_t step)
    {
        constexpr int64_t kOutside = std::numeric_limits<int64_t>::min() / 2;
        std::vector<int64_t> result;
        for (int64_t tile = 0; tile < tiles; ++tile)
            for (int64_t at = tile * stride - padding, i = 0; i < extent; ++i, ++at)
                result.push_back(at < 0 || at >= size ? kOutside : at * step);
        return result;
    }

    int64_t m_across, m_perImage, m_size, m_row;
    std::vector<int64_t> m_rows, m_columns;
};

/// Some tiles of all images, one behind the other.
struct Tiles
{
    int64_t first, count;
    int64_t end() const { return first + count; }
};

inline int64_t tilesAlong(int64_t size, int64_t tile)
{
    return (size + tile - 1) / tile;
}

/// The plane of tiles over all images x, whose convolution is y.
template<class F>
struct Plan
{
    int64_t down, across, tiles, block; // tiles of an image's column and row, of all images, and how many are worked on together
    Squares<F::kIn> inputs;
    Squares<F::kOut> outputs;

    Plan(const Shape &x, const Shape &y, int64_t padding, int64_t leastRows = 4)
        : down(tilesAlong(y[1], F::kOut))
        , across(tilesAlong(y[2], F::kOut))
        , tiles(x[0] * down * across)
        , inputs(x, down, across, F::kOut, padding)
        , outputs(y, down, across, F::kOut, 0)
    {
        // The points of a block's inputs shall stay in the second cache, beside what is made of them.
        constexpr int64_t kFloats = 72 * 1024;
        block = std::clamp<int64_t>(kFloats / (kPoints<F> * x[3]) / kTileRows, leastRows, 16) * kTileRows;
    }
    /// Those that are worked on together, of the tiles from `first` to `end`.
    Tiles from(int64_t first, int64_t end) const { return {first, std::clamp<int64_t>(end - first, 0, block)}; }
};

/// A matrix of tiles x channels for each point, one behind the other. The padding keeps equal places of all of them in different sets of the caches.
inline int64_t pointStep(int64_t tiles, int64_t channels)
{
    return tiles * channels + 16;
}

/// Calls body(tile, pixels) with those under each of some tiles, [extent, extent].
template<int extent, class Value, class Body>
void eachSquare(Tiles tiles, const Squares<extent> &squares, Value *images, Value *outside, Body body)
{
    Value *pixels[extent * extent];
    for (int64_t tile = 0; tile < tiles.count; ++tile) {
        squares.pixels(images, tiles.first + tile, outside, pixels);
        body(tile, pixels);
    }
}

/// Brings `width` elements of each pixel under some tiles from memory into the caches, a part of them each time, while there are products
/// to make: the transforms would wait for them.
template<class Value>
class Ahead
{
public:
    template<int extent>
    Ahead(Tiles tiles, const Squares<extent> &squares, Value *images, int64_t channels, int64_t width, int64_t parts) : m_channels(channels)
                                                                                                                      , m_width(width)
    {
        if (tiles.count == 0)
            return;
        m_at = squares.rows(images, tiles.first).first;
        m_end = squares.rows(images, tiles.end() - 1).second;
        m_part = ((m_end - m_at) / channels + parts - 1) / parts * channels;
    }
    void next()
    {
        constexpr int64_t kLine = 64 / sizeof(Value); // elements of a cache line
        Value *const end = std::min(m_at + m_part, m_end);
        for (; m_at < end; m_at += m_channels)
            for (int64_t channel = 0; channel < m_width; channel += kLine)
                if constexpr (std::is_const_v<Value>)
                    __builtin_prefetch(m_at + channel, 0, 2);
                else
                    __builtin_prefetch(m_at + channel, 1, 3);
    }

private:
    Value *m_at = nullptr, *m_end = nullptr;
    int64_t m_channels, m_width, m_part = 0;
};

/// Squares of pixels, [extent, extent] of each tile, to their values at the points: [points][tiles, width], of `width` channels.
template<class F, int extent, class Pixel, class Transform>
void gather(const Plan<F> &plan, Tiles tiles, const Squares<extent> &squares, const Pixel *images, const Pixel *outside, int64_t width, Transform transform,
            float *out)
{
    const int64_t step = pointStep(plan.block, width);
    eachSquare(tiles, squares, images, outside, [&](int64_t tile, const Pixel *const *from) {
        for (int64_t channel = 0; channel < width; channel += kLanes) {
            float *to = out + tile * width + channel;
            transformSquare<extent, F::kIn>(
                transform, [&](int i) { return load(from[i] + channel); }, [&](int i, const Lanes &value) { store(to + i * step, value); });
        }
    });
}

/// Products at the points of a block's tiles, [points][tiles, width], to pixels of `width` filters.
template<class F, class Pixel>
void scatter(const Plan<F> &plan, Tiles tiles, int64_t width, const float *products, const float *bias, Pixel *images, Pixel *outside)
{
    const int64_t step = pointStep(plan.block, width);
    eachSquare(tiles, plan.outputs, images, outside, [&](int64_t tile, Pixel *const *to) {
        for (int64_t filter = 0; filter < width; filter += kLanes) {
            const float *from = products + tile * width + filter;
            const Lanes added = bias ? load(bias + filter) : Lanes{};
            transformSquare<F::kIn, F::kOut>(
                F::fromPoints, [&](int i) { return load(from + i * step); }, [&](int i, const Lanes &value) { store(to[i] + filter, value + added); });
        }
    });
}

} // namespace pretext::cpu::winograd
