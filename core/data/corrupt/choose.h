// Draws that the corruptions share.
#pragma once

#include "core/data/corrupt/corruption.h"

#include <vector>

namespace pretext {

/// The range of a row that is not framed by [CLS], [SEP] and [PAD].
struct Content
{
    size_t begin = 0, end = 0;
    size_t size() const { return end - begin; }
};
Content contentOf(std::span<const int32_t> ids);

/// `count` of 0 .. n-1, different ones, ascending.
std::vector<size_t> chooseSome(size_t n, size_t count, Random &random);
void shuffle(std::vector<size_t> &values, Random &random);
/// A permutation of 0 .. n-1 that leaves not all as it is, where n > 1.
std::vector<size_t> properPermutation(size_t n, Random &random);

int32_t randomToken(const TokenSequence &sequence, Random &random);
int poisson(float mean, Random &random);   // Knuth 1969, section 3.4.1
int geometric(float mean, Random &random); // 1, 2, ...

size_t shareOf(float share, size_t n);          // rounded
void checkShare(const char *what, float share); // throws std::invalid_argument unless within [0, 1]
/// Throws std::invalid_argument unless there is one of each for every id.
void checkSame(const char *what, size_t count, size_t ids);

/// Builds a Corruption from the sequence's tokens, one after the other.
class Rewriter
{
public:
    explicit Rewriter(std::span<const int32_t> original) { m_result.record.original.assign(original.begin(), original.end()); }

    /// The token at `source`, as it is.
    void keep(size_t source, TokenAction action = TokenAction::kept) { put(m_result.record.original[source], static_cast<int32_t>(source), action); }
    void put(int32_t id, int32_t source, TokenAction action)
    {
        m_result.ids.push_back(id);
        m_result.record.source.push_back(source);
        m_result.record.actions.push_back(action);
    }
    /// The tokens of [begin, end) once more: they have no source here.
    void insert(size_t begin, size_t end)
    {
        for (size_t i = begin; i < end; ++i)
            put(m_result.record.original[i], -1, TokenAction::inserted);
    }
    void keepRange(size_t begin, size_t end)
    {
        for (size_t i = begin; i < end; ++i)
            keep(i);
    }
    Corruption take() { return std::move(m_result); }

private:
    Corruption m_result;
};

} // namespace pretext
