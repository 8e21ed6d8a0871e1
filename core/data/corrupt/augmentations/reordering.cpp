// Words change places; at least two do, unless none should.
#include "core/data/corrupt/textaugmentation.h"
#include "core/files/said.h"

#include <algorithm>

namespace pretext {

namespace {

void reorderWords(const WordTask &task, Random &random, Rewriter &rewriter)
{
    const std::vector<WordRange> &words = task.words;
    const size_t count = task.count > 0 ? std::clamp<size_t>(task.count, std::min<size_t>(2, words.size()), words.size()) : 0;
    const std::vector<size_t> chosen = chooseSome(words.size(), count, random), order = properPermutation(count, random);
    for (size_t w = 0, next = 0; w < words.size(); ++w) {
        const bool moves = next < count && chosen[next] == w && order[next] != next;
        const size_t from = next < count && chosen[next] == w ? chosen[order[next++]] : w;
        keepWord(words[from], moves ? TokenAction::moved : TokenAction::kept, rewriter);
    }
}

} // namespace

TextAugmentation reorderingTextAugmentation()
{
    return {.name = "reordering", .help = PRETEXT_SAID("lets words change places"), .apply = reorderWords};
}

} // namespace pretext
