// What a product reads: its factors, packed into panels of lanes (elementkinds.h).
#pragma once

#include "core/backend/cpu/smallgemm.h"

namespace pretext::cpu::gemm {

constexpr int64_t kInner = 256; // at most so much of the inner extent at a time

template<class Element>
constexpr int64_t lanesOf(int64_t depth)
{
    return (depth + Element::kDepth - 1) / Element::kDepth;
}

/// Element (i, j) at data[i * rowStep + j * columnStep]; one of the steps is 1.
struct Matrix { const float *data; int64_t rowStep, columnStep; };

/// A panel is `width` rows of a matrix, zero where there are fewer, lane after lane: lane k of a row at k * width + row. This packs the rows of
/// [first, first + count) into panels, columns [inner, inner + depth). For rows that lie side by side:
template<class Element, int64_t width>
void packAcross(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    constexpr int64_t kTogether = 8; // lanes at a time for all panels, since a panel is narrower than a cache line
    constexpr int64_t kVectors = (width + kLanes - 1) / kLanes * kLanes, kSpilled = (kVectors - 1) / width;
    const int64_t lanes = lanesOf<Element>(depth);
    for (int64_t begin = 0; begin < lanes; begin += kTogether)
        for (int64_t panel = 0; panel < count; panel += width)
            for (int64_t k = begin; k < std::min(begin + kTogether, lanes); ++k) {
                const float *in = m.data + first + panel + (inner + k * Element::kDepth) * m.columnStep;
                const bool single = (k + 1) * Element::kDepth > depth; // the last of an odd number has no neighbour
                float *to = out + panel * lanes + k * width;
                // Whole vectors may reach into the next kSpilled lanes, which are written later, but not beyond a panel's or a matrix's end.
                const bool spill = panel + kVectors <= count && k + kSpilled < lanes;
                const int64_t rows = std::min(width, count - panel);
                for (int64_t i = 0; i < width; i += kLanes) {
                    const int64_t here = std::clamp<int64_t>(rows - i, 0, kLanes);
                    const bool whole = spill || here == kLanes;
                    const auto column = [&](const float *from) { return whole ? load(from + i) : loadPart(from + i, here); };
                    const Lanes value = Element::join(column(in), Element::kDepth == 1 || single ? Lanes{} : column(in + m.columnStep));
                    whole ? store(to + i, value) : storePart(to + i, value, std::min<int64_t>(kLanes, width - i));
                }
            }
}

/// `depth` neighbours as lanes.
template<class Element>
void packRun(const float *in, int64_t depth, float *out)
{
    constexpr int64_t kStep = Element::kDepth * kLanes;
    int64_t k = 0;
    for (; k + kStep <= depth; k += kStep, out += kLanes)
        store(out, Element::neighbours(load(in + k), load(in + k + kStep - kLanes)));
    if (k == depth)
        return;
    const int64_t left = depth - k, first = std::min<int64_t>(kLanes, left);
    storePart(out, Element::neighbours(loadPart(in + k, first), loadPart(in + k + first, left - first)), lanesOf<Element>(left));
}

/// Rows whose elements lie side by side, one behind the other.
template<class Element>
void packRows(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    if constexpr (!Element::kPlain)
        for (int64_t row = 0; row < count; ++row, out += lanesOf<Element>(depth))
            packRun<Element>(m.data + (first + row) * m.rowStep + inner, depth, out);
}

/// The same in panels.
template<class Element, int64_t width>
void packAlong(Matrix m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    const int64_t lanes = lanesOf<Element>(depth);
    float packed[kInner];
    for (int64_t panel = 0; panel < count; panel += width, out += width * lanes) {
        const int64_t rows = std::min(width, count - panel);
        if (rows < width)
            std::fill_n(out, width * lanes, 0.f);
        for (int64_t row = 0; row < rows; ++row) {
            const float *in = m.data + (first + panel + row) * m.rowStep + inner;
            if constexpr (!Element::kPlain) {
                packRun<Element>(in, depth, packed);
                in = packed;
            }
            for (int64_t k = 0; k < lanes; ++k)
                out[k * width + row] = in[k];
        }
    }
}

} // namespace pretext::cpu::gemm
