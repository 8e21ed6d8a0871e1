// What methods that pick one of a few answers tell of them: how often the likeliest one is right, and how likely the encoder finds each.
#pragma once

#include "core/ssl/method.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

/// Share of the rows of scores [R, K] whose largest column, the first of equal ones, is the right one.
double shareRight(const Matrix &scores, const std::vector<int32_t> &right);
/// The same where every row's right column is the first.
double shareOfFirst(const Matrix &scores);
/// The same where the right column of row i is i.
double shareOnDiagonal(const Matrix &scores);

/// The scalar accuracy/NAME, and the offer targets/guesses of scores [R, K], of which the softmax are the probabilities. `asked` says what is asked
/// and what there is to answer; it and the targets [R] outlive the offer.
void recordGuesses(const Tensor &scores, const std::vector<int32_t> &targets, const Guesses &asked, const std::string &name, Recorder &recorder);

} // namespace pretext
