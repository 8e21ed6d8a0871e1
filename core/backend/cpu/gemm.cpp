#include "core/backend/cpu/gemm.h"

#include "core/backend/access.h"
#include "core/backend/cpu/activation.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"

namespace pretext::cpu::gemm {

namespace {

// A panel of B (kInner x kTileColumns, 16 KiB) stays in the first cache, a block of A (kBlockRows x kInner, 96 KiB) in the second.
constexpr int64_t kInner = 256, kBlockRows = 16 * kTileRows, kBlockColumns = 1024;

/// Element (i, j) at data[i * rowStep + j * columnStep]; one of the steps is 1.
struct Matrix { const float *data; int64_t rowStep, columnStep; };

struct Range { int64_t begin, end; int64_t size() const { return end - begin; } };

/// A panel is `width` rows of a matrix, zero where there are fewer, column after column: element (row, k) at k * width + row. This packs the
/// rows of [first, first + count) into panels, columns [inner, inner + depth). For rows that lie side by side:
template<int64_t width>
void packAcross(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    constexpr int64_t kTogether = 8; // columns at a time for all panels, since a panel is narrower than a cache line
    constexpr int64_t kVectors = (width + kLanes - 1) / kLanes * kLanes, kSpilled = (kVectors - 1) / width;
    for (int64_t begin = 0; begin < depth; begin += kTogether)
        for (int64_t panel = 0; panel < count; panel += width)
            for (int64_t k = begin; k < std::min(begin + kTogether, depth); ++k) {
                const float *in = m.data + first + panel + (inner + k) * m.columnStep;
                float *to = out + panel * depth + k * width;
                // Whole vectors may reach into the next kSpilled columns, which are written later, but not beyond a panel's or a matrix's end.
                const bool spill = panel + kVectors <= count && k + kSpilled < depth;
                const int64_t rows = std::min(width, count - panel);
                for (int64_t i = 0; i < width; i += kLanes)
                    if (spill || i + kLanes <= rows)
                        store(to + i, load(in + i));
                    else
                        storePart(to + i, loadPart(in + i, std::clamp<int64_t>(rows - i, 0, kLanes)), std::min<int64_t>(kLanes, width - i));
            }
}

/// The same where each row's elements lie side by side.
template<int64_t width>
void packAlong(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    for (int64_t panel = 0; panel < count; panel += width, out += width * depth) {
        const float *in = m.data + (first + panel) * m.rowStep + inner;
        const int64_t rows = std::min(width, count - panel);
        if (rows < width)
            std::fill_n(out, width * depth, 0.f);
        for (int64_t row = 0; row < rows; ++row)
            for (int64_t k = 0; k < depth; ++k)
                out[k * width + row] = in[row * m.rowStep + k];
    }
}

/// Adds each row of packed panels, `count` in all, to its sum.
void addRowSums(const float *packed, int64_t count, int64_t depth, double *sums)
{
    constexpr int64_t kTogether = 4 * kTileRows; // whole vectors
    for (int64_t panel = 0; panel < count; panel += kTileRows, packed += kTileRows * depth) {
        float part[kTogether] = {};
        const int64_t size = kTileRows * depth, whole = size / kTogether * kTogether;
        for (int64_t i = 0; i < whole; i += kTogether)
            for (int64_t j = 0; j < kTogether; ++j)
                part[j] += packed[i + j];
        for (int64_t i = whole; i < size; ++i)
            part[i - whole] += packed[i];
        for (int64_t j = 0; j < kTogether; ++j)
            if (const int64_t row = panel + j % kTileRows; row < count)
                sums[row] += double(part[j]);
    }
}

/// Where a tile of sums goes: y = alpha sum + beta y + bias.
struct Tile
{
    float *y;
    int64_t step;
    float alpha, beta;
    const float *bias; // or none
    int64_t columns;
};

template<int Rows>
inline void writeTile(const Lanes (&sums)[Rows][2], const Tile &tile)
{
    const int64_t counts[2] = {std::min<int64_t>(kLanes, tile.columns), std::max<int64_t>(0, tile.columns - kLanes)};
    const auto part = [&](const float *from, int half) { return loadPart(from + half * kLanes, counts[half]); };
    const Lanes bias[2] = {tile.bias ? part(tile.bias, 0) : Lanes{}, tile.bias ? part(tile.bias, 1) : Lanes{}};
    float *to = tile.y;
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row, to += tile.step)
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            Lanes value = tile.alpha * sums[row][half] + bias[half];
            if (tile.beta != 0)
                value += tile.beta * part(to, half);
            storePart(to + half * kLanes, value, counts[half]);
        }
}

/// The same without a part of a vector, which is nearly all of the time.
template<int Rows>
inline void writeWholeTile(const Lanes (&sums)[Rows][2], const Tile &tile)
{
    const Lanes bias[2] = {tile.bias ? load(tile.bias) : Lanes{}, tile.bias ? load(tile.bias + kLanes) : Lanes{}};
    float *to = tile.y;
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row, to += tile.step)
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            const Lanes value = tile.alpha * sums[row][half] + bias[half];
            store(to + half * kLanes, tile.beta != 0 ? value + tile.beta * load(to + half * kLanes) : value);
        }
}

/// A tile of A B. Element (row, k) of A is at a[row * rowStep + k * innerStep]; b is a panel. The loops over rows are unrolled by hand, so to
/// say: else the compiler keeps the sums in memory between them, which costs a fifth of the time where the inner extent is short.
template<int Rows, int InnerStep>
inline void multiplyTile(const float *a, int64_t rowStep, const float *b, int64_t depth, const Tile &tile)
{
    Lanes sums[Rows][2];
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row)
        sums[row][0] = sums[row][1] = Lanes{};
#pragma GCC unroll 4
    for (int64_t k = 0; k < depth; ++k, a += InnerStep, b += kTileColumns) {
        const Lanes left = load(b), right = load(b + kLanes);
#pragma GCC unroll 8
        for (int row = 0; row < Rows; ++row) {
            const float factor = a[row * rowStep];
            sums[row][0] += factor * left;
            sums[row][1] += factor * right;
        }
    }
    tile.columns == kTileColumns ? writeWholeTile<Rows>(sums, tile) : writeTile<Rows>(sums, tile);
}

template<int InnerStep>
inline void multiplyRows(int64_t rows, const float *a, int64_t rowStep, const float *b, int64_t depth, const Tile &tile)
{
    switch (rows) {
    case 1: return multiplyTile<1, InnerStep>(a, rowStep, b, depth, tile);
    case 2: return multiplyTile<2, InnerStep>(a, rowStep, b, depth, tile);
    case 3: return multiplyTile<3, InnerStep>(a, rowStep, b, depth, tile);
    case 4: return multiplyTile<4, InnerStep>(a, rowStep, b, depth, tile);
    case 5: return multiplyTile<5, InnerStep>(a, rowStep, b, depth, tile);
    default: return multiplyTile<kTileRows, InnerStep>(a, rowStep, b, depth, tile);
    }
}

struct Product
{
    Matrix a, b;
    int64_t inner, columns;
    float *y, alpha, beta;
    Finish finish;
};

/// A block of rows by a block of packed columns, over one block of the inner extent that begins at k.
void multiplyBlock(const Product &p, Range rows, Range columns, int64_t k, float *packedA, const float *packedB)
{
    const int64_t depth = std::min(kInner, p.inner - k);
    const bool across = p.a.rowStep == 1; // then A is read in panels; else its rows as they are, which costs no copy
    if (across)
        packAcross<kTileRows>(p.a, rows.begin, rows.size(), k, depth, packedA);
    if (across && p.finish.leftSums && columns.begin == 0)
        addRowSums(packedA, rows.size(), depth, p.finish.leftSums + rows.begin);
    for (int64_t column = columns.begin; column < columns.end; column += kTileColumns, packedB += kTileColumns * depth)
        for (int64_t row = rows.begin; row < rows.end; row += kTileRows) {
            const Tile tile{p.y + row * p.columns + column, p.columns, p.alpha, k == 0 ? p.beta : 1.f,
                            k == 0 && p.finish.bias ? p.finish.bias + column : nullptr, std::min(kTileColumns, columns.end - column)};
            const int64_t count = std::min(kTileRows, rows.end - row);
            if (across)
                multiplyRows<kTileRows>(count, packedA + (row - rows.begin) * depth, 1, packedB, depth, tile);
            else
                multiplyRows<1>(count, p.a.data + row * p.a.rowStep + k, p.a.rowStep, packedB, depth, tile);
        }
    if (k + depth < p.inner || p.finish.activation == Activation::none)
        return;
    for (int64_t row = rows.begin; row < rows.end; ++row) {
        const int64_t first = row * p.columns + columns.begin;
        activate(p.finish.activation, p.y + first, p.finish.slope ? p.finish.slope + first : nullptr, columns.size());
    }
}

/// y's part rows x columns, on one thread.
void multiplyPart(const Product &p, Range rows, Range columns)
{
    Tensor packedA({kBlockRows * kInner}), packedB({paddedColumns(std::min(columns.size(), kBlockColumns)) * kInner});
    const Matrix turned{p.b.data, p.b.columnStep, p.b.rowStep};
    for (int64_t column = columns.begin; column < columns.end; column += kBlockColumns)
        for (int64_t k = 0; k < p.inner; k += kInner) {
            const Range block{column, std::min(column + kBlockColumns, columns.end)};
            const auto pack = turned.rowStep == 1 ? packAcross<kTileColumns> : packAlong<kTileColumns>;
            pack(turned, column, block.size(), k, std::min(kInner, p.inner - k), f32(packedB));
            for (int64_t row = rows.begin; row < rows.end; row += kBlockRows)
                multiplyBlock(p, {row, std::min(row + kBlockRows, rows.end)}, block, k, f32(packedA), f32(packedB));
        }
}

Matrix oriented(const Tensor &x, bool transposed)
{
    const int64_t step = x.shape()[1];
    return transposed ? Matrix{f32(x), 1, step} : Matrix{f32(x), step, 1};
}

} // namespace

void multiply(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y, Finish finish)
{
    const int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[options.transposeA ? 0 : 1];
    const Product product{oriented(a, options.transposeA), oriented(b, options.transposeB), inner, columns, f32(y), options.alpha, options.beta, finish};
    // Threads share out whole tiles of the longer side.
    const bool byRows = rows >= columns;
    const int64_t tile = byRows ? kTileRows : kTileColumns, tiles = ((byRows ? rows : columns) + tile - 1) / tile;
    constexpr int64_t kWorth = 1 << 18; // multiplications that are worth waking the team
    parallelFor(tiles, rows * columns * inner < kWorth ? tiles : 1, [&](int64_t begin, int64_t end) {
        const Range part{begin * tile, std::min(end * tile, byRows ? rows : columns)};
        multiplyPart(product, byRows ? part : Range{0, rows}, byRows ? Range{0, columns} : part);
    });
}

} // namespace pretext::cpu::gemm
