// Masked language modelling's input and targets.
#include "core/data/corrupt/choose.h"
#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int kLongestSpan = 10;

using MaskGroup = std::vector<size_t>; // positions that are masked together

/// Tokens that can be predicted.
bool maskable(int32_t id)
{
    return id >= kSpecialTokens;
}

std::vector<MaskGroup> maskableWords(const TokenSequence &sequence)
{
    checkSame("word", sequence.words.size(), sequence.ids.size());
    std::vector<MaskGroup> groups;
    for (size_t i = 0; i < sequence.ids.size(); ++i) {
        if (!maskable(sequence.ids[i]))
            continue;
        if (i == 0 || groups.empty() || groups.back().back() + 1 != i || sequence.words[i] != sequence.words[i - 1])
            groups.emplace_back();
        groups.back().push_back(i);
    }
    return groups;
}

/// In an order drawn at random, passing over what exceeds the budget; something is masked where there is anything.
std::vector<MaskGroup> chooseGroups(std::vector<MaskGroup> groups, size_t budget, Random &random)
{
    std::vector<size_t> order(groups.size());
    std::iota(order.begin(), order.end(), size_t(0));
    shuffle(order, random);
    std::vector<MaskGroup> chosen;
    size_t count = 0;
    for (size_t g : order)
        if (count + groups[g].size() <= budget) {
            count += groups[g].size();
            chosen.push_back(std::move(groups[g]));
        }
    if (chosen.empty() && !groups.empty()) // every word is longer than the budget: the shortest
        chosen.push_back(*std::min_element(groups.begin(), groups.end(), [](const MaskGroup &a, const MaskGroup &b) { return a.size() < b.size(); }));
    return chosen;
}

/// Spans that begin with a word, until the budget is used up; the last is cut to fit.
std::vector<MaskGroup> chooseSpans(const TokenSequence &sequence, size_t budget, float mean, Random &random)
{
    std::vector<size_t> starts;
    for (const MaskGroup &word : maskableWords(sequence))
        starts.push_back(word.front());
    shuffle(starts, random);
    std::vector<bool> taken(sequence.ids.size());
    std::vector<MaskGroup> spans;
    size_t left = budget;
    for (size_t pass = 0; left > 0 && pass < starts.size(); ++pass) {
        MaskGroup span;
        const size_t length = std::min<size_t>({left, size_t(kLongestSpan), static_cast<size_t>(geometric(mean, random))});
        for (size_t i = starts[pass]; i < sequence.ids.size() && span.size() < length && maskable(sequence.ids[i]) && !taken[i]; ++i) {
            taken[i] = true;
            span.push_back(i);
        }
        left -= span.size();
        if (!span.empty())
            spans.push_back(std::move(span));
    }
    return spans;
}

TokenAction drawAction(const MaskOptions &options, Random &random)
{
    const float draw = random.uniform();
    return draw < options.masked ? TokenAction::masked : draw < options.masked + options.replaced ? TokenAction::replaced : TokenAction::unchanged;
}

void checkMask(const MaskOptions &options)
{
    if (!(options.ratio > 0 && options.ratio < 1))
        throw std::invalid_argument("[masking] the mask ratio is " + std::to_string(options.ratio)
                                    + "; choose one above 0 (something to predict) and below 1 (something to predict it from)");
    checkShare("the share shown as [MASK]", options.masked);
    checkShare("the share replaced by a random token", options.replaced);
    if (options.masked + options.replaced > 1 + 1e-6f)
        throw std::invalid_argument("[masking] the shares masked " + std::to_string(options.masked) + " and replaced " + std::to_string(options.replaced)
                                    + " are more than 1 together");
}

} // namespace

Corruption maskTokens(const TokenSequence &sequence, const MaskOptions &options, Random random)
{
    checkMask(options);
    std::vector<MaskGroup> groups;
    for (size_t i = 0; i < sequence.ids.size(); ++i)
        if (maskable(sequence.ids[i]))
            groups.push_back({i});
    const size_t budget = groups.empty() ? 0 : std::max<size_t>(1, shareOf(options.ratio, groups.size()));
    switch (options.unit) {
    case MaskUnit::token: groups = chooseGroups(std::move(groups), budget, random); break;
    case MaskUnit::word: groups = chooseGroups(maskableWords(sequence), budget, random); break;
    case MaskUnit::span: groups = chooseSpans(sequence, budget, options.meanSpan, random); break;
    }

    Rewriter rewriter(sequence.ids);
    rewriter.keepRange(0, sequence.ids.size());
    Corruption result = rewriter.take();
    result.targets.assign(sequence.ids.size(), kNoTarget);
    for (const MaskGroup &group : groups) {
        TokenAction action = drawAction(options, random);
        for (size_t i : group) {
            if (options.unit != MaskUnit::span && i != group.front())
                action = drawAction(options, random);
            result.targets[i] = sequence.ids[i];
            result.record.actions[i] = action;
            if (action == TokenAction::masked)
                result.ids[i] = kMaskToken;
            else if (action == TokenAction::replaced)
                result.ids[i] = randomToken(sequence, random);
        }
    }
    return result;
}

} // namespace pretext
