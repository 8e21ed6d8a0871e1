// What was done to a view: a list of deeds, each of which tells itself, is enough to make the view again.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

struct AugmentationType;

/// A box as shares of an image's extents.
struct CropBox
{
    float x = 0, y = 0, width = 1, height = 1;
};

/// Where a view lies on its original: the crop is stretched to the view's shape, mirrored, and turned.
struct Placement
{
    CropBox crop; // whole pixels of the original
    bool flipped = false;
    float rotation = 0; // degrees, counter-clockwise
};

/// One thing that was done to a view: by which augmentation, and the numbers drawn for it, whose meaning is the augmentation's own.
struct Deed
{
    const AugmentationType *by = nullptr;
    int which = 0; // of an augmentation that does one of several things
    std::array<float, 4> amounts{};
    uint64_t key = 0; // of what is random in each pixel
};
using Deeds = std::vector<Deed>;

/// The deeds in the order in which they are applied. An augmentation that left the view alone has none.
struct ViewRecord
{
    Deeds deeds;

    /// Appends a deed of the augmentation of this name; throws std::invalid_argument where there is none.
    ViewRecord &add(const std::string &augmentation, std::array<float, 4> amounts = {}, int which = 0, uint64_t key = 0);
    /// The first deed of the augmentation of this name, or null; of one that does several things, the first deed of kind `which`.
    const Deed *find(const std::string &augmentation, int which = 0) const;
    Placement placement() const;
    std::string describe() const; // "crop 62 %, flipped, rotated 8°, brightness ×1.30", or "nothing"
};

} // namespace pretext
