// Moves: parts of an axis, and axes that change places. Bound by memory; runs of elements that stay together are copied whole.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cstring>

namespace pretext::cpu {

namespace {

char *bytesAt(const Tensor &x, int64_t element)
{
    return static_cast<char *>(BackendAccess::storage(x).data) + size_t(element) * bytesOf(x.type());
}

/// copy(whole, part, bytes) for each run of `part` and where it lies in `whole`.
template<class Copy>
void eachRun(const Tensor &whole, const Tensor &part, SliceOptions options, Copy copy)
{
    const Shape &shape = whole.shape();
    const int64_t outer = shape.size(0, options.axis), inner = shape.size(options.axis + 1, shape.rank());
    const int64_t run = part.shape()[options.axis] * inner, step = shape[options.axis] * inner, first = options.first * inner;
    parallelFor(outer, rowGrain(run), [=, &whole, &part](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            copy(bytesAt(whole, row * step + first), bytesAt(part, row * run), size_t(run) * bytesOf(part.type()));
    });
}

/// Matrices [rows, columns] -> [columns, rows] of elements of four bytes, by tiles that stay in the first-level cache.
void transposeMatrices(const Tensor &x, int64_t matrices, int64_t rows, int64_t columns, Tensor &y)
{
    constexpr int64_t kTile = 16;
    const int64_t strips = (columns + kTile - 1) / kTile;
    parallelFor(matrices * strips, rowGrain(rows * kTile), [=, source = i32(x), target = i32(y)](int64_t begin, int64_t end) {
        for (int64_t strip = begin; strip < end; ++strip) {
            const int64_t matrix = strip / strips * rows * columns, left = strip % strips * kTile;
            for (int64_t top = 0; top < rows; top += kTile)
                for (int64_t column = left; column < std::min(columns, left + kTile); ++column)
                    for (int64_t row = top; row < std::min(rows, top + kTile); ++row)
                        target[matrix + column * rows + row] = source[matrix + row * columns + column];
        }
    });
}

} // namespace

void slice(const Tensor &x, SliceOptions options, Tensor &y)
{
    eachRun(x, y, options, [](const char *whole, char *part, size_t bytes) { std::memcpy(part, whole, bytes); });
}

void place(const Tensor &x, SliceOptions options, Tensor &y)
{
    eachRun(y, x, options, [](char *whole, const char *part, size_t bytes) { std::memcpy(whole, part, bytes); });
}

void swapAxes(const Tensor &x, SwapOptions options, Tensor &y)
{
    const Shape &shape = x.shape();
    const int64_t outer = shape.size(0, options.axis), rows = shape[options.axis], columns = shape[options.axis + 1];
    const int64_t inner = shape.size(options.axis + 2, shape.rank());
    if (inner == 1 && bytesOf(x.type()) == sizeof(int32_t))
        return transposeMatrices(x, outer, rows, columns, y);
    parallelFor(outer * columns, rowGrain(rows * inner), [=, &x, &y](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end; ++at)
            for (int64_t row = 0; row < rows; ++row)
                std::memcpy(bytesAt(y, (at * rows + row) * inner), bytesAt(x, ((at / columns * rows + row) * columns + at % columns) * inner),
                            size_t(inner) * bytesOf(x.type()));
    });
}

} // namespace pretext::cpu
