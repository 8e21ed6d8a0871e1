#include "core/data/modality.h"

#include "core/data/dataset.h"
#include "core/data/modalitytype.h"

#include <stdexcept>

namespace pretext {

const char *toText(Modality modality)
{
    return modalityType(modality).many;
}

void requireModality(const Dataset &dataset, Modality needed)
{
    if (const Modality holds = dataset.info().modality; holds != needed)
        throw std::invalid_argument(dataset.info().name + ": holds " + toText(holds) + ", the encoder was made for " + toText(needed)
                                    + "; choose a data set of " + toText(needed));
}

} // namespace pretext
