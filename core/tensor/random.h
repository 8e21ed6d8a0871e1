// Counter-based random numbers (Philox 4x32-10; Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). A stream is a
// pure function of its key, so a value does not depend on which thread drew it, nor on what was drawn before.
#pragma once

#include <array>
#include <cstdint>

namespace pretext {

class Random
{
public:
    /// A stream for (seed, a, b, c); for a view that is (seed, epoch, sample, view).
    Random(uint64_t seed, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0);

    uint32_t bits();
    float uniform();                      // [0, 1)
    float uniform(float low, float high); // [low, high)
    float normal();                       // mean 0, variance 1 (Box-Muller)
    uint32_t below(uint32_t n);           // 0 .. n-1, n > 0
    bool chance(float p) { return uniform() < p; }

private:
    std::array<uint32_t, 4> m_counter;
    std::array<uint32_t, 2> m_key;
    std::array<uint32_t, 4> m_block{};
    int m_left = 0;
};

} // namespace pretext
