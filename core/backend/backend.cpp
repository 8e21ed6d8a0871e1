#include "core/backend/backend.h"

#include "core/backend/devices.h"
#include "core/backend/profiled.h"

#include <stdexcept>

namespace pretext {

const Backend &backend(Device device)
{
    if (operationsAreHeard())
        return profiledBackend(device);
    return device == Device::cpu ? cpu::table() : cuda::table();
}

const char *nameOf(Unary kind)
{
    switch (kind) {
    case Unary::none: return "none";
    case Unary::relu: return "relu";
    case Unary::gelu: return "gelu";
    case Unary::geluTanh: return "gelu-tanh";
    case Unary::tanh: return "tanh";
    case Unary::sigmoid: return "sigmoid";
    case Unary::softplus: return "softplus";
    case Unary::exp: return "exp";
    case Unary::log: return "log";
    case Unary::sqrt: return "sqrt";
    case Unary::square: return "square";
    case Unary::abs: return "abs";
    }
    return "unary";
}

bool available(Device device)
{
    return device == Device::cpu || cuda::available();
}

std::string missing(Device device)
{
    return device == Device::cpu ? std::string() : cuda::missing();
}

Device deviceNamed(const std::string &name)
{
    if (name == "auto")
        return cuda::available() ? Device::cuda : Device::cpu;
    for (const Device device : {Device::cpu, Device::cuda})
        if (name == nameOf(device)) {
            backend(device); // says why there is none
            return device;
        }
    throw std::invalid_argument("device: '" + name + "' is not one of auto, cpu, cuda");
}

std::string backendChoices()
{
    return backend(DeviceScope::current()).choices();
}

} // namespace pretext
