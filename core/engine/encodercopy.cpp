#include "core/engine/encodercopy.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace pretext {

namespace {

void addTensorsOf(const Module &module, std::vector<Tensor> &all)
{
    for (const NamedParameter &parameter : module.parameters())
        all.push_back(parameter.variable.value());
    for (const NamedTensor &buffer : module.buffers())
        all.push_back(buffer.tensor);
}

/// They share storage with the model's.
std::vector<Tensor> tensorsOf(const Model &model)
{
    std::vector<Tensor> all;
    addTensorsOf(*model.encoder, all);
    if (projectorOf(*model.method))
        addTensorsOf(model.method->heads(), all);
    return all;
}

} // namespace

Module *projectorOf(Method &method)
{
    const std::vector<NamedParameter> heads = method.heads().parameters();
    const bool has = std::ranges::any_of(heads, [](const NamedParameter &parameter) { return parameter.name.starts_with("projector."); });
    return has ? method.projector() : nullptr;
}

std::shared_ptr<const EncoderCopy> copyOf(const Model &model, CheckpointState state)
{
    return std::get<std::shared_ptr<const EncoderCopy>>(shownCopyOf(model, std::move(state)).now());
}

Shown shownCopyOf(const Model &model, CheckpointState state)
{
    return Shown(tensorsOf(model), [state = std::move(state)](std::vector<Matrix> read) -> ChannelValue {
        auto copy = std::make_shared<EncoderCopy>();
        copy->state = state;
        for (Matrix &tensor : read)
            copy->tensors.push_back(std::move(tensor.values));
        return std::shared_ptr<const EncoderCopy>(std::move(copy));
    });
}

TrainedEncoder encoderOf(const EncoderCopy &copy)
{
    Model model = makeModel(copy.state.config, copy.state.input()); // with the method, which may set what an encoder of text sees
    std::vector<Tensor> tensors = tensorsOf(model);
    if (tensors.size() != copy.tensors.size())
        throw std::invalid_argument("[encoder copy] " + std::to_string(copy.tensors.size()) + " tensors for a model of " + std::to_string(tensors.size()));
    for (size_t i = 0; i < tensors.size(); ++i)
        tensors[i].setFromHost(copy.tensors[i]);
    setTraining(model, false);
    if (!projectorOf(*model.method))
        model.method.reset();
    return {std::move(model.encoder), copy.state, std::move(model.method)};
}

} // namespace pretext
