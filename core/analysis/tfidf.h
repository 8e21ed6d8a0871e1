// TF-IDF (Spärck Jones 1972): a text as the words it holds, the rarer the heavier. What a text encoder's embeddings have to beat.
#pragma once

#include "core/channels/channel.h"
#include "core/data/dataset.h"

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace pretext {

/// Words as the word tokenizer cuts them, regardless of ASCII case. Weight (1 + ln tf) (1 + ln((1 + n) / (1 + df))), rows of length 1; a
/// text without a known word is a row of zeros.
class TfIdf
{
public:
    /// Keeps the `terms` words that most training texts hold (of equals in the order of their bytes), those in one text only left out.
    TfIdf(const std::vector<std::string> &texts, int terms);

    int dimension() const { return static_cast<int>(m_weights.size()); }
    Matrix rows(const std::vector<std::string> &texts) const;

private:
    std::unordered_map<std::string, int> m_terms;
    std::vector<float> m_weights; // idf
};

/// Samples [0, limit) of both splits (limit 0: all). `progress` is told the share done and cancels by returning false.
struct TfIdfFeatures
{
    Matrix train, test;
};
TfIdfFeatures tfIdfFeatures(const Dataset &dataset, int64_t limit = 0, int terms = 2000, const std::function<bool(double)> &progress = {});

} // namespace pretext
