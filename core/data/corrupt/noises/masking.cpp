// Token masking (Lewis et al. 2020): how many are missing is seen, which ones is not.
#include "core/data/corrupt/changetokens.h"
#include "core/data/tokens/tokenizer.h"
#include "core/files/said.h"

namespace pretext {

TextNoise maskingTextNoise()
{
    return {.name = "masking", .help = PRETEXT_SAID("shows tokens as [MASK]"), .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) {
                changeTokens(task, shareOf(task.amounts.strength, task.content.size()), random, rewriter,
                             [&](size_t i) { rewriter.put(kMaskToken, static_cast<int32_t>(i), TokenAction::masked); });
            }};
}

} // namespace pretext
