// Precisions and devices by name.
#include "core/backend/backend.h"

#include <stdexcept>
#include <string>

namespace pretext {

Precision precisionNamed(const std::string &name)
{
    if (name == "auto")
        return backend(DeviceScope::current()).fasterPrecision;
    for (const Precision precision : {Precision::f32, Precision::bf16})
        if (name == nameOf(precision))
            return precision;
    throw std::invalid_argument("precision: '" + name + "' is not one of auto, f32, bf16");
}

const char *nameOf(Precision precision)
{
    return precision == Precision::bf16 ? "bf16" : "f32";
}

} // namespace pretext
