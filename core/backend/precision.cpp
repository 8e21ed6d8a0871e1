// Precisions and devices by name.
#include "core/backend/backend.h"

#include <stdexcept>
#include <string>

namespace pretext {

Precision precisionNamed(const std::string &name)
{
    if (name == "auto")
        return backend(DeviceScope::current()).fasterPrecision;
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::tf32})
        if (name == nameOf(precision))
            return precision == Precision::tf32 && !backend(DeviceScope::current()).multipliesTf32 ? Precision::f32 : precision;
    throw std::invalid_argument("precision: '" + name + "' is not one of auto, f32, bf16, tf32");
}

const char *nameOf(Precision precision)
{
    return precision == Precision::bf16 ? "bf16" : precision == Precision::tf32 ? "tf32" : "f32";
}

void requirePrecision(const std::string &name)
{
    if (name != "auto" && name != nameOf(precisionNamed(name)))
        throw std::invalid_argument("precision " + name + ": the device " + nameOf(DeviceScope::current()) + " has none of it; give auto, f32 or bf16");
}

} // namespace pretext
