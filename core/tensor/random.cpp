#include "core/tensor/random.h"

#include <cmath>
#include <numbers>

namespace pretext {

namespace {

/// Philox 4x32 with ten rounds; constants from Salmon et al., table 2.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key)
{
    for (int round = 0; round < 10; ++round) {
        const uint64_t even = uint64_t(0xD2511F53) * counter[0];
        const uint64_t odd = uint64_t(0xCD9E8D57) * counter[2];
        counter = {uint32_t(odd >> 32) ^ counter[1] ^ key[0], uint32_t(odd), uint32_t(even >> 32) ^ counter[3] ^ key[1], uint32_t(even)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

} // namespace

Random::Random(uint64_t seed, uint32_t a, uint32_t b, uint32_t c) : m_counter{0, a, b, c}, m_key{uint32_t(seed), uint32_t(seed >> 32)}
{
}

uint32_t Random::bits()
{
    if (m_left == 0) {
        m_block = philox(m_counter, m_key);
        ++m_counter[0];
        m_left = 4;
    }
    return m_block[size_t(4 - m_left--)];
}

float Random::uniform()
{
    return float(bits() >> 8) * 0x1p-24f;
}

float Random::uniform(float low, float high)
{
    const float value = low + (high - low) * uniform();
    return value < high ? value : low; // rounding may reach `high`
}

float Random::normal()
{
    const float radius = std::sqrt(-2.f * std::log(1.f - uniform())); // 1 - u is never 0
    return radius * std::cos(2.f * std::numbers::pi_v<float> * uniform());
}

/// Without bias (Lemire 2019, "Fast random integer generation in an interval").
uint32_t Random::below(uint32_t n)
{
    uint64_t product = uint64_t(bits()) * n;
    if (uint32_t(product) < n) {
        const uint32_t threshold = uint32_t(-n) % n;
        while (uint32_t(product) < threshold)
            product = uint64_t(bits()) * n;
    }
    return uint32_t(product >> 32);
}

} // namespace pretext
