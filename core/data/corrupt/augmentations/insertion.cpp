// Words of the sentence are said once more, elsewhere (Wu et al. 2022, "ESimCSE").
#include "core/data/corrupt/textaugmentation.h"
#include "core/files/said.h"

namespace pretext {

namespace {

/// A word that is said once more follows another, not itself, where there is one.
void insertWords(const WordTask &task, Random &random, Rewriter &rewriter)
{
    const std::vector<WordRange> &words = task.words;
    const std::vector<size_t> said = chooseSome(words.size(), task.count, random);
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

} // namespace

TextAugmentation insertionTextAugmentation()
{
    return {.name = "insertion", .help = PRETEXT_SAID("says words once more, elsewhere"), .apply = insertWords};
}

} // namespace pretext
