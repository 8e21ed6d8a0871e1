#include "core/channels/recorder.h"

#include "core/tensor/readback.h"

namespace pretext {

std::vector<Matrix> matricesOf(const std::vector<Tensor> &tensors, std::vector<std::vector<float>> values)
{
    std::vector<Matrix> all;
    for (size_t i = 0; i < tensors.size(); ++i) {
        const int64_t rows = tensors[i].shape()[0];
        all.push_back({rows, rows > 0 ? tensors[i].size() / rows : 0, std::move(values[i])});
    }
    return all;
}

ChannelValue Shown::now() const
{
    return show ? show(matricesOf(tensors, Readback(tensors).take())) : value;
}

void Recorder::read(const std::vector<Tensor> &tensors, std::function<void(std::vector<Matrix>)> then)
{
    then(matricesOf(tensors, Readback(tensors).take()));
}

} // namespace pretext
