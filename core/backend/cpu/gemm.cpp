#include "core/backend/cpu/gemm.h"

#include "core/backend/access.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/smallgemm.h"

namespace pretext::cpu::gemm {

namespace {

// A panel of B (kInner x kTileColumns, 16 KiB) stays in the first cache, a block of A (kBlockRows x kInner, 144 KiB) in the second.
constexpr int64_t kInner = 256, kBlockRows = 24 * kTileRows, kBlockColumns = 1024;

/// Element (i, j) at data[i * rowStep + j * columnStep]; one of the steps is 1.
struct Matrix { const float *data; int64_t rowStep, columnStep; };

struct Target
{
    float *data;
    int64_t step;
    float alpha, beta;
};

/// The rows [first, first + count) of a matrix, columns [inner, inner + depth), in panels of `width` rows, column after column: element
/// (row, k) of a panel at k * width + row. Rows beyond the last are zero.
template<int64_t width>
void packPanels(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    for (int64_t panel = 0; panel < count; panel += width, out += width * depth) {
        const float *in = m.data + (first + panel) * m.rowStep + inner * m.columnStep;
        const int64_t rows = std::min(width, count - panel);
        if (rows < width)
            std::fill_n(out, width * depth, 0.f);
        if (rows == width && m.rowStep == 1) {
            for (int64_t k = 0; k < depth; ++k)
                for (int64_t row = 0; row < width; ++row)
                    out[k * width + row] = in[k * m.columnStep + row];
        } else {
            for (int64_t row = 0; row < rows; ++row)
                for (int64_t k = 0; k < depth; ++k)
                    out[k * width + row] = in[row * m.rowStep + k * m.columnStep];
        }
    }
}

/// sums = A B for a panel of each.
inline void multiplyPanels(const float *a, const float *b, int64_t depth, Lanes (&sums)[kTileRows][2])
{
    Lanes c[kTileRows][2] = {};
    for (int64_t k = 0; k < depth; ++k, a += kTileRows, b += kTileColumns) {
        const Lanes left = load(b), right = load(b + kLanes);
        for (int row = 0; row < kTileRows; ++row) {
            c[row][0] += a[row] * left;
            c[row][1] += a[row] * right;
        }
    }
    for (int row = 0; row < kTileRows; ++row)
        for (int half = 0; half < 2; ++half)
            sums[row][half] = c[row][half];
}

/// Adds a tile of sums to y, or with the first of the inner blocks to beta y.
inline void addTile(const Lanes (&sums)[kTileRows][2], const Target &y, int64_t row, int64_t column, int64_t rows, int64_t columns, bool first)
{
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t half = 0; half < 2 && half * kLanes < columns; ++half) {
            float *to = y.data + (row + i) * y.step + column + half * kLanes;
            const int64_t count = std::min<int64_t>(kLanes, columns - half * kLanes);
            const bool whole = count == kLanes;
            Lanes value = y.alpha * sums[i][half];
            if (const float beta = first ? y.beta : 1.f; beta != 0)
                value += beta * (whole ? load(to) : loadPart(to, count));
            whole ? store(to, value) : storePart(to, value, count);
        }
}

struct Range { int64_t begin, end; int64_t size() const { return end - begin; } };

/// y's part rows x columns, on one thread.
void multiplyPart(Matrix a, Matrix b, int64_t inner, const Target &y, Range rows, Range columns)
{
    Tensor packedA({kBlockRows * kInner}), packedB({paddedColumns(std::min(columns.size(), kBlockColumns)) * kInner});
    const Matrix turned{b.data, b.columnStep, b.rowStep};
    for (int64_t column = columns.begin; column < columns.end; column += kBlockColumns)
        for (int64_t k = 0; k < inner; k += kInner) {
            const int64_t depth = std::min(kInner, inner - k), width = std::min(kBlockColumns, columns.end - column);
            packPanels<kTileColumns>(turned, column, width, k, depth, f32(packedB));
            for (int64_t row = rows.begin; row < rows.end; row += kBlockRows) {
                const int64_t height = std::min(kBlockRows, rows.end - row);
                packPanels<kTileRows>(a, row, height, k, depth, f32(packedA));
                for (int64_t j = 0; j < width; j += kTileColumns)
                    for (int64_t i = 0; i < height; i += kTileRows) {
                        Lanes sums[kTileRows][2];
                        multiplyPanels(f32(packedA) + i * depth, f32(packedB) + j * depth, depth, sums);
                        addTile(sums, y, row + i, column + j, std::min(kTileRows, height - i), std::min(kTileColumns, width - j), k == 0);
                    }
            }
        }
}

Matrix oriented(const Tensor &x, bool transposed)
{
    const int64_t step = x.shape()[1];
    return transposed ? Matrix{f32(x), 1, step} : Matrix{f32(x), step, 1};
}

} // namespace

void multiply(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y)
{
    const int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[options.transposeA ? 0 : 1];
    const Matrix left = oriented(a, options.transposeA), right = oriented(b, options.transposeB);
    const Target target{f32(y), columns, options.alpha, options.beta};
    // Threads share out whole tiles of the longer side.
    const bool byRows = rows >= columns;
    const int64_t tile = byRows ? kTileRows : kTileColumns, tiles = ((byRows ? rows : columns) + tile - 1) / tile;
    constexpr int64_t kWorth = 1 << 18; // multiplications that are worth waking the team
    parallelFor(tiles, rows * columns * inner < kWorth ? tiles : 1, [&](int64_t begin, int64_t end) {
        const Range part{begin * tile, std::min(end * tile, byRows ? rows : columns)};
        multiplyPart(left, right, inner, target, byRows ? part : Range{0, rows}, byRows ? Range{0, columns} : part);
    });
}

} // namespace pretext::cpu::gemm
