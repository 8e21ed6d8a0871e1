#include "core/data/modality.h"

#include "core/data/dataset.h"
#include "core/data/modalitytype.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

const char *toText(Modality modality)
{
    return modalityType(modality).many;
}

void requireModality(const Dataset &dataset, Modality needed)
{
    if (const Modality holds = dataset.info().modality; holds != needed)
        throw std::invalid_argument(
            said("%1: holds %2, the encoder was made for %3; choose a data set of %3", {dataset.info().name, said(toText(holds)), said(toText(needed))}));
}

} // namespace pretext
