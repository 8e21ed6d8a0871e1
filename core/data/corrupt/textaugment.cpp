// A sentence's other view, for contrastive learning: word by word.
#include "core/data/corrupt/choose.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

constexpr const char *kAugmentationNames[] = {"none", "deletion", "insertion", "replacement", "reordering"};

struct WordRange
{
    size_t begin, end;
};

std::vector<WordRange> wordRanges(const TokenSequence &sequence, Content content)
{
    checkSame("word", sequence.words.size(), sequence.ids.size());
    std::vector<WordRange> words;
    for (size_t i = content.begin; i < content.end; ++i) {
        if (i == content.begin || sequence.words[i] != sequence.words[i - 1])
            words.push_back({i, i});
        words.back().end = i + 1;
    }
    return words;
}

void keepWord(WordRange word, TokenAction action, Rewriter &rewriter)
{
    for (size_t i = word.begin; i < word.end; ++i)
        rewriter.keep(i, action);
}

void deleteWords(const std::vector<WordRange> &words, size_t count, Random &random, Rewriter &rewriter)
{
    const std::vector<size_t> left = chooseSome(words.size(), words.size() - std::min(count, words.size() - 1), random);
    for (size_t w : left)
        keepWord(words[w], TokenAction::kept, rewriter);
}

/// A word that is said once more follows another, not itself, where there is one.
void insertWords(const std::vector<WordRange> &words, size_t count, Random &random, Rewriter &rewriter)
{
    const std::vector<size_t> said = chooseSome(words.size(), count, random);
    std::vector<std::vector<size_t>> after(words.size());
    for (size_t w : said) {
        const size_t step = words.size() > 1 ? 1 + random.below(static_cast<uint32_t>(words.size() - 1)) : 0;
        after[(w + step) % words.size()].push_back(w);
    }
    for (size_t w = 0; w < words.size(); ++w) {
        keepWord(words[w], TokenAction::kept, rewriter);
        for (size_t again : after[w])
            rewriter.insert(words[again].begin, words[again].end);
    }
}

void replaceWords(const TokenSequence &sequence, const std::vector<WordRange> &words, size_t count, Random &random, Rewriter &rewriter)
{
    const std::vector<size_t> chosen = chooseSome(words.size(), count, random);
    for (size_t w = 0; w < words.size(); ++w) {
        if (!std::binary_search(chosen.begin(), chosen.end(), w)) {
            keepWord(words[w], TokenAction::kept, rewriter);
            continue;
        }
        for (size_t i = words[w].begin; i < words[w].end; ++i)
            rewriter.put(randomToken(sequence, random), static_cast<int32_t>(i), TokenAction::replaced);
    }
}

void reorderWords(const std::vector<WordRange> &words, size_t count, Random &random, Rewriter &rewriter)
{
    if (count > 0)
        count = std::clamp<size_t>(count, std::min<size_t>(2, words.size()), words.size());
    const std::vector<size_t> chosen = chooseSome(words.size(), count, random), order = properPermutation(count, random);
    for (size_t w = 0, next = 0; w < words.size(); ++w) {
        const bool moves = next < count && chosen[next] == w && order[next] != next;
        const size_t from = next < count && chosen[next] == w ? chosen[order[next++]] : w;
        keepWord(words[from], moves ? TokenAction::moved : TokenAction::kept, rewriter);
    }
}

} // namespace

const char *toText(TextAugmentation augmentation)
{
    return kAugmentationNames[static_cast<size_t>(augmentation)];
}

TextAugmentation textAugmentationOf(const std::string &text)
{
    const auto found = std::find(std::begin(kAugmentationNames), std::end(kAugmentationNames), text);
    if (found == std::end(kAugmentationNames))
        throw std::invalid_argument("[text augmentation] there is no '" + text + "'; choose none, deletion, insertion, replacement or reordering");
    return static_cast<TextAugmentation>(found - std::begin(kAugmentationNames));
}

Corruption augmentText(const TokenSequence &sequence, TextAugmentation augmentation, float strength, Random random)
{
    checkShare("the augmentation's strength", strength);
    const Content content = contentOf(sequence.ids);
    Rewriter rewriter(sequence.ids);
    rewriter.keepRange(0, content.begin);
    if (augmentation == TextAugmentation::none || content.size() == 0) {
        rewriter.keepRange(content.begin, content.end);
    } else {
        const std::vector<WordRange> words = wordRanges(sequence, content);
        const size_t count = shareOf(strength, words.size());
        switch (augmentation) {
        case TextAugmentation::deletion: deleteWords(words, count, random, rewriter); break;
        case TextAugmentation::insertion: insertWords(words, count, random, rewriter); break;
        case TextAugmentation::replacement: replaceWords(sequence, words, count, random, rewriter); break;
        case TextAugmentation::reordering: reorderWords(words, count, random, rewriter); break;
        case TextAugmentation::none: break;
        }
    }
    rewriter.keepRange(content.end, sequence.ids.size());
    return rewriter.take();
}

} // namespace pretext
