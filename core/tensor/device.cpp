#include "core/tensor/device.h"

#include <utility>

namespace pretext {

namespace {

thread_local Device currentDevice = Device::cpu;

}

DeviceScope::DeviceScope(Device device) : m_outer(std::exchange(currentDevice, device))
{
}

DeviceScope::~DeviceScope()
{
    currentDevice = m_outer;
}

Device DeviceScope::current()
{
    return currentDevice;
}

const char *nameOf(Device device)
{
    return device == Device::cpu ? "cpu" : "cuda";
}

} // namespace pretext
