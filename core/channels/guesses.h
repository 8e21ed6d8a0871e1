// What a model takes the targets of a batch to be, where each is one of a few answers: the turn of an image, the place of a patch, the class.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

/// R rows, K answers.
struct Guesses
{
    std::string task;                      // a sentence on what is to be told, marked for translation: "By how much is the image turned?"
    std::vector<std::string> answers;      // K, in words, marked for translation where they are ours; empty words: the class of that number
    std::vector<float> probabilities = {}; // [R, K], row-major
    std::vector<int32_t> targets = {};     // [R] the right answers
    /// Where answers are places of a grid, row by row from the top: the column and row of each; else empty.
    std::vector<std::array<int, 2>> places = {};
    /// Where answers are orders of a sample's V views: for each answer the place that each view then belongs to, row by row; else empty.
    std::vector<std::vector<uint8_t>> orders = {};

    int64_t rows() const { return int64_t(targets.size()); }
    const float *row(int64_t r) const { return &probabilities[size_t(r) * answers.size()]; }
};

} // namespace pretext
