#include "core/ssl/permutations.h"

#include "core/tensor/random.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pretext {

namespace {

constexpr uint64_t kPermutationSeed = 0x6a69677361772121;
constexpr int kTriedPermutations = 1000; // for each

Permutation drawnPermutation(Random &random)
{
    Permutation permutation;
    std::iota(permutation.begin(), permutation.end(), uint8_t(0));
    for (size_t i = permutation.size() - 1; i > 0; --i)
        std::swap(permutation[i], permutation[random.below(uint32_t(i + 1))]);
    return permutation;
}

/// From the nearest of the others, and the sum over all of them, which decides between equals.
std::pair<int, int> distanceFrom(const std::vector<Permutation> &others, const Permutation &permutation)
{
    int nearest = kPieces, all = 0;
    for (const Permutation &other : others) {
        const int distance = hammingDistance(other, permutation);
        nearest = std::min(nearest, distance);
        all += distance;
    }
    return {nearest, all};
}

} // namespace

int hammingDistance(const Permutation &a, const Permutation &b)
{
    int distance = 0;
    for (size_t i = 0; i < a.size(); ++i)
        distance += a[i] != b[i];
    return distance;
}

std::vector<Permutation> distantPermutations(int count)
{
    std::vector<Permutation> chosen;
    for (int i = 0; i < count; ++i) {
        Random random(kPermutationSeed, uint32_t(i));
        Permutation best = drawnPermutation(random);
        std::pair<int, int> farthest = distanceFrom(chosen, best);
        for (int candidate = 1; candidate < kTriedPermutations; ++candidate) {
            const Permutation permutation = drawnPermutation(random);
            if (const std::pair<int, int> distance = distanceFrom(chosen, permutation); distance > farthest) {
                farthest = distance;
                best = permutation;
            }
        }
        chosen.push_back(best);
    }
    return chosen;
}

} // namespace pretext
