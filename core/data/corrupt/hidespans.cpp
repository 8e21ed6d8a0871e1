#include "core/data/corrupt/hidespans.h"

#include "core/data/tokens/tokenizer.h"

#include <algorithm>

namespace pretext {

namespace {

/// Lengths whose sum is exactly `tokens`: Poisson, at least `shortest`, the last one cut to fit.
std::vector<size_t> spanLengths(size_t tokens, float mean, size_t shortest, Random &random)
{
    std::vector<size_t> lengths;
    for (size_t sum = 0; sum < tokens; sum += lengths.back())
        lengths.push_back(std::min(tokens - sum, std::max(shortest, static_cast<size_t>(poisson(mean, random)))));
    return lengths;
}

} // namespace

/// As many gaps are drawn as there are spans.
void hideSpans(const NoiseTask &task, size_t shortest, Random &random, Rewriter &rewriter)
{
    const Content content = task.content;
    const size_t hidden = std::min(shareOf(task.amounts.strength, content.size()), content.size() - 1), gaps = content.size() - hidden + 1;
    std::vector<size_t> lengths = spanLengths(hidden, task.amounts.meanSpan, shortest, random);
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

} // namespace pretext
