// Permutations that are far from each other, for puzzles: the fewer places two of them share, the less a single piece tells which one it is.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace pretext {

constexpr int kPieces = 9;
using Permutation = std::array<uint8_t, kPieces>;

/// `count` permutations, each of which has from those before it the largest Hamming distance that is found among many drawn ones (Noroozi & Favaro 2016,
/// algorithm 1, which goes through all 9!). The same numbers every time; the first ones of a longer list are those of a shorter.
std::vector<Permutation> distantPermutations(int count);
/// Places in which two differ.
int hammingDistance(const Permutation &a, const Permutation &b);

} // namespace pretext
