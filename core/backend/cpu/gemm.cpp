#include "core/backend/cpu/gemm.h"

#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/gemmpacking.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/unary.h"

#include <type_traits>

namespace pretext::cpu::gemm {

namespace {

// A panel of B (kInnerLanes x kTileColumns) stays in the first cache, a block of A (kBlockRows x kInnerLanes, 96 KiB) in the second.
constexpr int64_t kBlockColumns = 1024;

struct Range
{
    int64_t begin, end;
    int64_t size() const { return end - begin; }
};

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

/// Where a tile of sums goes, of floats or bfloat16: y = alpha sum + beta y + bias.
template<class Out>
struct Tile
{
    Out *y;
    int64_t step;
    float alpha, beta;
    const float *bias; // or none
    int64_t columns;
};

template<int Rows, class Out>
inline void writeTile(const Lanes (&sums)[Rows][2], const Tile<Out> &tile)
{
    const int64_t counts[2] = {std::min<int64_t>(kLanes, tile.columns), std::max<int64_t>(0, tile.columns - kLanes)};
    const auto part = [&](const auto *from, int half) { return loadPart(from + half * kLanes, counts[half]); };
    const Lanes bias[2] = {tile.bias ? part(tile.bias, 0) : Lanes{}, tile.bias ? part(tile.bias, 1) : Lanes{}};
    Out *to = tile.y;
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
template<int Rows, class Out>
inline void writeWholeTile(const Lanes (&sums)[Rows][2], const Tile<Out> &tile)
{
    const Lanes bias[2] = {tile.bias ? load(tile.bias) : Lanes{}, tile.bias ? load(tile.bias + kLanes) : Lanes{}};
    Out *to = tile.y;
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row, to += tile.step)
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            const Lanes value = tile.alpha * sums[row][half] + bias[half];
            store(to + half * kLanes, tile.beta != 0 ? value + tile.beta * load(to + half * kLanes) : value);
        }
}

/// A tile of A B. Row `row` of A has its lane k at a[row * rowStep + k * innerStep]; b is a panel; both are `depth` lanes deep. The loops over
/// rows are unrolled by hand, so to say: else the compiler keeps the sums in memory between them, which costs a fifth of the time where the
/// inner extent is short.
template<class Element, int Rows, int InnerStep, class Out>
inline void multiplyTile(const float *a, int64_t rowStep, const float *b, int64_t depth, const Tile<Out> &tile)
{
    Lanes sums[Rows][2];
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row) {
        sums[row][0] = sums[row][1] = Lanes{};
        __builtin_prefetch(tile.y + row * tile.step, 1);
        __builtin_prefetch(tile.y + row * tile.step + kLanes, 1);
    }
#pragma GCC unroll 4
    for (int64_t k = 0; k < depth; ++k, a += InnerStep, b += kTileColumns) {
        const Lanes left = load(b), right = load(b + kLanes);
#pragma GCC unroll 8
        for (int row = 0; row < Rows; ++row) {
            const float factor = a[row * rowStep];
            sums[row][0] = Element::multiplyAdd(factor, left, sums[row][0]);
            sums[row][1] = Element::multiplyAdd(factor, right, sums[row][1]);
        }
    }
    tile.columns == kTileColumns ? writeWholeTile<Rows>(sums, tile) : writeTile<Rows>(sums, tile);
}

template<class Element, int InnerStep, class Out>
inline void multiplyRows(int64_t rows, const float *a, int64_t rowStep, const float *b, int64_t depth, const Tile<Out> &tile)
{
    switch (rows) {
    case 1: return multiplyTile<Element, 1, InnerStep>(a, rowStep, b, depth, tile);
    case 2: return multiplyTile<Element, 2, InnerStep>(a, rowStep, b, depth, tile);
    case 3: return multiplyTile<Element, 3, InnerStep>(a, rowStep, b, depth, tile);
    case 4: return multiplyTile<Element, 4, InnerStep>(a, rowStep, b, depth, tile);
    case 5: return multiplyTile<Element, 5, InnerStep>(a, rowStep, b, depth, tile);
    default: return multiplyTile<Element, kTileRows, InnerStep>(a, rowStep, b, depth, tile);
    }
}

struct Product
{
    Factor a, b;
    int64_t inner, columns;
    Tensor &y;
    float alpha, beta;
    Finish finish;
};

/// A block of A's rows in lanes: one row behind the other, or in panels.
struct Left
{
    const float *data;
    int64_t rowStep; // in panels the lanes of one
    bool panels;
};

/// Where A's rows are in memory as they are multiplied, from row `first` and column k on; else null.
template<class Element>
const float *readyRows(const Product &p, int64_t first, int64_t k)
{
    if (p.a.rowStep == 1)
        return nullptr;
    if constexpr (Element::kPlain)
        return f32(p.a.x) + first * p.a.rowStep + k;
    const bool inPairs = Element::kDepth == 2 && p.a.x.type() == DType::bf16 && p.inner % 2 == 0;
    return inPairs ? reinterpret_cast<const float *>(bf16(p.a.x) + first * p.a.rowStep + k) : nullptr;
}

template<class Element>
Left leftOf(const Product &p, Range rows, int64_t k, int64_t depth, float *memory)
{
    if (const float *ready = readyRows<Element>(p, rows.begin, k))
        return {ready, p.a.rowStep / Element::kDepth, false};
    const bool panels = p.a.rowStep == 1;
    withMatrix<Element>(p.a, [&](auto a) {
        panels ? packAcross<Element, kTileRows>(a, rows.begin, rows.size(), k, depth, memory) : packRows<Element>(a, rows.begin, rows.size(), k, depth, memory);
    });
    return {memory, lanesOf<Element>(depth), panels};
}

/// A block of rows by a block of packed columns, over one block of the inner extent that begins at k, to `y`.
template<class Element, class Out>
void multiplyBlock(const Product &p, Range rows, Range columns, int64_t k, float *memory, const float *packedB, Out *y)
{
    const int64_t depth = std::min(kInner<Element>, p.inner - k), lanes = lanesOf<Element>(depth);
    const Left left = leftOf<Element>(p, rows, k, depth, memory);
    if (left.panels && p.finish.leftSums && columns.begin == 0)
        addRowSums(left.data, rows.size(), depth, p.finish.leftSums + rows.begin);
    for (int64_t column = columns.begin; column < columns.end; column += kTileColumns, packedB += kTileColumns * lanes)
        for (int64_t row = rows.begin; row < rows.end; row += kTileRows) {
            const Tile<Out> tile{y + row * p.columns + column,
                                 p.columns,
                                 p.alpha,
                                 k == 0 ? p.beta : 1.f,
                                 k == 0 && p.finish.bias ? p.finish.bias + column : nullptr,
                                 std::min(kTileColumns, columns.end - column)};
            const int64_t count = std::min(kTileRows, rows.end - row);
            const float *a = left.data + (row - rows.begin) * left.rowStep;
            left.panels ? multiplyRows<Element, kTileRows>(count, a, 1, packedB, lanes, tile)
                        : multiplyRows<Element, 1>(count, a, left.rowStep, packedB, lanes, tile);
        }
    if (k + depth == p.inner && p.finish.activation != Activation::none)
        for (int64_t row = rows.begin; row < rows.end; ++row)
            activate(p.finish.activation, p.y, p.finish.z, row * p.columns + columns.begin, columns.size());
}

/// y's part rows x columns, on one thread. The sums are kept as Out: where that is bfloat16 and there is an activation, in z.
template<class Element, class Out>
void multiplyPart(const Product &p, Range rows, Range columns)
{
    Tensor memory({kBlockRows * kInnerLanes}), packedB({paddedColumns(std::min(columns.size(), kBlockColumns)) * kInnerLanes});
    const Factor turned = p.b.turned();
    Out *const y = elements<Out>(std::is_same_v<Out, uint16_t> && p.finish.z.defined() ? p.finish.z : p.y);
    for (int64_t column = columns.begin; column < columns.end; column += kBlockColumns)
        for (int64_t k = 0; k < p.inner; k += kInner<Element>) {
            const Range block{column, std::min(column + kBlockColumns, columns.end)};
            const int64_t depth = std::min(kInner<Element>, p.inner - k);
            withMatrix<Element>(turned, [&](auto b) {
                turned.rowStep == 1 ? packAcross<Element, kTileColumns>(b, column, block.size(), k, depth, f32(packedB))
                                    : packAlong<Element, kTileColumns>(b, column, block.size(), k, depth, f32(packedB));
            });
            for (int64_t row = rows.begin; row < rows.end; row += kBlockRows)
                multiplyBlock<Element>(p, {row, std::min(row + kBlockRows, rows.end)}, block, k, f32(memory), f32(packedB), y);
        }
}

Factor oriented(const Tensor &x, bool transposed)
{
    const int64_t step = x.shape()[1];
    return transposed ? Factor{x, 1, step} : Factor{x, step, 1};
}

/// To bfloat16 by way of floats, since its sums would not bear being rounded in between.
void multiplyWide(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y, const Finish &finish)
{
    Tensor wide(y.shape());
    multiply(a, b, options, wide, {.bias = finish.bias});
    Tensor sums = finish.z.defined() ? finish.z : y;
    copy(wide, sums);
    if (finish.activation != Activation::none)
        unary(sums, {finish.activation}, y);
}

} // namespace

void multiply(const Tensor &a, const Tensor &b, MatmulOptions options, Tensor &y, Finish finish)
{
    const bool narrow = options.precision == Precision::bf16;
    const int64_t rows = y.shape()[0], columns = y.shape()[1], inner = a.shape()[options.transposeA ? 0 : 1];
    if (y.type() == DType::bf16 && inner > kInner<Bf16>)
        return multiplyWide(a, b, options, y, finish);
    const Product product{oriented(a, options.transposeA), oriented(b, options.transposeB), inner, columns, y, options.alpha, options.beta, finish};
    // Threads share out whole tiles of the longer side.
    const bool byRows = rows >= columns;
    const int64_t tile = byRows ? kTileRows : kTileColumns, tiles = ((byRows ? rows : columns) + tile - 1) / tile;
    constexpr int64_t kWorth = 1 << 18; // multiplications that are worth waking the team
    parallelFor(tiles, rows * columns * inner < kWorth ? tiles : 1, [&](int64_t begin, int64_t end) {
        const Range part{begin * tile, std::min(end * tile, byRows ? rows : columns)};
        const auto multiply = y.type() == DType::bf16 ? multiplyPart<Bf16, uint16_t> : narrow ? multiplyPart<Bf16, float> : multiplyPart<F32, float>;
        multiply(product, byRows ? part : Range{0, rows}, byRows ? Range{0, columns} : part);
    });
}

} // namespace pretext::cpu::gemm
