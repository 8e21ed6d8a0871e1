#include "core/data/augment/viewrecord.h"

#include "core/data/augment/augmentation.h"
#include "core/files/said.h"

namespace pretext {

ViewRecord &ViewRecord::add(const std::string &augmentation, std::array<float, 4> amounts, int which, uint64_t key)
{
    deeds.push_back({&augmentationType(augmentation), which, amounts, key});
    return *this;
}

const Deed *ViewRecord::find(const std::string &augmentation, int which) const
{
    for (const Deed &deed : deeds)
        if (deed.by->name == augmentation && deed.which == which)
            return &deed;
    return nullptr;
}

Placement ViewRecord::placement() const
{
    Placement placement;
    for (const Deed &deed : deeds)
        if (deed.by->place)
            deed.by->place(deed, placement);
    return placement;
}

std::string ViewRecord::describe() const
{
    std::string all;
    for (const Deed &deed : deeds)
        all += (all.empty() ? "" : ", ") + deed.by->describe(deed);
    return all.empty() ? pretext::said("nothing") : all;
}

} // namespace pretext
