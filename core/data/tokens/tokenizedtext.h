// A split's samples as tokens, encoded once when a run starts: batches are cut from it, and evaluation reads it.
#pragma once

#include "core/data/dataset.h"
#include "core/data/prepared.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace pretext {

class Tokenizer;

class TokenizedText : public PreparedSplit
{
public:
    /// Encodes the samples [0, limit) of a split, all where limit is 0. `progress` is told the share done and cancels by returning false;
    /// a text that was cancelled is shorter.
    TokenizedText(const Dataset &dataset, Split split, std::shared_ptr<const Tokenizer> tokenizer, int64_t limit = 0,
                  const std::function<bool(double)> &progress = {});

    const Tokenizer &tokenizer() const { return *m_tokenizer; }
    const std::shared_ptr<const Tokenizer> &sharedTokenizer() const { return m_tokenizer; }
    int64_t size() const { return static_cast<int64_t>(m_begin.size()) - 1; }
    /// The sample's ids, without [CLS] and [SEP].
    std::span<const int32_t> sample(int64_t index) const;
    int64_t tokenCount() const { return static_cast<int64_t>(m_ids.size()); }
    /// How often each id of the vocabulary occurs.
    const std::vector<int64_t> &counts() const { return m_counts; }

private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<int32_t> m_ids;
    std::vector<int64_t> m_begin; // of each sample in m_ids, and the end
    std::vector<int64_t> m_counts;
};

/// What RowMaker cuts rows from. Throws std::invalid_argument where it is null, or not of text.
std::shared_ptr<const TokenizedText> tokensOf(const std::shared_ptr<const PreparedSplit> &split);

} // namespace pretext
