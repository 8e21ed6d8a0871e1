// Learning a vocabulary from sentences. Words and characters are counted here; unigram and bpe are learned by SentencePiece in the helper
// program pretext-tokenizer, a process of its own that can be killed at any time.
#pragma once

#include "core/data/dataset.h"
#include "core/data/tokens/tokenizer.h"

#include <functional>
#include <stop_token>

namespace pretext {

struct TokenizerSettings
{
    TokenizerKind kind = TokenizerKind::unigram;
    int vocabularySize = 4096; // with the special tokens; of words and characters the largest: a text of fewer gives a smaller vocabulary
};

/// Told the share done, 0 to 1, and what is being done: the helper's own line.
using TokenizerProgress = std::function<void(double share, const std::string &what)>;

/// Blocks until done; another thread asks for the end through `stop`, which kills the helper and returns null. Throws std::invalid_argument
/// where the text does not support the vocabulary (naming the largest size, or the smallest), and std::runtime_error where the helper is
/// absent or fails.
std::shared_ptr<const Tokenizer> trainTokenizer(const TokenizerSettings &settings, const std::vector<std::string> &sentences,
                                                const TokenizerProgress &progress = {}, std::stop_token stop = {});
/// From a data set's training split: samples spread evenly over it, up to 16 MiB of text.
std::shared_ptr<const Tokenizer> trainTokenizer(const TokenizerSettings &settings, const Dataset &dataset, const TokenizerProgress &progress = {},
                                                std::stop_token stop = {});

} // namespace pretext
