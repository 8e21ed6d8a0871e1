// Text infilling (Lewis et al. 2020): spans, also of no token, become one [MASK] each.
#include "core/data/corrupt/hidespans.h"
#include "core/files/said.h"

namespace pretext {

TextNoise infillingTextNoise()
{
    return {.name = "infilling",
            .help = PRETEXT_SAID("hides spans behind one [MASK] each, so that their length must be guessed, too"),
            .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) { hideSpans(task, 0, random, rewriter); }};
}

} // namespace pretext
