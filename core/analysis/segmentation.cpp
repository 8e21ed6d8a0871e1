#include "core/analysis/segmentation.h"

#include "core/analysis/features.h"
#include "core/analysis/probe.h"
#include "core/analysis/spread.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace pretext {

namespace {

constexpr int64_t kTrainImages = 800, kTestImages = 400; // at most, spread evenly
constexpr uint32_t kPixels = 48;                         // of each image, drawn
constexpr uint64_t kPixelSeed = 0x5045474d;

struct Pixel
{
    int64_t image = 0; // of the split
    int y = 0, x = 0;
};

/// Some pixels of some images, the same for whatever features.
std::vector<Pixel> somePixels(const Dataset &dataset, Split split)
{
    const ImageShape shape = dataset.info().image;
    const int64_t size = dataset.size(split), count = std::min(size, split == Split::train ? kTrainImages : kTestImages);
    std::vector<Pixel> pixels;
    for (int64_t i = 0; i < count; ++i) {
        Random random(kPixelSeed, split == Split::train ? 0 : 1, uint32_t(i));
        for (uint32_t n = 0; n < kPixels; ++n) {
            const int y = int(random.below(uint32_t(shape.height))), x = int(random.below(uint32_t(shape.width)));
            pixels.push_back({spreadIndex(i, count, size), y, x});
        }
    }
    return pixels;
}

std::vector<int> classesOf(const Dataset &dataset, Split split, const std::vector<Pixel> &pixels)
{
    std::vector<int> classes;
    std::vector<uint8_t> mask;
    for (size_t i = 0; i < pixels.size(); ++i) {
        if (i % kPixels == 0)
            mask = dataset.mask(split, pixels[i].image);
        classes.push_back(mask.at(size_t(pixels[i].y) * size_t(dataset.info().image.width) + size_t(pixels[i].x)));
    }
    return classes;
}

/// A map [h, w, C] of an image H x W at the middle of a pixel, between the middles of its places.
class Bilinear
{
public:
    Bilinear(const float *values, ImageShape map, ImageShape image) : m_values(values), m_map(map), m_image(image) {}
    void at(int y, int x, float *to) const
    {
        const auto [top, bottom, down] = between(y, m_map.height, m_image.height);
        const auto [left, right, across] = between(x, m_map.width, m_image.width);
        for (int c = 0; c < m_map.channels; ++c)
            to[c] = std::lerp(std::lerp(value(top, left, c), value(top, right, c), across), std::lerp(value(bottom, left, c), value(bottom, right, c), across),
                              down);
    }

private:
    struct Between
    {
        int first, second;
        float share; // of the second
    };
    static Between between(int pixel, int places, int pixels)
    {
        const float at = std::clamp((float(pixel) + 0.5f) * float(places) / float(pixels) - 0.5f, 0.f, float(places - 1));
        const int first = int(at);
        return {first, std::min(first + 1, places - 1), at - float(first)};
    }
    float value(int y, int x, int c) const { return m_values[(y * m_map.width + x) * m_map.channels + c]; }

    const float *m_values;
    ImageShape m_map, m_image;
};

/// Rows for the pixels, whose images come one by one.
Matrix mapRows(Encoder &encoder, const CheckpointState &state, const Dataset &dataset, Split split, const std::vector<Pixel> &pixels, const ShareDone &progress)
{
    constexpr size_t kAtOnce = 100; // images
    const NoGrad noGrad;
    Matrix result;
    for (size_t first = 0; first < pixels.size(); first += kAtOnce * kPixels) {
        if (progress && !progress(double(first) / double(pixels.size())))
            break;
        const size_t end = std::min(pixels.size(), first + kAtOnce * kPixels);
        std::vector<size_t> images;
        for (size_t i = first; i < end; i += kPixels)
            images.push_back(size_t(pixels[i].image));
        const Variable map = encoder.map(Variable(imageRows(preprocessingOf(*state.prepared), dataset, split, images)));
        if (!map.defined())
            return {};
        const ImageShape shape{int(map.shape()[1]), int(map.shape()[2]), int(map.shape()[3])};
        const std::vector<float> values = map.value().toHost();
        const size_t size = values.size() / images.size();
        result.columns = shape.channels;
        for (size_t i = first; i < end; ++i, ++result.rows) {
            result.values.resize(result.values.size() + size_t(shape.channels));
            Bilinear(&values[(i - first) / kPixels * size], shape, dataset.info().image)
                .at(pixels[i].y, pixels[i].x, &result.values[result.values.size() - size_t(shape.channels)]);
        }
    }
    return result;
}

Matrix neighbourRows(const Dataset &dataset, Split split, const std::vector<Pixel> &pixels)
{
    const ImageShape shape = dataset.info().image;
    Matrix result{int64_t(pixels.size()), 9 * shape.channels, {}};
    Image image;
    for (size_t i = 0; i < pixels.size(); ++i) {
        if (i % kPixels == 0)
            image = dataset.image(split, pixels[i].image);
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const int y = std::clamp(pixels[i].y + dy, 0, shape.height - 1), x = std::clamp(pixels[i].x + dx, 0, shape.width - 1);
                for (int c = 0; c < shape.channels; ++c)
                    result.values.push_back(float(image.pixels[(size_t(y) * size_t(shape.width) + size_t(x)) * size_t(shape.channels) + size_t(c)]) / 255.f);
            }
    }
    return result;
}

PixelFeatures pixelFeatures(const Dataset &dataset, const std::function<Matrix(Split, const std::vector<Pixel> &)> &rows)
{
    const std::vector<Pixel> train = somePixels(dataset, Split::train), test = somePixels(dataset, Split::test);
    return {rows(Split::train, train), rows(Split::test, test), classesOf(dataset, Split::train, train), classesOf(dataset, Split::test, test)};
}

double meanIntersectionOverUnion(const std::vector<int> &guessed, const std::vector<int> &truth, int classes)
{
    std::vector<int64_t> both(size_t(classes), 0), either(size_t(classes), 0);
    for (size_t i = 0; i < truth.size(); ++i) {
        both[size_t(truth[i])] += truth[i] == guessed[i];
        ++either[size_t(truth[i])];
        either[size_t(guessed[i])] += truth[i] != guessed[i];
    }
    double sum = 0;
    int there = 0;
    for (size_t c = 0; c < either.size(); ++c)
        if (either[c] > 0) {
            sum += double(both[c]) / double(either[c]);
            ++there;
        }
    return there > 0 ? sum / there : 0;
}

} // namespace

PixelFeatures mapFeatures(Encoder &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress)
{
    encoder.setTraining(false);
    return pixelFeatures(dataset, [&](Split split, const std::vector<Pixel> &pixels) { return mapRows(encoder, state, dataset, split, pixels, progress); });
}

PixelFeatures neighbourhoods(const Dataset &dataset)
{
    return pixelFeatures(dataset, [&](Split split, const std::vector<Pixel> &pixels) { return neighbourRows(dataset, split, pixels); });
}

SegmentationRow segmentation(const std::string &name, const PixelFeatures &pixels, int classes, const ShareDone &progress)
{
    ProbeOptions options;
    options.l2 = {1e-3};
    options.progress = progress;
    const ProbeResult probe = linearProbe(pixels.train, pixels.trainClasses, pixels.test, pixels.testClasses, classes, options);
    return {name, pixels.test.columns, meanIntersectionOverUnion(probe.predictions, pixels.testClasses, classes), probe.accuracy};
}

} // namespace pretext
