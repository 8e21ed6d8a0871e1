// What takes two numbers, element by element, of operands that are repeated along some axes. Axes that lie behind each other and are treated
// alike are one, so that equal shapes are a single run, a row added to a matrix one run for each of its rows, and a column too.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <algorithm>
#include <array>

namespace pretext::cpu {

namespace {

/// An axis of y, or several as one, and the step of each operand along it: 0 where it is repeated.
struct Stretch
{
    int64_t extent, a, b;
};

struct Stretches
{
    Stretches(const Shape &a, const Shape &b, const Shape &y)
    {
        int64_t sizeA = 1, sizeB = 1;
        for (int axis = 1; axis <= y.rank(); ++axis) { // the last first
            const int64_t inA = axis <= a.rank() ? a[-axis] : 1, inB = axis <= b.rank() ? b[-axis] : 1;
            if (y[-axis] != 1)
                add({y[-axis], inA == 1 ? 0 : sizeA, inB == 1 ? 0 : sizeB});
            sizeA *= inA;
            sizeB *= inB;
        }
        if (count == 0)
            add({1, 1, 1});
    }

    void add(const Stretch &next)
    {
        if (count > 0) {
            Stretch &last = all[size_t(count - 1)];
            if ((last.a == 0) == (next.a == 0) && (last.b == 0) == (next.b == 0)) {
                last.extent *= next.extent;
                return;
            }
        }
        all[size_t(count++)] = next;
    }

    std::array<Stretch, Shape::kMaxRank> all{};
    int count = 0;
};

Lanes repeated(const float *x)
{
    return splat(*x);
}
Lanes repeated(const uint16_t *x)
{
    const float wide = loadPart(x, 1)[0];
    return splat(wide);
}

/// y = f(a, b) of one run; an operand that is repeated along it is one number.
template<class T, class Function>
void runThrough(const T *a, bool repeatsA, const T *b, bool repeatsB, int64_t count, T *y, Function f)
{
    if (repeatsA)
        eachVector(count, [=, left = repeated(a)](auto where) { where.put(y, f(left, where.of(b))); });
    else if (repeatsB)
        eachVector(count, [=, right = repeated(b)](auto where) { where.put(y, f(where.of(a), right)); });
    else
        eachVector(count, [=](auto where) { where.put(y, f(where.of(a), where.of(b))); });
}

template<class T, class Function>
void combine(const Tensor &a, const Tensor &b, T *y, int64_t size, const Stretches &stretches, Function f)
{
    const Stretch run = stretches.all[0];
    parallelFor(size, kGrain, [=, &stretches, left = elements<const T>(a), right = elements<const T>(b)](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end;) {
            int64_t rest = at / run.extent, inRun = at % run.extent, fromA = inRun * run.a, fromB = inRun * run.b;
            for (int i = 1; i < stretches.count; ++i) {
                const Stretch &stretch = stretches.all[size_t(i)];
                fromA += rest % stretch.extent * stretch.a;
                fromB += rest % stretch.extent * stretch.b;
                rest /= stretch.extent;
            }
            const int64_t count = std::min(run.extent - inRun, end - at);
            runThrough(left + fromA, run.a == 0, right + fromB, run.b == 0, count, y + at, f);
            at += count;
        }
    });
}

} // namespace

void binary(const Tensor &a, const Tensor &b, BinaryOptions options, Tensor &y)
{
    const Stretches stretches(a.shape(), b.shape(), y.shape());
    withElements(y, [&](auto *to) {
        const auto by = [&](auto f) { combine(a, b, to, y.size(), stretches, f); };
        switch (options.kind) {
        case Binary::add: return by([](Lanes left, Lanes right) { return left + right; });
        case Binary::subtract: return by([](Lanes left, Lanes right) { return left - right; });
        case Binary::multiply: return by([](Lanes left, Lanes right) { return left * right; });
        case Binary::divide: return by([](Lanes left, Lanes right) { return left / right; });
        }
    });
}

} // namespace pretext::cpu
