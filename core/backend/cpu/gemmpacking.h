// What a product reads: its factors, packed into panels of lanes (elementkinds.h).
#pragma once

#include "core/backend/cpu/rows.h"
#include "core/backend/cpu/smallgemm.h"

namespace pretext::cpu::gemm {

constexpr int64_t kBlockRows = 16 * kTileRows; // of A at a time
constexpr int64_t kInnerLanes = 256;           // at most so much of the inner extent at a time
template<class Element>
constexpr int64_t kInner = kInnerLanes *Element::kDepth;

/// Element (i, j) at data[i * rowStep + j * columnStep]; one of the steps is 1.
template<class T>
struct Matrix
{
    const T *data;
    int64_t rowStep, columnStep;
};

/// A matrix whose elements are floats, or bfloat16 where those are multiplied.
struct Factor
{
    const Tensor &x;
    int64_t rowStep, columnStep;
    Factor turned() const { return {x, columnStep, rowStep}; }
};

template<class Element, class Use>
void withMatrix(const Factor &factor, Use use)
{
    if constexpr (!Element::kPlain)
        if (factor.x.type() == DType::bf16)
            return use(Matrix<uint16_t>{bf16(factor.x), factor.rowStep, factor.columnStep});
    use(Matrix<float>{f32(factor.x), factor.rowStep, factor.columnStep});
}

inline Lanes loadColumn(const float *from)
{
    return load(from);
}
inline Lanes loadColumn(const float *from, int64_t count)
{
    return loadPart(from, count);
}
inline HalfLanes loadColumn(const uint16_t *from)
{
    return loadHalves(from);
}
inline HalfLanes loadColumn(const uint16_t *from, int64_t count)
{
    return loadHalves(from, count);
}

constexpr int64_t kTogether = 8; // lanes at a time for all panels, whose rows are parts of the same cache lines

/// Of `count` rows that lie side by side, lane k of those columns that begin at `in`, `depth` in all: `width` lanes, zero where there are no rows.
template<class Element, class T>
inline void joinAcross(const T *in, int64_t columnStep, int64_t depth, int64_t k, int64_t count, int64_t width, float *out)
{
    in += k * Element::kDepth * columnStep;
    const bool single = (k + 1) * Element::kDepth > depth; // the last of an odd number has no neighbour
    for (int64_t i = 0; i < width; i += kLanes) {
        const int64_t here = std::clamp<int64_t>(count - i, 0, kLanes);
        const auto column = [&](const T *from) { return here == kLanes ? loadColumn(from + i) : loadColumn(from + i, here); };
        const auto even = column(in);
        for (int64_t next = 0; next < Element::kDepth; ++next) // short pieces of many rows, which the processor does not foresee
            __builtin_prefetch(in + (kTogether * Element::kDepth + next) * columnStep + i);
        store(out + i, Element::join(even, Element::kDepth == 1 || single ? decltype(even){} : column(in + columnStep)));
    }
}

/// A panel is `width` rows of a matrix, zero where there are fewer, lane after lane: lane k of a row at k * width + row. This packs the rows of
/// [first, first + count) into panels, columns [inner, inner + depth). For rows that lie side by side:
template<class Element, int64_t width, class T>
void packAcross(Matrix<T> m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    const int64_t lanes = lanesOf<Element>(depth);
    const T *in = m.data + first + inner * m.columnStep;
    float joined[kTogether][kBlockRows + 2 * kLanes]; // where panels are no whole vectors
    for (int64_t begin = 0; begin < lanes; begin += kTogether) {
        const int64_t end = std::min(begin + kTogether, lanes);
        if constexpr (width % kLanes != 0)
            for (int64_t k = begin; k < end; ++k)
                joinAcross<Element>(in, m.columnStep, depth, k, count, count + kLanes, joined[k - begin]);
        for (int64_t panel = 0; panel < count; panel += width)
            for (int64_t k = begin; k < end; ++k) {
                float *to = out + panel * lanes + k * width;
                if constexpr (width % kLanes == 0) {
                    joinAcross<Element>(in + panel, m.columnStep, depth, k, count - panel, width, to);
                } else {
                    constexpr int64_t kWhole = (width + 3) / 4 * 4; // may reach into the next lane, which follows
                    std::memcpy(to, joined[k - begin] + panel, size_t(k + 1 < lanes ? kWhole : width) * sizeof(float));
                }
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

/// They are lanes as they are, but for what is missing in the last.
template<class Element>
void packRun(const uint16_t *in, int64_t depth, float *out)
{
    if constexpr (Element::kDepth == 2) {
        out[lanesOf<Element>(depth) - 1] = 0.f;
        std::memcpy(out, in, size_t(depth) * sizeof *in);
    } else {
        eachVector(depth, [=](auto where) { where.put(out, where.of(in)); });
    }
}

/// Rows whose elements lie side by side, one behind the other.
template<class Element, class T>
void packRows(Matrix<T> m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    if constexpr (!Element::kPlain)
        for (int64_t row = 0; row < count; ++row, out += lanesOf<Element>(depth))
            packRun<Element>(m.data + (first + row) * m.rowStep + inner, depth, out);
}

/// The same in panels.
template<class Element, int64_t width, class T>
void packAlong(Matrix<T> m, int64_t first, int64_t count, int64_t inner, int64_t depth, float *out)
{
    const int64_t lanes = lanesOf<Element>(depth);
    float packed[kInnerLanes];
    for (int64_t panel = 0; panel < count; panel += width, out += width * lanes) {
        const int64_t rows = std::min(width, count - panel);
        if (rows < width)
            std::fill_n(out, width * lanes, 0.f);
        for (int64_t row = 0; row < rows; ++row) {
            const T *in = m.data + (first + panel + row) * m.rowStep + inner;
            const float *run = packed;
            if constexpr (Element::kPlain)
                run = in;
            else
                packRun<Element>(in, depth, packed);
            for (int64_t k = 0; k < lanes; ++k)
                out[k * width + row] = run[k];
        }
    }
}

} // namespace pretext::cpu::gemm
