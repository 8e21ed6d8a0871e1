// What takes two numbers, element by element, of operands that are repeated along some axes. Axes that lie behind each other and are treated alike
// are one, so that equal shapes are a single run. Floor: y written, a and b read, once each, what is repeated from the caches; bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

/// An axis of y, or several as one, and the step of each operand along it: 0 where it is repeated. The last of the shape first.
struct Stretches
{
    struct Stretch
    {
        int64_t extent, a, b;
    };
    Stretch all[Shape::kMaxRank];
    int count = 0;

    void add(const Stretch &next)
    {
        if (count > 0) {
            Stretch &last = all[count - 1];
            if ((last.a == 0) == (next.a == 0) && (last.b == 0) == (next.b == 0)) {
                last.extent *= next.extent;
                return;
            }
        }
        all[count++] = next;
    }
};

Stretches stretchesOf(const Shape &a, const Shape &b, const Shape &y)
{
    Stretches stretches;
    int64_t sizeA = 1, sizeB = 1;
    for (int axis = 1; axis <= y.rank(); ++axis) {
        const int64_t inA = axis <= a.rank() ? a[-axis] : 1, inB = axis <= b.rank() ? b[-axis] : 1;
        if (y[-axis] != 1)
            stretches.add({y[-axis], inA == 1 ? 0 : sizeA, inB == 1 ? 0 : sizeB});
        sizeA *= inA;
        sizeB *= inB;
    }
    if (stretches.count == 0)
        stretches.add({1, 1, 1});
    return stretches;
}

__device__ float joined(Binary kind, float a, float b)
{
    switch (kind) {
    case Binary::add: return a + b;
    case Binary::subtract: return a - b;
    case Binary::multiply: return a * b;
    case Binary::divide: break;
    }
    return a / b;
}

} // namespace

void binary(const Tensor &a, const Tensor &b, BinaryOptions options, Tensor &y)
{
    const Stretches stretches = stretchesOf(a.shape(), b.shape(), y.shape());
    const In left(a), right(b);
    const Out to(y);
    const Binary kind = options.kind;
    if (stretches.count == 1 && stretches.all[0].a == 1 && stretches.all[0].b == 1)
        return forEach(y.size(), [=] __device__(int64_t i) { to.put(i, joined(kind, left[i], right[i])); });
    forEach(y.size(), [=] __device__(int64_t i) {
        int64_t rest = i, fromA = 0, fromB = 0;
        for (int at = 0; at < stretches.count; ++at) {
            const Stretches::Stretch &stretch = stretches.all[at];
            const int64_t along = rest % stretch.extent;
            fromA += along * stretch.a;
            fromB += along * stretch.b;
            rest /= stretch.extent;
        }
        to.put(i, joined(kind, left[fromA], right[fromB]));
    });
}

} // namespace pretext::cuda
