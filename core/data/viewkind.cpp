#include "core/data/viewkind.h"

#include <algorithm>
#include <cmath>

namespace pretext {

ViewKinds oneView(const KnobSet &)
{
    return {{"view", 1}};
}

ViewKinds twoViews(const KnobSet &)
{
    return {{"view", 2}};
}

int viewCount(const ViewKinds &kinds)
{
    int count = 0;
    for (const ViewKind &kind : kinds)
        count += kind.count;
    return count;
}

ImageShape shapeOf(const ViewKind &kind, ImageShape image)
{
    const int shorter = std::min(image.height, image.width);
    if (kind.size <= 0 || shorter <= 0)
        return image;
    const auto scaled = [&](int extent) { return static_cast<int>(std::lround(double(kind.size) * extent / shorter)); };
    return {scaled(image.height), scaled(image.width), image.channels};
}

} // namespace pretext
