// The views that a method makes of each sample: of which kinds, how many of each, and how large.
#pragma once

#include "core/data/modality.h"
#include "core/knobs/knob.h"

#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct ViewKind
{
    std::string name; // "view", "global", "local"
    int count = 1;
    int size = 0;                                              // the shorter side of the view in pixels; 0: as large as the images are
    std::vector<std::pair<std::string, KnobValue>> knobs = {}; // of the augmentations, where these views are drawn by others than the run's
    friend bool operator==(const ViewKind &, const ViewKind &) = default;
};

/// In the order in which a batch holds them; they may depend on knobs, the number of local views, say.
using ViewKinds = std::vector<ViewKind>;
using DeclareViews = ViewKinds (*)(const KnobSet &knobs);

ViewKinds oneView(const KnobSet &knobs);
ViewKinds twoViews(const KnobSet &knobs);
/// Of all kinds together.
int viewCount(const ViewKinds &kinds);
/// The shape of such views of images of shape `image`.
ImageShape shapeOf(const ViewKind &kind, ImageShape image);

} // namespace pretext
