#include "core/backend/cpu/attentionblocks.h"

#include <cmath>
#include <limits>

namespace pretext::cpu::blocks {

namespace {

int64_t depthOf(const Tensor &x)
{
    return x.type() == DType::bf16 ? Bf16::kDepth : 1;
}

} // namespace

Operand::Operand(const Tensor &x, int64_t parts, int64_t part)
    : data(f32(x) + part * (x.shape()[2] / parts / depthOf(x)))
    , step(x.shape()[2] / depthOf(x))
    , sampleStep(x.shape()[1] * step)
{
}

Operands::Operands(const Tensor &q, const Tensor &k, const Tensor &v)
{
    if (!k.defined()) {
        this->q = Operand(q, 3, 0), this->k = Operand(q, 3, 1), this->v = Operand(q, 3, 2);
        return;
    }
    this->q = Operand(q, 1, 0);
    this->k = Operand(k, v.defined() ? 1 : 2, 0);
    this->v = v.defined() ? Operand(v, 1, 0) : Operand(k, 2, 1);
}

Sizes::Sizes(const Tensor &q, const Tensor &k, const Tensor &, int heads)
    : samples(q.shape()[0])
    , heads(heads)
    , queries(q.shape()[1])
    , keys(k.defined() ? k.shape()[1] : queries)
    , features(q.shape()[2] / (k.defined() ? 1 : 3) / heads)
    , lanes(features / depthOf(q))
    , padded(paddedColumns(features))
    , scale(1.f / std::sqrt(float(features)))
{
}

namespace {

int64_t lengthOf(const Tensor &lengths, int64_t sample, int64_t all)
{
    return lengths.defined() ? std::clamp<int64_t>(i32(lengths)[sample], 0, all) : all;
}

} // namespace

Visibility::Visibility(const AttentionMask &mask, const Sizes &sizes, bool causal, int64_t sample)
    : queries(lengthOf(mask.queryLengths, sample, sizes.queries))
    , keys(lengthOf(mask.keyLengths, sample, sizes.keys))
    , causal(causal)
    , allowedStep(sizes.keys)
{
    if (mask.prefixLengths.defined())
        prefix = i32(mask.prefixLengths)[sample];
    if (mask.allowed.defined())
        allowed = i32(mask.allowed) + (mask.allowed.shape()[0] == 1 ? 0 : sample * sizes.queries * sizes.keys);
}

void Visibility::hide(float *scores, int64_t firstQuery, int64_t rows, int64_t firstKey) const
{
    constexpr float kHidden = -std::numeric_limits<float>::infinity();
    for (int64_t row = 0; row < rows; ++row) {
        float *s = scores + row * kBlock;
        const int64_t visible = std::clamp<int64_t>(limit(firstQuery + row) - firstKey, 0, kBlock);
        std::fill(s + visible, s + kBlock, kHidden);
        if (!allowed)
            continue;
        const int32_t *allow = allowed + (firstQuery + row) * allowedStep + firstKey;
        for (int64_t j = 0; j < visible; ++j)
            s[j] = allow[j] ? s[j] : kHidden;
    }
}

namespace {

inline void fetch(const float *row, const Sizes &sizes)
{
    constexpr int64_t kLine = 16; // lanes
    for (int64_t i = 0; i < sizes.lanes; i += kLine)
        __builtin_prefetch(row + i);
}

constexpr int64_t kAhead = 12; // rows

} // namespace

void fetch(Rows rows, int64_t count, const Sizes &sizes)
{
    for (int64_t row = 0; row < count; ++row)
        fetch(rows.at(row), sizes);
}

template<class Element>
void packRows(Rows rows, int64_t count, const Sizes &sizes, float *out)
{
    constexpr int64_t kDepth = Element::kDepth;
    for (int64_t row = 0; row < count; row += kDepth, out += sizes.padded) {
        for (int64_t next = row; next < row + kDepth; ++next)
            fetch(rows.at(std::min(next + kAhead, count - 1)), sizes);
        const bool single = row + 1 == count; // the last of an odd number has none below it
        const auto *in = rows.elements<Element>(row), *below = rows.elements<Element>(single ? row : row + 1);
        eachVector(sizes.features, [=](auto where) {
            const Lanes value = where.of(in);
            where.put(out, Element::join(value, kDepth == 1 || single ? Lanes{} : where.of(below)));
        });
        std::fill(out + sizes.features, out + sizes.padded, 0.f);
    }
}

namespace {

typedef float Four __attribute__((vector_size(16)));

/// Four rows of four become four columns.
inline void transpose4(const float *in, int64_t inStep, float *out, int64_t outStep)
{
    Four a, b, c, d;
    std::memcpy(&a, in, 16), std::memcpy(&b, in + inStep, 16), std::memcpy(&c, in + 2 * inStep, 16), std::memcpy(&d, in + 3 * inStep, 16);
    const auto low = [](Four x, Four y) { return __builtin_shufflevector(x, y, 0, 4, 1, 5); };
    const auto high = [](Four x, Four y) { return __builtin_shufflevector(x, y, 2, 6, 3, 7); };
    const auto front = [](Four x, Four y) { return __builtin_shufflevector(x, y, 0, 1, 4, 5); };
    const auto back = [](Four x, Four y) { return __builtin_shufflevector(x, y, 2, 3, 6, 7); };
    const Four ab = low(a, b), cd = low(c, d), AB = high(a, b), CD = high(c, d);
    const Four columns[4] = {front(ab, cd), back(ab, cd), front(AB, CD), back(AB, CD)};
    for (int column = 0; column < 4; ++column)
        std::memcpy(out + column * outStep, &columns[column], 16);
}

} // namespace

void packColumns(Rows rows, int64_t count, const Sizes &sizes, float *out)
{
    for (int64_t first = 0; first < count; first += kBlock, out += sizes.lanes * kBlock) {
        const int64_t inBlock = std::min(kBlock, count - first), whole = inBlock / 4 * 4, wide = sizes.lanes / 4 * 4;
        const float *in = rows.data + first * rows.step;
        for (int64_t j = 0; j < whole; j += 4) {
            for (int64_t next = j; next < j + 4; ++next)
                fetch(in + std::min(next + kAhead, inBlock - 1) * rows.step, sizes);
            for (int64_t i = 0; i < wide; i += 4)
                transpose4(in + j * rows.step + i, rows.step, out + i * kBlock + j, kBlock);
        }
        for (int64_t i = 0; i < sizes.lanes; ++i) {
            for (int64_t j = i < wide ? whole : 0; j < inBlock; ++j)
                out[i * kBlock + j] = in[j * rows.step + i];
            std::fill(out + i * kBlock + inBlock, out + (i + 1) * kBlock, 0.f);
        }
    }
}

template<class Element>
void unpackRows(const float *packed, int64_t first, int64_t count, const Sizes &sizes, float factor, Rows rows)
{
    for (int64_t row = 0; row < count; ++row, packed += sizes.padded)
        eachVector(sizes.features, [=, out = rows.elements<Element>(first + row)](auto where) { where.put(out, factor * where.of(packed)); });
}

void clearRows(Rows rows, int64_t first, int64_t last, const Sizes &sizes)
{
    for (int64_t row = first; row < last; ++row)
        std::fill_n(rows.data + row * rows.step, sizes.lanes, 0.f);
}

template<class Element>
const float *joinNeighbours(const float *block, int64_t rows, float *out)
{
    if constexpr (Element::kDepth == 1)
        return block;
    else
        for (int64_t i = 0; i < rows * kBlock; i += 2 * kLanes)
            store(out + i / 2, Element::neighbours(load(block + i), load(block + i + kLanes)));
    return out;
}

template<class Element>
void joinRows(float *block, int64_t rows)
{
    if constexpr (Element::kDepth == 2)
        for (int64_t row = 0; row < rows; row += 2)
            for (int64_t i = 0; i < kBlock; i += kLanes) {
                const float *even = block + row * kBlock + i;
                store(block + row / 2 * kBlock + i, Element::join(load(even), row + 1 < rows ? load(even + kBlock) : Lanes{}));
            }
}

template void packRows<F32>(Rows, int64_t, const Sizes &, float *);
template void unpackRows<F32>(const float *, int64_t, int64_t, const Sizes &, float, Rows);
template const float *joinNeighbours<F32>(const float *, int64_t, float *);
template void joinRows<F32>(float *, int64_t);
template void packRows<Bf16>(Rows, int64_t, const Sizes &, float *);
template void unpackRows<Bf16>(const float *, int64_t, int64_t, const Sizes &, float, Rows);
template const float *joinNeighbours<Bf16>(const float *, int64_t, float *);
template void joinRows<Bf16>(float *, int64_t);

} // namespace pretext::cpu::blocks
