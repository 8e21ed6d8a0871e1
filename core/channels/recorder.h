// Where a method writes what it wants shown.
#pragma once

#include "core/channels/channel.h"
#include "core/tensor/tensor.h"

#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// Tensors' values as matrices, [M, D] each: rows along the first axis.
std::vector<Matrix> matricesOf(const std::vector<Tensor> &tensors, std::vector<std::vector<float>> values);

/// What a channel shows: a value; or tensors as they are now, and what to make of their values when these are on the host, perhaps some steps later, so that
/// it keeps what it needs beside them.
struct Shown
{
    template<class T>
    requires std::constructible_from<ChannelValue, T> Shown(T &&value) : value(std::forward<T>(value)) {}
    Shown(std::vector<Tensor> tensors, std::function<ChannelValue(std::vector<Matrix>)> show) : tensors(std::move(tensors)), show(std::move(show)) {}

    /// Waits for the tensors.
    ChannelValue now() const;

    ChannelValue value;
    std::vector<Tensor> tensors;
    std::function<ChannelValue(std::vector<Matrix>)> show; // empty: the value
};

/// Where a method writes what it wants shown. Scalars are recorded every step. A heavy channel is offered: `make` is called when a
/// snapshot of this step is made and somebody wants the channel, on the trainer's thread, perhaps after the step (when paused), so it
/// captures the tensors it reads by value.
class Recorder
{
public:
    virtual ~Recorder() = default;
    virtual void scalar(const std::string &channel, double value) = 0;
    virtual void heavy(const std::string &channel, std::function<Shown()> make) = 0;
    /// For scalars that are made of tensors' values: `then` gets these and writes the scalars. That is at once, or, where reading waits for a device, when the
    /// whole step is read, with the scalars at the place where they would have been.
    virtual void read(const std::vector<Tensor> &tensors, std::function<void(std::vector<Matrix>)> then);
};

/// Nobody looks.
class SilentRecorder : public Recorder
{
public:
    void scalar(const std::string &, double) override {}
    void heavy(const std::string &, std::function<Shown()>) override {}
    void read(const std::vector<Tensor> &, std::function<void(std::vector<Matrix>)>) override {}
};

} // namespace pretext
