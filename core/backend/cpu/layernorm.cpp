// Layer norm. A row is small enough to stay in the first cache, so its variance is taken from the centred values in a second pass, which
// needs no doubles.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/vectormath.h"

#include <cmath>

namespace pretext::cpu {

namespace {

/// The sum over a row of value(i, count), which gives `count` lanes from element i on and zeros in the others.
template<class Value>
float rowSum(int64_t width, Value value)
{
    Lanes even{}, odd{}; // two, so that one addition need not wait for the other
    int64_t i = 0;
    for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
        even += value(i, kLanes);
        odd += value(i + kLanes, kLanes);
    }
    for (; i < width; i += kLanes)
        even += value(i, std::min<int64_t>(kLanes, width - i));
    return sum(even + odd);
}

Lanes loadLanes(const float *x, int64_t count, float rest = 0.f)
{
    return count == kLanes ? load(x) : loadPart(x, count, rest);
}

void storeLanes(float *y, Lanes x, int64_t count)
{
    count == kLanes ? store(y, x) : storePart(y, x, count);
}

template<class Body>
void forLanes(int64_t width, Body body)
{
    for (int64_t i = 0; i < width; i += kLanes)
        body(i, std::min<int64_t>(kLanes, width - i));
}

} // namespace

void layerNorm(const Tensor &x, const Tensor &gamma, const Tensor &beta, LayerNormOptions options, Tensor &mean, Tensor &invStd, Tensor &y)
{
    const int64_t width = x.shape()[-1];
    const float *source = f32(x), *scale = f32(gamma), *shift = f32(beta);
    float *means = f32(mean), *inverses = f32(invStd), *target = f32(y);
    parallelFor(x.size() / width, rowGrain(width), [=](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
            const float *in = source + row * width;
            const float center = rowSum(width, [=](int64_t i, int64_t count) { return loadLanes(in + i, count); }) / float(width);
            const float variance = rowSum(width,
                                          [=](int64_t i, int64_t count) {
                                              const Lanes centred = loadLanes(in + i, count, center) - center;
                                              return centred * centred;
                                          })
                                   / float(width);
            const float inverse = 1.f / std::sqrt(variance + options.epsilon);
            means[row] = center;
            inverses[row] = inverse;
            forLanes(width, [=](int64_t i, int64_t count) {
                const Lanes normal = (loadLanes(in + i, count) - center) * inverse;
                storeLanes(target + row * width + i, normal * loadLanes(scale + i, count) + loadLanes(shift + i, count), count);
            });
        }
    });
}

/// dx = (d - mean(d) - n mean(d n)) / std with d = gamma dy and n the normalised row.
void layerNormBackward(const Tensor &x, const Tensor &dy, const Tensor &gamma, const Tensor &mean, const Tensor &invStd, Tensor &dx, Tensor &dgamma,
                       Tensor &dbeta)
{
    const int64_t width = x.shape()[-1];
    const float *source = f32(x), *gradient = f32(dy), *scale = f32(gamma), *means = f32(mean), *inverses = f32(invStd);
    float *target = f32(dx);
    const auto passRow = [=](int64_t row, float *sums) { // adds to the sums of dgamma, then of dbeta
        const float *in = source + row * width, *d = gradient + row * width;
        const float center = means[row], inverse = inverses[row];
        Lanes first{}, second{};
        forLanes(width, [&](int64_t i, int64_t count) {
            const Lanes normal = (loadLanes(in + i, count, center) - center) * inverse, dy = loadLanes(d + i, count);
            const Lanes scaled = dy * loadLanes(scale + i, count);
            storeLanes(sums + i, loadLanes(sums + i, count) + dy * normal, count);
            storeLanes(sums + width + i, loadLanes(sums + width + i, count) + dy, count);
            first += scaled;
            second += scaled * normal;
        });
        const float average = sum(first) / float(width), slope = sum(second) / float(width);
        forLanes(width, [&](int64_t i, int64_t count) {
            const Lanes normal = (loadLanes(in + i, count, center) - center) * inverse;
            const Lanes scaled = loadLanes(d + i, count) * loadLanes(scale + i, count);
            storeLanes(target + row * width + i, (scaled - average - normal * slope) * inverse, count);
        });
    };
    const auto sums = columnSums(x.size() / width, 2 * width, passRow);
    for (int64_t i = 0; i < width; ++i) {
        f32(dgamma)[i] = float(sums[size_t(i)]);
        f32(dbeta)[i] = float(sums[size_t(width + i)]);
    }
}

} // namespace pretext::cpu
