// The noises of denoising models: what is done to a text before the encoder reads it (Lewis et al. 2020, "BART", section 2.2; the span corruption of
// Raffel et al. 2020, "T5", section 3.1.4). Each is one file in core/data/corrupt/noises/ and one line in noises.def; deletion.cpp is the one to copy.
#pragma once

#include "core/data/corrupt/choose.h"
#include "core/data/corrupt/corruption.h"

#include <string>
#include <vector>

namespace pretext {

struct NoiseAmounts
{
    float strength = 0.3f; // share of the tokens (of sentences, of spans that change places; of a rotation the largest, of the length)
    float meanSpan = 3;    // tokens, of the Poisson lengths
};

/// What a noise works on: the content of a row, which is never empty; the frame is kept by the caller.
struct NoiseTask
{
    const TokenSequence &sequence;
    Content content;
    NoiseAmounts amounts;
};

struct TextNoise
{
    std::string name; // "infilling": the knob's value
    std::string help; // what it does, behind its name: "hides spans behind one [MASK] each"
    /// Writes the content anew; exactly the strength of it, rounded, is affected, at 0 nothing, and one token is always left.
    void (*apply)(const NoiseTask &task, Random &random, Rewriter &rewriter);
    bool writesHidden = false; // the decoder writes what is hidden alone, each span behind its [MASK]: [CLS] [MASK] span [MASK] span [SEP]
};

/// In the order in which they are offered.
const std::vector<TextNoise> &textNoises();
/// Throws std::invalid_argument naming the text and the choices.
const TextNoise &textNoise(const std::string &name);

/// Throws std::invalid_argument where the strength is not within [0, 1].
Corruption addNoise(const TokenSequence &sequence, const TextNoise &noise, const NoiseAmounts &amounts, Random random);

} // namespace pretext
