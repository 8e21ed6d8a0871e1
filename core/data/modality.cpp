#include "core/data/modality.h"

namespace pretext {

const char *toText(Modality modality)
{
    return modality == Modality::image ? "images" : "text";
}

} // namespace pretext
