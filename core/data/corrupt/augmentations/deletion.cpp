// Random deletion (Wei & Zou 2019).
#include "core/data/corrupt/textaugmentation.h"
#include "core/files/said.h"

#include <algorithm>

namespace pretext {

TextAugmentation deletionTextAugmentation()
{
    return {.name = "deletion", .help = PRETEXT_SAID("drops words"), .apply = [](const WordTask &task, Random &random, Rewriter &rewriter) {
                const size_t most = task.words.size() - 1; // one is left
                for (size_t w : chooseSome(task.words.size(), task.words.size() - std::min(task.count, most), random))
                    keepWord(task.words[w], TokenAction::kept, rewriter);
            }};
}

} // namespace pretext
