// Where a method writes what it wants shown.
#pragma once

#include "core/channels/channel.h"

#include <functional>
#include <string>

namespace pretext {

/// Where a method writes what it wants shown. Scalars are recorded every step. A heavy channel is offered: `make` is called when a
/// snapshot of this step is made and somebody wants the channel, on the trainer's thread, perhaps after the step (when paused), so it
/// captures the tensors it reads by value.
class Recorder
{
public:
    virtual ~Recorder() = default;
    virtual void scalar(const std::string &channel, double value) = 0;
    virtual void heavy(const std::string &channel, std::function<ChannelValue()> make) = 0;
};

/// Nobody looks.
class SilentRecorder : public Recorder
{
public:
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &, std::function<ChannelValue()>) override {}
};

} // namespace pretext
