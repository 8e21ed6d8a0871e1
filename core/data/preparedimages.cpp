#include "core/data/preparedimages.h"

#include "core/data/dataset.h"
#include "core/files/said.h"

#include <stdexcept>
#include <string>

namespace pretext {

std::shared_ptr<const Prepared> preparedImages(const DatasetInfo &info)
{
    return std::make_shared<const PreparedImages>(Preprocessing{info.mean, info.deviation, info.image});
}

const Preprocessing &preprocessingOf(const Prepared &prepared)
{
    if (const auto *images = dynamic_cast<const PreparedImages *>(&prepared))
        return images->pixels;
    throw std::invalid_argument("[preprocessing] " + said("the encoder was made for %1, not for images", {said(toText(prepared.modality()))}));
}

} // namespace pretext
