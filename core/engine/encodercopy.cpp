#include "core/engine/encodercopy.h"

#include <stdexcept>
#include <string>
#include <utility>

namespace pretext {

namespace {

std::vector<Tensor> tensorsOf(const Encoder &encoder)
{
    std::vector<Tensor> all;
    for (const NamedParameter &parameter : encoder.parameters())
        all.push_back(parameter.variable.value());
    for (const NamedTensor &buffer : encoder.buffers())
        all.push_back(buffer.tensor);
    return all; // they share storage with the encoder's
}

} // namespace

std::shared_ptr<const EncoderCopy> copyOf(const Encoder &encoder, CheckpointState state)
{
    auto copy = std::make_shared<EncoderCopy>();
    copy->state = std::move(state);
    for (const Tensor &tensor : tensorsOf(encoder))
        copy->tensors.push_back(tensor.toHost());
    return copy;
}

TrainedEncoder encoderOf(const EncoderCopy &copy)
{
    Model model = makeModel(copy.state.config, copy.state.input()); // with the method, which may set what an encoder of text sees
    std::vector<Tensor> tensors = tensorsOf(*model.encoder);
    if (tensors.size() != copy.tensors.size())
        throw std::invalid_argument("[encoder copy] " + std::to_string(copy.tensors.size()) + " tensors for an encoder of " + std::to_string(tensors.size()));
    for (size_t i = 0; i < tensors.size(); ++i)
        tensors[i].setFromHost(copy.tensors[i]);
    model.encoder->setTraining(false);
    return {std::move(model.encoder), copy.state, nullptr};
}

} // namespace pretext
