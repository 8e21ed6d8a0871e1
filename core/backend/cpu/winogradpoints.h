// The transforms of Winograd's convolutions of three taps, made from the points they take their values at: pairs +-p, infinity, and zero
// or not. With n pairs that is 2 n + 1 or 2 n + 2 points, two more than there are outputs. A transform of a row or column reads its i-th value
// by in[i] and gives the i-th of its result to out(i, value). In the formulas below Q_i(t) is the product of t - p_j^2 over j != i, and Z is 1
// with zero among the points, else 0.
#pragma once

#include <array>

namespace pretext::cpu::winograd {

/// F(4 x 4, 3 x 3). Chosen among ten pairs of pairs by a simulation, for the least error; so was the other.
struct FourByFour
{
    static constexpr std::array<double, 2> kPairs{0.70710678118654752, 1.41421356237309505};
    static constexpr bool kZero = true;
};

/// F(7 x 7, 3 x 3): by 1.65 multiplications an output instead of 2.25, ten times as far from the exact result as four by four, and still a
/// hundred times as near as bfloat16 can tell.
struct SevenBySeven
{
    static constexpr std::array<double, 4> kPairs{0.3, 0.65, 1.1, 2.5};
    static constexpr bool kZero = false;
};

template<class Points>
struct Transforms
{
    static constexpr int kPairs = int(Points::kPairs.size()), kZ = Points::kZero, kIn = 2 * kPairs + kZ + 1, kTaps = 3, kOut = kIn - kTaps + 1;
    static constexpr int kInfinity = kIn - 1, kZeroAt = 2 * kPairs; // the order: +p_0, -p_0, +p_1, ...

    using Coefficients = std::array<float, kPairs + 1>;

    static constexpr double square(int pair) { return Points::kPairs[size_t(pair)] * Points::kPairs[size_t(pair)]; }
    static constexpr float point(int pair) { return float(Points::kPairs[size_t(pair)]); }

    /// Of Q_i, or of the product over all pairs where i is none; the lowest first.
    static constexpr Coefficients product(int without)
    {
        std::array<double, kPairs + 1> q{1};
        for (int pair = 0, degree = 0; pair < kPairs; ++pair) {
            if (pair == without)
                continue;
            ++degree;
            for (int k = degree; k > 0; --k)
                q[size_t(k)] = q[size_t(k - 1)] - square(pair) * q[size_t(k)];
            q[0] *= -square(pair);
        }
        Coefficients rounded{};
        for (int k = 0; k <= kPairs; ++k)
            rounded[size_t(k)] = float(q[size_t(k)]);
        return rounded;
    }

    static constexpr std::array<Coefficients, kPairs + 1> products()
    {
        std::array<Coefficients, kPairs + 1> all{};
        for (int pair = 0; pair <= kPairs; ++pair)
            all[size_t(pair)] = product(pair);
        return all;
    }

    /// p_i^k.
    static constexpr std::array<std::array<float, kOut>, kPairs> powers()
    {
        std::array<std::array<float, kOut>, kPairs> all{};
        for (int pair = 0; pair < kPairs; ++pair) {
            double power = 1;
            for (int k = 0; k < kOut; ++k, power *= Points::kPairs[size_t(pair)])
                all[size_t(pair)][size_t(k)] = float(power);
        }
        return all;
    }

    /// What makes the product of both transforms the convolution: 1 / (2 p_i^(1 + Z) Q_i(p_i^2)), and 1 over the product of -p_j^2 for zero.
    static constexpr std::array<float, kPairs + 1> scales()
    {
        std::array<float, kPairs + 1> all{};
        double atZero = 1;
        for (int pair = 0; pair < kPairs; ++pair) {
            double below = 2 * (kZ ? square(pair) : Points::kPairs[size_t(pair)]);
            for (int other = 0; other < kPairs; ++other)
                below *= other == pair ? 1 : square(pair) - square(other);
            all[size_t(pair)] = float(1 / below);
            atZero *= -square(pair);
        }
        all[kPairs] = float(1 / atZero);
        return all;
    }

    static constexpr auto kProducts = products();
    static constexpr auto kPowers = powers();
    static constexpr auto kScales = scales();

    /// The sum over k of c_k in[first + 2 k], for the first `count` of them; the last of these is 1.
    static constexpr auto everySecond(const Coefficients &c, int count, const auto &in, int first)
    {
        auto sum = in[first + 2 * (count - 1)] + c[size_t(count - 2)] * in[first + 2 * (count - 2)];
#pragma GCC unroll 8
        for (int k = count - 3; k >= 0; --k)
            sum = sum + c[size_t(k)] * in[first + 2 * k];
        return sum;
    }

    /// Inputs to points: at +-p_i the coefficients are those of x^Z (x +- p_i) Q_i(x^2).
    static constexpr auto toPoints = [](const auto &in, auto out) {
#pragma GCC unroll 8
        for (int i = 0; i < kPairs; ++i) {
            const auto odd = everySecond(kProducts[size_t(i)], kPairs, in, kZ + 1), even = point(i) * everySecond(kProducts[size_t(i)], kPairs, in, kZ);
            out(2 * i, odd + even);
            out(2 * i + 1, odd - even);
        }
        if constexpr (Points::kZero)
            out(kZeroAt, everySecond(kProducts[kPairs], kPairs + 1, in, 0));
        out(kInfinity, everySecond(kProducts[kPairs], kPairs + 1, in, kZ));
    };

    /// Points to outputs: the k-th is the sum over points of p^k times the value there.
    static constexpr auto fromPoints = [](const auto &in, auto out) {
        std::array<std::decay_t<decltype(in[0] + in[0])>, kPairs> sums, differences;
#pragma GCC unroll 8
        for (int i = 0; i < kPairs; ++i) {
            sums[size_t(i)] = in[2 * i] + in[2 * i + 1];
            differences[size_t(i)] = in[2 * i] - in[2 * i + 1];
        }
#pragma GCC unroll 8
        for (int k = 0; k < kOut; ++k) {
            const auto &from = k % 2 ? differences : sums;
            auto sum = kPowers[0][size_t(k)] * from[0];
            if (Points::kZero && k == 0)
                sum = in[kZeroAt] + sum;
            else if (k == kOut - 1)
                sum = in[kInfinity] + sum;
#pragma GCC unroll 8
            for (int i = 1; i < kPairs; ++i)
                sum = sum + kPowers[size_t(i)][size_t(k)] * from[size_t(i)];
            out(k, sum);
        }
    };

    /// Its transpose: from the gradients of outputs.
    static constexpr auto gradientToPoints = [](const auto &in, auto out) {
#pragma GCC unroll 8
        for (int i = 0; i < kPairs; ++i) {
            auto even = kPowers[size_t(i)][0] * in[0], odd = kPowers[size_t(i)][1] * in[1];
#pragma GCC unroll 8
            for (int k = 2; k < kOut; ++k)
                (k % 2 ? odd : even) = (k % 2 ? odd : even) + kPowers[size_t(i)][size_t(k)] * in[k];
            out(2 * i, even + odd);
            out(2 * i + 1, even - odd);
        }
        if constexpr (Points::kZero)
            out(kZeroAt, in[0]);
        out(kInfinity, in[kOut - 1]);
    };

    static constexpr float kMinus = Points::kZero ? 1.f : -1.f; // the sign of the scale at -p_i

    /// Taps to points: their polynomial's values there.
    static constexpr auto tapsToPoints = [](const auto &in, auto out) {
#pragma GCC unroll 8
        for (int i = 0; i < kPairs; ++i) {
            const auto even = kScales[size_t(i)] * (in[0] + float(square(i)) * in[2]), odd = (kScales[size_t(i)] * point(i)) * in[1];
            out(2 * i, even + odd);
            out(2 * i + 1, kMinus * (even - odd));
        }
        if constexpr (Points::kZero)
            out(kZeroAt, kScales[kPairs] * in[0]);
        out(kInfinity, in[2]);
    };

    /// Its transpose: to the gradients of taps.
    static constexpr auto gradientToTaps = [](const auto &in, auto out) {
        auto none = kScales[0] * (in[0] + kMinus * in[1]), once = (kScales[0] * point(0)) * (in[0] - kMinus * in[1]), twice = float(square(0)) * none;
#pragma GCC unroll 8
        for (int i = 1; i < kPairs; ++i) {
            const auto sum = kScales[size_t(i)] * (in[2 * i] + kMinus * in[2 * i + 1]);
            none = none + sum;
            once = once + (kScales[size_t(i)] * point(i)) * (in[2 * i] - kMinus * in[2 * i + 1]);
            twice = twice + float(square(i)) * sum;
        }
        if constexpr (Points::kZero)
            none = none + kScales[kPairs] * in[kZeroAt];
        out(0, none);
        out(1, once);
        out(2, twice + in[kInfinity]);
    };
};

} // namespace pretext::cpu::winograd
