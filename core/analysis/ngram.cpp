#include "core/analysis/ngram.h"

#include "core/data/tokens.h"
#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

int32_t leftOf(std::span<const int32_t> ids, size_t i)
{
    return i == 0 ? int32_t(kClassify) : ids[i - 1];
}

int32_t rightOf(std::span<const int32_t> ids, size_t i)
{
    return i + 1 == ids.size() ? int32_t(kSeparate) : ids[i + 1];
}

template<typename Map>
auto *findIn(Map &map, int32_t key)
{
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

} // namespace

NgramBaselines::NgramBaselines(int32_t vocabulary, Asked asked) : m_asked(asked), m_counts(static_cast<size_t>(std::max(vocabulary, 0)))
{
    if (vocabulary <= kSpecialTokens)
        throw std::invalid_argument("[n-gram] a vocabulary of " + std::to_string(vocabulary) + " holds no tokens but the special ones");
    for (int32_t id = 0; id < vocabulary; ++id)
        m_kinds += canBeAsked(id);
}

bool NgramBaselines::canBeAsked(int32_t token) const
{
    return token >= kSpecialTokens || (m_asked == Asked::next && token != kPadding && token != kClassify);
}

void NgramBaselines::count(std::span<const int32_t> ids)
{
    for (size_t i = 0; i < ids.size(); ++i) {
        const int32_t id = ids[i];
        if (!canBeAsked(id) || id == kSeparate) // of a sample's end below
            continue;
        ++m_counts.at(static_cast<size_t>(id));
        ++m_total;
        countBeside(m_afterLeft[leftOf(ids, i)], id);
        countBeside(m_beforeRight[rightOf(ids, i)], id);
    }
    if (m_asked == Asked::next && !ids.empty()) {
        const bool framed = ids.back() == kSeparate;
        ++m_counts[kSeparate];
        ++m_total;
        countBeside(m_afterLeft[leftOf(ids, framed ? ids.size() - 1 : ids.size())], kSeparate);
    }
    m_mostFrequent = -1;
}

void NgramBaselines::countBeside(Beside &beside, int32_t token)
{
    ++beside.count;
    ++beside.tokens[token];
    beside.best = -1;
}

double NgramBaselines::probability(int32_t token) const
{
    return double(m_counts.at(static_cast<size_t>(token)) + 1) / double(m_total + m_kinds);
}

double NgramBaselines::probability(const Beside *beside, int32_t token) const
{
    if (!beside)
        return probability(token);
    const auto found = beside->tokens.find(token);
    const double seen = found == beside->tokens.end() ? 0 : double(found->second), kinds = double(beside->tokens.size());
    return (seen + kinds * probability(token)) / (double(beside->count) + kinds);
}

/// A token that was never seen beside the neighbour can only win by being the most frequent of all. Of equals, the lower id.
int32_t NgramBaselines::best(Beside *beside)
{
    if (m_mostFrequent < 0)
        m_mostFrequent = static_cast<int32_t>(std::max_element(m_counts.begin() + (m_asked == Asked::hidden ? kSpecialTokens : kUnknown), m_counts.end())
                                              - m_counts.begin());
    if (!beside)
        return m_mostFrequent;
    if (beside->best < 0) {
        double highest = probability(beside, m_mostFrequent);
        beside->best = m_mostFrequent;
        for (const auto &[token, count] : beside->tokens) {
            const double p = probability(beside, token);
            if (p > highest || (p == highest && token < beside->best)) {
                highest = p;
                beside->best = token;
            }
        }
    }
    return beside->best;
}

void NgramBaselines::judge(Tally &tally, Beside *beside, int32_t token)
{
    ++tally.positions;
    tally.right += best(beside) == token;
    tally.logLoss -= std::log(probability(beside, token));
}

void NgramBaselines::judge(std::span<const int32_t> ids, std::span<const int32_t> targets)
{
    if (ids.size() != targets.size())
        throw std::invalid_argument("[n-gram] " + std::to_string(targets.size()) + " targets for " + std::to_string(ids.size()) + " tokens");
    for (size_t i = 0; i < ids.size(); ++i) {
        if (targets[i] == kNoTarget)
            continue;
        judge(m_unigram, nullptr, targets[i]);
        judge(m_left, findIn(m_afterLeft, leftOf(ids, i)), targets[i]);
        judge(m_right, findIn(m_beforeRight, rightOf(ids, i)), targets[i]);
    }
}

std::vector<TokenScore> NgramBaselines::scores() const
{
    std::vector<TokenScore> scores;
    for (const auto &[name, tally] : {std::pair("unigram", &m_unigram), std::pair("left bigram", &m_left), std::pair("right bigram", &m_right)}) {
        const double n = double(std::max<int64_t>(tally->positions, 1));
        scores.push_back({name, tally->positions, double(tally->right) / n, std::exp(tally->logLoss / n)});
    }
    return scores;
}

} // namespace pretext
