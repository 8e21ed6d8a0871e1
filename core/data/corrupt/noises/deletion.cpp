// Token deletion (Lewis et al. 2020): the decoder must find out where something is missing, too.
#include "core/data/corrupt/changetokens.h"
#include "core/files/said.h"

namespace pretext {

TextNoise deletionTextNoise()
{
    return {.name = "deletion",
            .help = PRETEXT_SAID("drops tokens, so that the decoder must find out where"),
            .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) {
                const size_t most = task.content.size() - 1; // one is left
                changeTokens(task, std::min(shareOf(task.amounts.strength, task.content.size()), most), random, rewriter, [](size_t) {});
            }};
}

} // namespace pretext
