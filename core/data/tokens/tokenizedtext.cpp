#include "core/data/tokens/tokenizedtext.h"

#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

TokenizedText::TokenizedText(const Dataset &dataset, Split split, std::shared_ptr<const Tokenizer> tokenizer, int64_t limit,
                             const std::function<bool(double)> &progress)
    : m_tokenizer(std::move(tokenizer))
{
    constexpr int64_t kTold = 256; // samples between two words of progress
    const int64_t size = dataset.size(split), count = limit > 0 ? std::min(limit, size) : size;
    m_begin.reserve(count + 1);
    m_begin.push_back(0);
    m_counts.resize(m_tokenizer->vocabularySize());
    for (int64_t i = 0; i < count; ++i) {
        if (progress && i % kTold == 0 && !progress(double(i) / double(count)))
            return;
        const std::vector<int32_t> ids = m_tokenizer->encode(dataset.text(split, i));
        m_ids.insert(m_ids.end(), ids.begin(), ids.end());
        for (const int32_t id : ids)
            ++m_counts[id];
        m_begin.push_back(static_cast<int64_t>(m_ids.size()));
    }
}

std::span<const int32_t> TokenizedText::sample(int64_t index) const
{
    const int64_t begin = m_begin.at(index), end = m_begin.at(index + 1);
    return std::span(m_ids).subspan(begin, end - begin);
}

std::shared_ptr<const TokenizedText> tokensOf(const std::shared_ptr<const PreparedSplit> &split)
{
    auto tokens = std::dynamic_pointer_cast<const TokenizedText>(split);
    if (!tokens)
        throw std::invalid_argument("[tokens] rows of tokens are made of text that was cut into tokens");
    return tokens;
}

} // namespace pretext
