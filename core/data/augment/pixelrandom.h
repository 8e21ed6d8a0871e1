// Random numbers of single pixels: hashes of (key, place) that vectorise, good enough for noise, unlike the generator of the draws.
#pragma once

#include <cmath>
#include <cstdint>

namespace pretext {

class PixelRandom
{
public:
    explicit PixelRandom(uint64_t key) : m_low(static_cast<uint32_t>(key)), m_high(static_cast<uint32_t>(key >> 32)) {}

    /// In [0, 1), even.
    float uniform(uint32_t place) const { return static_cast<float>(int(second(first(place)) >> 8)) * 0x1p-24f; }

    /// Close to normal, of mean 0; times normalScale(deviation) it has that deviation. The sum of eight uniform bytes (Irwin-Hall), whose mean is
    /// 1020 and whose variance 8 (256^2 - 1) / 12.
    float sum(uint32_t place) const
    {
        const uint32_t a = first(place), b = second(a);
        return float(byteSum(a) + byteSum(b) - 1020);
    }
    static float normalScale(float deviation) { return deviation / std::sqrt(8 * 65535 / 12.f); }

private:
    static uint32_t mixed(uint32_t x) // multiply and xor-shift rounds
    {
        x = (x ^ (x >> 16)) * 0x7feb352du;
        x = (x ^ (x >> 15)) * 0x846ca68bu;
        return x ^ (x >> 16);
    }
    static int byteSum(uint32_t x) { return int(x & 255) + int(x >> 8 & 255) + int(x >> 16 & 255) + int(x >> 24); }
    uint32_t first(uint32_t place) const { return mixed(place * 0x9e3779b9u + m_low); }
    uint32_t second(uint32_t first) const { return mixed(first ^ m_high); }

    uint32_t m_low, m_high;
};

} // namespace pretext
