// How a positive is made of a sentence, word by word (after Wei & Zou 2019, "EDA"). Each way is one file in core/data/corrupt/augmentations/ and one
// line in augmentations.def; deletion.cpp is the one to copy.
#pragma once

#include "core/data/corrupt/choose.h"
#include "core/data/corrupt/corruption.h"

#include <string>
#include <vector>

namespace pretext {

struct WordRange
{
    size_t begin, end; // its tokens in the row
};

/// What an augmentation works on: a row's words, of which there is at least one, and how many of them it should affect.
struct WordTask
{
    const TokenSequence &sequence;
    const std::vector<WordRange> &words;
    size_t count;
};

struct TextAugmentation
{
    std::string name; // "deletion": the knob's value
    std::string help; // what it does, behind its name: "drops words"
    /// Writes the words anew; exactly so many are affected, but one is always left and reordering takes at least two.
    void (*apply)(const WordTask &task, Random &random, Rewriter &rewriter);
};

/// In the order in which they are offered.
const std::vector<TextAugmentation> &textAugmentations();
/// Null of "none", with which dropout alone makes the pair (Gao et al. 2021). Throws std::invalid_argument naming the text and the choices.
const TextAugmentation *textAugmentation(const std::string &name);

/// Exactly `strength` of the words, rounded, is affected; there are no targets. With no augmentation the row stays as it is. Throws
/// std::invalid_argument where the strength is not within [0, 1].
Corruption augmentText(const TokenSequence &sequence, const TextAugmentation *augmentation, float strength, Random random);

/// A word is written as it is.
void keepWord(WordRange word, TokenAction action, Rewriter &rewriter);

} // namespace pretext
