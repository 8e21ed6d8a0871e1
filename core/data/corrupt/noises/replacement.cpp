// Token replacement: the decoder must find out which tokens do not belong.
#include "core/data/corrupt/changetokens.h"
#include "core/files/said.h"

namespace pretext {

TextNoise replacementTextNoise()
{
    return {.name = "replacement",
            .help = PRETEXT_SAID("puts random tokens in the place of others"),
            .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) {
                changeTokens(task, shareOf(task.amounts.strength, task.content.size()), random, rewriter,
                             [&](size_t i) { rewriter.put(randomToken(task.sequence, random), static_cast<int32_t>(i), TokenAction::replaced); });
            }};
}

} // namespace pretext
