// What a language model has to beat: the most frequent token, and the most frequent one beside a given neighbour.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace pretext {

struct TokenScore
{
    std::string name; // "unigram", "left bigram", "right bigram"
    int64_t positions = 0;
    double accuracy = 0;   // share of the positions whose most probable token is the true one
    double perplexity = 0; // exp of the mean of -log P(true token)
};

/// What a model is asked for, and so all that is answered: tokens hidden in a text, of which [UNK] is none, as there is nothing to learn of it; or
/// the next token, [UNK] too, and [SEP] behind a sample, as of a model that must know when to stop.
enum class Asked : uint8_t { hidden, next };

/// Counted on the training split's ids; every token is a neighbour, [UNK] too. Smoothing, of V tokens that can be asked for:
///   unigram  P(w) = (c(w) + 1) / (N + V), add one (Laplace)
///   bigram   P(w | h) = (c(h, w) + T(h) P(w)) / (c(h) + T(h)), T(h) the number of different tokens seen beside h (Witten & Bell 1991)
/// h is the true left or right neighbour, also where a model sees it masked: these baselines know more of it than the model does.
class NgramBaselines
{
public:
    explicit NgramBaselines(int32_t vocabulary, Asked asked = Asked::hidden);

    /// One sample of the training split. Its neighbours at the ends are [CLS] and [SEP], which need not be there.
    void count(std::span<const int32_t> ids);
    /// Predicts the tokens of a held-out sample at the positions where `targets`, as many, is not kNoTarget. After all is counted.
    void judge(std::span<const int32_t> ids, std::span<const int32_t> targets);
    /// Unigram, left, right.
    std::vector<TokenScore> scores() const;

private:
    struct Beside
    {
        int64_t count = 0;                                // c(h)
        std::unordered_map<int32_t, int64_t> tokens = {}; // c(h, w)
        int32_t best = -1;                                // argmax of P(w | h); -1: not looked for yet
    };
    struct Tally
    {
        int64_t positions = 0, right = 0;
        double logLoss = 0;
    };

    bool canBeAsked(int32_t token) const;
    double probability(int32_t token) const;
    double probability(const Beside *beside, int32_t token) const;
    int32_t best(Beside *beside);
    void judge(Tally &tally, Beside *beside, int32_t token);
    void countBeside(Beside &beside, int32_t token);

    const Asked m_asked;
    int64_t m_kinds = 0; // V

    std::vector<int64_t> m_counts; // c(w)
    int64_t m_total = 0;           // N
    int32_t m_mostFrequent = -1;
    std::unordered_map<int32_t, Beside> m_afterLeft, m_beforeRight; // by neighbour
    Tally m_unigram, m_left, m_right;
};

} // namespace pretext
