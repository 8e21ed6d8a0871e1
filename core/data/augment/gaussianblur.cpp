#include "core/data/augment/gaussianblur.h"

#include <cmath>
#include <vector>

namespace pretext {

namespace {

/// Half a Gaussian kernel: the weight of the centre, then of its neighbours outwards; both halves sum to one.
std::vector<float> halfKernel(float sigma, int radius)
{
    std::vector<float> weights(radius + 1);
    double total = 0;
    for (int i = 0; i <= radius; ++i) {
        const double weight = std::exp(-0.5 * i * i / (double(sigma) * sigma));
        weights[i] = static_cast<float>(weight);
        total += i ? 2 * weight : weight;
    }
    for (float &weight : weights)
        weight = static_cast<float>(weight / total);
    return weights;
}

int reflected(int at, int size)
{
    return at < 0 ? -at : at >= size ? 2 * size - 2 - at : at;
}

void blurRows(const Planes &view, const std::vector<float> &kernel)
{
    const int radius = int(kernel.size()) - 1, width = view.width;
    thread_local std::vector<float> padded;
    padded.resize(width + 2 * radius);
    for (float *row = view.data; row < view.data + view.size(); row += width) {
        for (int x = -radius; x < width + radius; ++x)
            padded[x + radius] = row[reflected(x, width)];
        const float *centre = padded.data() + radius;
        for (int x = 0; x < width; ++x)
            row[x] = kernel[0] * centre[x];
        for (int k = 1; k <= radius; ++k)
            for (int x = 0; x < width; ++x)
                row[x] += kernel[k] * (centre[x - k] + centre[x + k]);
    }
}

void blurColumns(const Planes &view, const std::vector<float> &kernel)
{
    const int radius = int(kernel.size()) - 1, width = view.width;
    thread_local std::vector<float> copy;
    for (int c = 0; c < view.channels; ++c) {
        copy.assign(view.plane(c), view.plane(c) + view.area());
        for (int y = 0; y < view.height; ++y) {
            float *out = view.row(c, y);
            const float *centre = copy.data() + size_t(y) * width;
            for (int x = 0; x < width; ++x)
                out[x] = kernel[0] * centre[x];
            for (int k = 1; k <= radius; ++k) {
                const float *above = copy.data() + size_t(reflected(y - k, view.height)) * width;
                const float *below = copy.data() + size_t(reflected(y + k, view.height)) * width;
                for (int x = 0; x < width; ++x)
                    out[x] += kernel[k] * (above[x] + below[x]);
            }
        }
    }
}

} // namespace

void gaussianBlur(const Planes &view, float sigma)
{
    const int radius = std::min(static_cast<int>(std::ceil(3 * sigma)), std::min(view.height, view.width) - 1);
    if (radius < 1)
        return;
    const std::vector<float> kernel = halfKernel(sigma, radius);
    blurRows(view, kernel);
    blurColumns(view, kernel);
}

} // namespace pretext
