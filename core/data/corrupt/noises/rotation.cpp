// Document rotation (Lewis et al. 2020): the row begins elsewhere, and the decoder must find its beginning.
#include "core/data/corrupt/textnoise.h"
#include "core/files/said.h"

#include <algorithm>

namespace pretext {

namespace {

void rotateText(const NoiseTask &task, Random &random, Rewriter &rewriter)
{
    const Content content = task.content;
    const float strength = task.amounts.strength;
    const size_t largest = content.size() < 2 || strength <= 0 ? 0 : std::clamp<size_t>(shareOf(strength, content.size()), 1, content.size() - 1);
    const size_t turn = largest ? 1 + random.below(static_cast<uint32_t>(largest)) : 0;
    for (size_t i = 0; i < content.size(); ++i)
        rewriter.keep(content.begin + (i + turn) % content.size(), turn ? TokenAction::moved : TokenAction::kept);
}

} // namespace

TextNoise rotationTextNoise()
{
    return {.name = "rotation", .help = PRETEXT_SAID("begins the text elsewhere"), .apply = rotateText};
}

} // namespace pretext
