// The table of kinds of data, made from modalities.def.
#include "core/data/modalitytype.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace pretext {

#define MODALITY(name) ModalityType name##Modality();
#include "core/data/modalities.def"
#undef MODALITY

namespace {

std::vector<ModalityType> &modalityRows()
{
    static std::vector<ModalityType> rows{
#define MODALITY(name) name##Modality(),
#include "core/data/modalities.def"
#undef MODALITY
    };
    return rows;
}

} // namespace

const std::vector<ModalityType> &modalityTypes()
{
    return modalityRows();
}

const ModalityType &modalityType(Modality modality)
{
    const auto number = static_cast<size_t>(modality);
    if (number >= modalityRows().size())
        throw std::invalid_argument("[modality] there is no kind of data " + std::to_string(number));
    return modalityRows()[number];
}

Modality addModality(ModalityType type)
{
    modalityRows().push_back(std::move(type));
    return static_cast<Modality>(modalityRows().size() - 1);
}

} // namespace pretext
