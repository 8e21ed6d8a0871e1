// Span corruption (Raffel et al. 2020): spans become one [MASK] each, and the decoder writes them alone. T5 numbers its sentinels; here their order
// tells which is which.
#include "core/data/corrupt/hidespans.h"
#include "core/files/said.h"

namespace pretext {

TextNoise sentinelsTextNoise()
{
    return {.name = "sentinels",
            .help = PRETEXT_SAID("hides spans, too, but the decoder writes only what is hidden, as T5 does"),
            .apply = [](const NoiseTask &task, Random &random, Rewriter &rewriter) { hideSpans(task, 1, random, rewriter); },
            .writesHidden = true};
}

} // namespace pretext
