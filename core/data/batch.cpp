#include "core/data/batch.h"

#include "core/backend/backend.h"

#include <algorithm>

namespace pretext {

std::vector<ViewBlock> viewBlocks(const Batch &batch)
{
    std::vector<ViewBlock> blocks;
    int views = 0;
    size_t pixels = 0;
    for (const ViewKind &kind : batch.kinds) {
        blocks.push_back({views, kind.count, shapeOf(kind, batch.shape), pixels});
        views += kind.count;
        pixels += batch.indices.size() * kind.count * blocks.back().values();
    }
    return blocks;
}

namespace {

/// Elements [first, first + count) of all.
std::vector<float> partOf(const Tensor &all, int64_t first, int64_t count)
{
    if (count == all.size())
        return all.toHost();
    Tensor part({count}, all.type(), all.device());
    backend(all.device()).slice(all.reshaped({all.size()}), {.axis = 0, .first = first}, part);
    return part.toHost();
}

} // namespace

HostPixels hostPixels(const Batch &batch, size_t first, size_t count)
{
    HostPixels pixels;
    if (!batch.planned) {
        pixels.values = std::span(batch.pixels).subspan(first, count);
        return pixels;
    }
    size_t begin = 0; // of a kind's values
    for (const Tensor &kind : batch.planned->made()) {
        const size_t end = begin + size_t(kind.size()), from = std::max(first, begin), to = std::min(first + count, end);
        if (from < to) {
            const std::vector<float> part = partOf(kind, int64_t(from - begin), int64_t(to - from));
            pixels.read.insert(pixels.read.end(), part.begin(), part.end());
        }
        begin = end;
    }
    pixels.values = pixels.read;
    return pixels;
}

HostPixels hostPixels(const Batch &batch)
{
    size_t values = 0;
    for (const ViewBlock &block : viewBlocks(batch))
        values += block.count * batch.indices.size() * block.values();
    return hostPixels(batch, 0, values);
}

} // namespace pretext
