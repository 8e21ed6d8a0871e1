#include "core/data/batch.h"

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

} // namespace pretext
