// Words become random ones, of as many tokens.
#include "core/data/corrupt/textaugmentation.h"
#include "core/files/said.h"

#include <algorithm>

namespace pretext {

namespace {

void replaceWords(const WordTask &task, Random &random, Rewriter &rewriter)
{
    const std::vector<size_t> chosen = chooseSome(task.words.size(), task.count, random);
    for (size_t w = 0; w < task.words.size(); ++w) {
        if (!std::binary_search(chosen.begin(), chosen.end(), w)) {
            keepWord(task.words[w], TokenAction::kept, rewriter);
            continue;
        }
        for (size_t i = task.words[w].begin; i < task.words[w].end; ++i)
            rewriter.put(randomToken(task.sequence, random), static_cast<int32_t>(i), TokenAction::replaced);
    }
}

} // namespace

TextAugmentation replacementTextAugmentation()
{
    return {.name = "replacement", .help = PRETEXT_SAID("puts random words in the place of others"), .apply = replaceWords};
}

} // namespace pretext
