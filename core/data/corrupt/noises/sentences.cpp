// Sentence permutation (Lewis et al. 2020); of fewer than two sentences spans change places.
#include "core/data/corrupt/permute.h"
#include "core/files/said.h"

namespace pretext {

namespace {

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

} // namespace

TextNoise sentencesTextNoise()
{
    return {.name = "sentences", .help = PRETEXT_SAID("lets sentences change places"), .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) {
                const Cuts cuts = sentenceCuts(task.sequence, task.content);
                permutePieces(cuts.size() > 2 ? cuts : spanCuts(task, random), task.amounts.strength, random, rewriter);
            }};
}

} // namespace pretext
