// The noises of denoising sequence-to-sequence models, and the split of a prefix language model.
#include "core/data/corrupt/choose.h"
#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace {

constexpr const char *kNoiseNames[] = {"masking", "deletion", "replacement", "infilling", "sentences", "spans", "rotation", "sentinels"};
static_assert(std::size(kNoiseNames) == kNoises);

/// Tokens one by one: masking, deletion, replacement.
void changeTokens(const TokenSequence &sequence, Content content, const NoiseOptions &options, Random &random, Rewriter &rewriter)
{
    size_t count = shareOf(options.strength, content.size());
    if (options.noise == Noise::deletion && count == content.size())
        --count;
    const std::vector<size_t> chosen = chooseSome(content.size(), count, random);
    for (size_t i = content.begin, next = 0; i < content.end; ++i) {
        if (next == chosen.size() || chosen[next] + content.begin != i) {
            rewriter.keep(i);
            continue;
        }
        ++next;
        if (options.noise == Noise::masking)
            rewriter.put(kMaskToken, static_cast<int32_t>(i), TokenAction::masked);
        else if (options.noise == Noise::replacement)
            rewriter.put(randomToken(sequence, random), static_cast<int32_t>(i), TokenAction::replaced);
    }
}

/// Lengths whose sum is exactly `tokens`: Poisson, at least `shortest`, the last one cut to fit.
std::vector<size_t> spanLengths(size_t tokens, float mean, size_t shortest, Random &random)
{
    std::vector<size_t> lengths;
    for (size_t sum = 0; sum < tokens; sum += lengths.back())
        lengths.push_back(std::min(tokens - sum, std::max(shortest, static_cast<size_t>(poisson(mean, random)))));
    return lengths;
}

/// The spans lie between the tokens that stay, each in a gap of its own, so that no two touch: as many gaps are drawn as there are spans.
void infill(Content content, const NoiseOptions &options, Random &random, Rewriter &rewriter)
{
    const size_t hidden = std::min(shareOf(options.strength, content.size()), content.size() - 1), gaps = content.size() - hidden + 1;
    std::vector<size_t> lengths = spanLengths(hidden, options.meanSpan, options.noise == Noise::sentinels ? 1 : 0, random);
    while (lengths.size() > gaps) { // two become one; the sum stays
        const size_t last = lengths.back();
        lengths.pop_back();
        lengths[random.below(static_cast<uint32_t>(lengths.size()))] += last;
    }
    const std::vector<size_t> places = chooseSome(gaps, lengths.size(), random);
    size_t source = content.begin, span = 0;
    for (size_t gap = 0; gap < gaps; ++gap) {
        if (span < places.size() && places[span] == gap) {
            const size_t length = lengths[span++];
            rewriter.put(kMaskToken, length ? static_cast<int32_t>(source) : -1, length ? TokenAction::masked : TokenAction::inserted);
            source += length;
        }
        if (source < content.end)
            rewriter.keep(source++);
    }
}

using Cuts = std::vector<size_t>; // where pieces begin, and the end

Cuts sentenceCuts(const TokenSequence &sequence, Content content)
{
    checkSame("sentence", sequence.sentences.size(), sequence.ids.size());
    Cuts cuts{content.begin};
    for (size_t i = content.begin + 1; i < content.end; ++i)
        if (sequence.sentences[i] != sequence.sentences[i - 1])
            cuts.push_back(i);
    cuts.push_back(content.end);
    return cuts;
}

Cuts spanCuts(Content content, float mean, Random &random)
{
    Cuts cuts{content.begin};
    while (cuts.back() < content.end)
        cuts.push_back(std::min(content.end, cuts.back() + static_cast<size_t>(std::max(1, poisson(mean, random)))));
    if (cuts.size() == 2 && content.size() > 1) // one span has nothing to change places with
        cuts.insert(cuts.begin() + 1, content.begin + 1 + random.below(static_cast<uint32_t>(content.size() - 1)));
    return cuts;
}

/// Some of the pieces take each other's places.
void permute(const Cuts &cuts, float strength, Random &random, Rewriter &rewriter)
{
    const size_t pieces = cuts.size() - 1;
    const size_t count = strength > 0 ? std::clamp<size_t>(shareOf(strength, pieces), std::min<size_t>(2, pieces), pieces) : 0;
    const std::vector<size_t> chosen = chooseSome(pieces, count, random), order = properPermutation(count, random);
    std::vector<size_t> from(pieces);
    std::iota(from.begin(), from.end(), size_t(0));
    for (size_t i = 0; i < count; ++i)
        from[chosen[i]] = chosen[order[i]];
    for (size_t p = 0; p < pieces; ++p)
        for (size_t i = cuts[from[p]]; i < cuts[from[p] + 1]; ++i)
            rewriter.keep(i, from[p] == p ? TokenAction::kept : TokenAction::moved);
}

void rotate(Content content, float strength, Random &random, Rewriter &rewriter)
{
    const size_t largest = content.size() < 2 || strength <= 0 ? 0 : std::clamp<size_t>(shareOf(strength, content.size()), 1, content.size() - 1);
    const size_t turn = largest ? 1 + random.below(static_cast<uint32_t>(largest)) : 0;
    for (size_t i = 0; i < content.size(); ++i)
        rewriter.keep(content.begin + (i + turn) % content.size(), turn ? TokenAction::moved : TokenAction::kept);
}

void addNoiseTo(Content content, const TokenSequence &sequence, const NoiseOptions &options, Random &random, Rewriter &rewriter)
{
    switch (options.noise) {
    case Noise::masking:
    case Noise::deletion:
    case Noise::replacement: return changeTokens(sequence, content, options, random, rewriter);
    case Noise::infilling:
    case Noise::sentinels: return infill(content, options, random, rewriter);
    case Noise::rotation: return rotate(content, options.strength, random, rewriter);
    case Noise::permuteSentences:
        if (const Cuts cuts = sentenceCuts(sequence, content); cuts.size() > 2)
            return permute(cuts, options.strength, random, rewriter);
        [[fallthrough]];
    case Noise::permuteSpans: return permute(spanCuts(content, options.meanSpan, random), options.strength, random, rewriter);
    }
}

/// The frame of the row, and between it each hidden span behind its [MASK]. A span ends where the next token is that is given.
std::vector<int32_t> hiddenSpans(const TokenRecord &record, Content content)
{
    std::vector<int32_t> spans(record.original.begin(), record.original.begin() + static_cast<ptrdiff_t>(content.begin));
    for (size_t i = 0; i < record.actions.size(); ++i) {
        if (record.actions[i] != TokenAction::masked)
            continue;
        const size_t end = i + 1 < record.source.size() ? static_cast<size_t>(record.source[i + 1]) : record.original.size();
        spans.push_back(kMaskToken);
        for (size_t token = static_cast<size_t>(record.source[i]); token < std::min(end, content.end); ++token)
            spans.push_back(record.original[token]);
    }
    spans.insert(spans.end(), record.original.begin() + static_cast<ptrdiff_t>(content.end), record.original.end());
    return spans;
}

} // namespace

const char *toText(Noise noise)
{
    return kNoiseNames[static_cast<size_t>(noise)];
}

Noise noiseOf(const std::string &text)
{
    const auto found = std::find(std::begin(kNoiseNames), std::end(kNoiseNames), text);
    if (found != std::end(kNoiseNames))
        return static_cast<Noise>(found - std::begin(kNoiseNames));
    std::string names;
    for (const char *name : kNoiseNames)
        names += (names.empty() ? "" : ", ") + std::string(name);
    throw std::invalid_argument("[denoising] there is no noise '" + text + "'; choose one of " + names);
}

Corruption addNoise(const TokenSequence &sequence, const NoiseOptions &options, Random random)
{
    checkShare("the noise's strength", options.strength);
    const Content content = contentOf(sequence.ids);
    Rewriter rewriter(sequence.ids);
    rewriter.keepRange(0, content.begin);
    if (content.size() > 0)
        addNoiseTo(content, sequence, options, random, rewriter);
    rewriter.keepRange(content.end, sequence.ids.size());
    Corruption result = rewriter.take();
    result.targets = options.noise == Noise::sentinels ? hiddenSpans(result.record, content) : result.record.original;
    return result;
}

int32_t drawPrefix(int32_t length, float shortest, float longest, Random random)
{
    checkShare("the shortest prefix", shortest);
    checkShare("the longest prefix", longest);
    if (shortest > longest)
        throw std::invalid_argument("[prefix] the shortest prefix " + std::to_string(shortest) + " is longer than the longest " + std::to_string(longest));
    if (length < 2)
        return 0;
    const auto at = [&](float share) { return std::clamp<int32_t>(static_cast<int32_t>(std::lround(share * float(length))), 1, length - 1); };
    return at(shortest) + static_cast<int32_t>(random.below(static_cast<uint32_t>(at(longest) - at(shortest) + 1)));
}

} // namespace pretext
