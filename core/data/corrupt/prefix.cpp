// The split of a prefix language model.
#include "core/data/corrupt/choose.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pretext {

int32_t drawPrefix(int32_t length, float shortest, float longest, Random random)
{
    checkShare("the shortest prefix", shortest);
    checkShare("the longest prefix", longest);
    if (shortest > longest)
        throw std::invalid_argument("[prefix] the shortest prefix " + std::to_string(shortest) + " is longer than the longest " + std::to_string(longest));
    if (length < 2)
        return 0;
    const auto at = [&](float share) { return std::clamp<int32_t>(static_cast<int32_t>(std::lround(share * float(length))), 1, length - 1); };
    return at(shortest) + static_cast<int32_t>(random.below(static_cast<uint32_t>(at(longest) - at(shortest) + 1)));
}

} // namespace pretext
