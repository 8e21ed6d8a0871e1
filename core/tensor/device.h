// Where tensors live. What makes a tensor need not say it: it is on the device of the scope that it is made in.
#pragma once

#include <cstdint>
#include <string>

namespace pretext {

enum class Device : uint8_t { cpu, cuda };

/// While alive, what this thread makes without naming a device is on `device`. Scopes nest; outside of any it is the CPU.
class DeviceScope
{
public:
    explicit DeviceScope(Device device);
    ~DeviceScope();
    DeviceScope(const DeviceScope &) = delete;
    DeviceScope &operator=(const DeviceScope &) = delete;

    static Device current();

private:
    Device m_outer;
};

const char *nameOf(Device device); // "cpu", "cuda"

} // namespace pretext
