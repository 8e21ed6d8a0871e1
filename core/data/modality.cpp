#include "core/data/modality.h"

#include "core/files/said.h"

namespace pretext {

const char *toText(Modality modality)
{
    return modality == Modality::image ? PRETEXT_SAID("images") : PRETEXT_SAID("text");
}

} // namespace pretext
