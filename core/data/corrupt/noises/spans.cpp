// Permutation of spans: what belongs together must be put together again.
#include "core/data/corrupt/permute.h"
#include "core/files/said.h"

namespace pretext {

TextNoise spansTextNoise()
{
    return {.name = "spans", .help = PRETEXT_SAID("lets spans change places"), .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) {
                permutePieces(spanCuts(task, random), task.amounts.strength, random, rewriter);
            }};
}

} // namespace pretext
