#include "core/ssl/shown.h"

#include "core/backend/backend.h"

#include <utility>

namespace pretext {

Shown shownMatrix(const Tensor &x, std::function<Matrix(const Matrix &)> make)
{
    return Shown({x}, [make = std::move(make)](std::vector<Matrix> read) -> ChannelValue { return make ? make(read[0]) : std::move(read[0]); });
}

Shown shownCosines(const Tensor &z, std::function<Matrix(const Matrix &)> make)
{
    Tensor cosines(Shape{z.shape()[0], z.shape()[0]}, DType::f32, z.device());
    backendOf(z).matmul(z, z, {.transposeB = true}, cosines);
    return shownMatrix(cosines, std::move(make));
}

Shown shownAttention(AttentionView view, std::vector<Tensor> layers)
{
    return Shown(std::move(layers), [view = std::move(view)](const std::vector<Matrix> &read) -> ChannelValue {
        AttentionView whole = view;
        for (const Matrix &layer : read)
            whole.weights.insert(whole.weights.end(), layer.values.begin(), layer.values.end());
        return whole;
    });
}

} // namespace pretext
