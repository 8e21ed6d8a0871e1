#include "core/data/corrupt/textaugmentation.h"

#include <stdexcept>

namespace pretext {

#define AUGMENTATION(name) TextAugmentation name##TextAugmentation();
#include "core/data/corrupt/augmentations.def"
#undef AUGMENTATION

namespace {

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

} // namespace

const std::vector<TextAugmentation> &textAugmentations()
{
    static const std::vector<TextAugmentation> augmentations{
#define AUGMENTATION(name) name##TextAugmentation(),
#include "core/data/corrupt/augmentations.def"
#undef AUGMENTATION
    };
    return augmentations;
}

const TextAugmentation *textAugmentation(const std::string &name)
{
    std::string names = "none";
    for (const TextAugmentation &augmentation : textAugmentations()) {
        if (augmentation.name == name)
            return &augmentation;
        names += ", " + augmentation.name;
    }
    if (name == "none")
        return nullptr;
    throw std::invalid_argument("[text augmentation] there is no '" + name + "'; choose one of " + names);
}

Corruption augmentText(const TokenSequence &sequence, const TextAugmentation *augmentation, float strength, Random random)
{
    checkShare("the augmentation's strength", strength);
    const Content content = contentOf(sequence.ids);
    Rewriter rewriter(sequence.ids);
    rewriter.keepRange(0, content.begin);
    if (!augmentation || content.size() == 0) {
        rewriter.keepRange(content.begin, content.end);
    } else {
        const std::vector<WordRange> words = wordRanges(sequence, content);
        augmentation->apply({sequence, words, shareOf(strength, words.size())}, random, rewriter);
    }
    rewriter.keepRange(content.end, sequence.ids.size());
    return rewriter.take();
}

void keepWord(WordRange word, TokenAction action, Rewriter &rewriter)
{
    for (size_t i = word.begin; i < word.end; ++i)
        rewriter.keep(i, action);
}

} // namespace pretext
