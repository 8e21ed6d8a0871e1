#include "core/nn/imagedecoder.h"

#include "core/autograd/operations.h"
#include "core/nn/layers.h"

#include <algorithm>
#include <string>

namespace pretext {

namespace {

constexpr int kFirstSide = 8; // at most

int steps(ImageShape image)
{
    int steps = 0;
    while ((std::max(image.height, image.width) - 1) >> steps >= kFirstSide)
        ++steps;
    return steps;
}

} // namespace

ImageDecoder::ImageDecoder(int inputs, ImageShape image, int width, Random &random)
    : m_image(image)
    , m_rows(((image.height - 1) >> steps(image)) + 1)
    , m_columns(((image.width - 1) >> steps(image)) + 1)
    , m_width(width)
{
    const int first = m_rows * m_columns * width;
    m_linear = &addModule("linear", std::make_unique<Linear>(inputs, first, false, random));
    m_linearNorm = &addModule("norm", std::make_unique<BatchNorm>(width, Activation::relu));
    for (int step = 0; step < steps(image); ++step) {
        const std::string number = std::to_string(step);
        Module &conv = addModule("conv" + number, std::make_unique<Conv2d>(width, width, 3, Conv2dOptions{.padding = 1}, false, random));
        m_steps.emplace_back(&conv, &addModule("norm" + number, std::make_unique<BatchNorm>(width, Activation::relu)));
    }
    m_last = &addModule("last", std::make_unique<Conv2d>(width, image.channels, 3, Conv2dOptions{.padding = 1}, random));
}

Variable ImageDecoder::forward(const Variable &code)
{
    const int64_t images = code.shape()[0];
    Variable x = (*m_linearNorm)(reshape((*m_linear)(code), {images, m_rows, m_columns, m_width}));
    for (const auto &[conv, norm] : m_steps)
        x = (*norm)((*conv)(upsample(floats(x), {2, 2})));
    x = floats((*m_last)(x));
    return slice(slice(x, 1, 0, m_image.height), 2, 0, m_image.width);
}

} // namespace pretext
