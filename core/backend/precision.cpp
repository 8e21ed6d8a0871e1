// Which precision is faster here, found out by trying.
#include "core/backend/backend.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

namespace pretext {

namespace {

/// The least of a few products of a linear layer.
double secondsIn(Precision precision)
{
    const Tensor x = Tensor::full({512, 256}, 1.f), weight = Tensor::full({512, 256}, 1.f), bias;
    Tensor y({512, 512}), z;
    double least = 1;
    for (int i = 0; i < 6; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        backendOf(x).linear(x, weight, bias, {.precision = precision}, y, z);
        least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    return least;
}

Precision fasterPrecision()
{
    constexpr double kWorth = 1.25; // times as fast: rounding is not free
    static const Precision faster = secondsIn(Precision::f32) > kWorth * secondsIn(Precision::bf16) ? Precision::bf16 : Precision::f32;
    return faster;
}

} // namespace

Precision precisionNamed(const std::string &name)
{
    if (name == "auto")
        return fasterPrecision();
    for (const Precision precision : {Precision::f32, Precision::bf16})
        if (name == nameOf(precision))
            return precision;
    throw std::invalid_argument("precision: '" + name + "' is not one of auto, f32, bf16");
}

const char *nameOf(Precision precision)
{
    return precision == Precision::bf16 ? "bf16" : "f32";
}

} // namespace pretext
