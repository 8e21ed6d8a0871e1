// Noise that takes tokens one by one.
#pragma once

#include "core/data/corrupt/textnoise.h"

namespace pretext {

/// Keeps the content but for `count` tokens drawn at random: of each of these `change(i)` writes what stands in its place, or nothing.
template<class Change>
void changeTokens(const NoiseTask &task, size_t count, Random &random, Rewriter &rewriter, const Change &change)
{
    const std::vector<size_t> chosen = chooseSome(task.content.size(), count, random);
    for (size_t i = task.content.begin, next = 0; i < task.content.end; ++i) {
        if (next == chosen.size() || chosen[next] + task.content.begin != i) {
            rewriter.keep(i);
        } else {
            ++next;
            change(i);
        }
    }
}

} // namespace pretext
