// Products of blocks that fit the caches, on one thread, for attention and convolutions. B and C are padded to whole tiles of columns; A is read one
// element at a time, so its transpose costs nothing.
#pragma once

#include "core/backend/cpu/elementkinds.h"

#include <algorithm>

namespace pretext::cpu {

constexpr int64_t kTileColumns = 2 * kLanes, kTileRows = 6; // twelve sums, two of B, one of A: AVX2's sixteen registers

inline int64_t paddedColumns(int64_t columns)
{
    return (columns + kTileColumns - 1) / kTileColumns * kTileColumns;
}

/// Element (i, k) at data[i * rowStep + k * innerStep].
struct LeftFactor
{
    const float *data;
    int64_t rowStep, innerStep;
};

/// Unrolled by pragma, since the compiler otherwise keeps the sums in memory before and after the inner loop. A call of it would take a tenth as
/// long as a tile that is sixteen deep.
template<int Rows, bool Add, int Vectors, class Element>
[[gnu::always_inline]] inline void multiplyTile(LeftFactor a, const float *b, int64_t bStep, float *c, int64_t cStep, int64_t inner)
{
    Lanes sums[Rows][Vectors];
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 2
        for (int i = 0; i < Vectors; ++i)
            sums[row][i] = Add ? load(c + row * cStep + i * kLanes) : Lanes{};
#pragma GCC unroll 4
    for (int64_t k = 0; k < inner; ++k, b += bStep) {
        Lanes right[Vectors];
#pragma GCC unroll 2
        for (int i = 0; i < Vectors; ++i)
            right[i] = load(b + i * kLanes);
#pragma GCC unroll 8
        for (int row = 0; row < Rows; ++row) {
            const float factor = a.data[row * a.rowStep + k * a.innerStep];
#pragma GCC unroll 2
            for (int i = 0; i < Vectors; ++i)
                sums[row][i] = Element::multiplyAdd(factor, right[i], sums[row][i]);
        }
    }
#pragma GCC unroll 8
    for (int row = 0; row < Rows; ++row)
#pragma GCC unroll 2
        for (int i = 0; i < Vectors; ++i)
            store(c + row * cStep + i * kLanes, sums[row][i]);
}

/// C [rows x columns] = A [rows x inner] B [inner x columns], or with Add, C += A B. `columns` is a multiple of
/// Vectors * kLanes; `inner` counts lanes.
template<bool Add, int Vectors = 2, class Element = F32>
void multiplyBlock(LeftFactor a, const float *b, int64_t bStep, float *c, int64_t cStep, int64_t rows, int64_t columns, int64_t inner)
{
    for (int64_t column = 0; column < columns; column += Vectors * kLanes)
        for (int64_t row = 0, tile; row < rows; row += tile) {
            tile = rows - row == kTileRows + 1 || rows - row == kTileRows + 2 ? kTileRows - 2 : std::min(kTileRows, rows - row);
            const LeftFactor left{a.data + row * a.rowStep, a.rowStep, a.innerStep};
            float *to = c + row * cStep + column;
            switch (tile) {
            case 1: multiplyTile<1, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner); break;
            case 2: multiplyTile<2, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner); break;
            case 3: multiplyTile<3, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner); break;
            case 4: multiplyTile<4, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner); break;
            case 5: multiplyTile<5, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner); break;
            default: multiplyTile<6, Add, Vectors, Element>(left, b + column, bStep, to, cStep, inner);
            }
        }
}

} // namespace pretext::cpu
