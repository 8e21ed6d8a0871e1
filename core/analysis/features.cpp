#include "core/analysis/features.h"

#include "core/analysis/modalityanalysis.h"
#include "core/autograd/variable.h"
#include "core/data/augment/augment.h"
#include "core/data/modalitytype.h"
#include "core/engine/model.h"
#include "core/files/said.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

constexpr int64_t kBatch = 250;

int64_t countOf(const Dataset &dataset, Split split, int64_t limit)
{
    const int64_t size = dataset.size(split);
    return limit > 0 ? std::min(limit, size) : size;
}

std::string str(ImageShape shape)
{
    return std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x " + std::to_string(shape.channels);
}

int64_t sizeOf(ImageShape shape)
{
    return int64_t(shape.height) * shape.width * shape.channels;
}

void requireShape(const Dataset &dataset, ImageShape wanted)
{
    if (dataset.info().image != wanted)
        throw std::invalid_argument(dataset.info().name + ": "
                                    + said("its images are %1, the encoder was made for %2 (height x width x channels); choose data of that size and colour",
                                           {str(dataset.info().image), str(wanted)}));
}

/// [n, H, W, C] pixels in [0, 1] as an encoder of images takes them.
Tensor normalised(const Preprocessing &preprocessing, std::vector<float> pixels)
{
    const ImageShape shape = preprocessing.shape;
    for (size_t pixel = 0; pixel < pixels.size(); pixel += size_t(shape.channels))
        for (size_t channel = 0; channel < size_t(shape.channels); ++channel)
            pixels[pixel + channel] = (pixels[pixel + channel] - preprocessing.mean[channel]) / preprocessing.deviation[channel];
    return Tensor::fromHost(pixels, {int64_t(pixels.size()) / sizeOf(shape), shape.height, shape.width, shape.channels});
}

/// One batch through the module, [n, H, W, C] pixels in [0, 1]; appends to `result`.
void embedBatch(Module &encoder, const Preprocessing &preprocessing, std::vector<float> pixels, Matrix &result)
{
    const NoGrad noGrad;
    const Variable y = encoder(Variable(normalised(preprocessing, std::move(pixels))));
    const std::vector<float> values = y.value().toHost();
    result.rows += y.shape()[0];
    result.columns = y.shape()[1];
    result.values.insert(result.values.end(), values.begin(), values.end());
}

/// Evaluation mode while alive.
class Evaluating
{
public:
    explicit Evaluating(Module &module) : m_module(module), m_training(module.training()) { m_module.setTraining(false); }
    ~Evaluating() { m_module.setTraining(m_training); }

private:
    Module &m_module;
    bool m_training;
};

/// View number `view` of samples [first, end) of a split, [end - first, H, W, C].
std::vector<float> viewsOf(const Dataset &dataset, Split split, const RunConfig &config, int64_t first, int64_t end, uint32_t view)
{
    constexpr uint32_t kEpoch = 0xfffffffe; // one that no training view is drawn in
    const ImageShape shape = dataset.info().image;
    const size_t size = size_t(shape.height) * shape.width * shape.channels;
    const Augmenter augmenter(config.knobs, shape);
    std::vector<float> pixels(size * size_t(end - first));
    for (int64_t i = first; i < end; ++i)
        augmenter.make(dataset.image(split, i), {config.seed, kEpoch, uint32_t(i), view}, std::span(pixels).subspan(size_t(i - first) * size, size));
    return pixels;
}

} // namespace

Matrix embedPixels(Module &encoder, const Preprocessing &preprocessing, const std::vector<float> &pixels)
{
    const Evaluating evaluating(encoder);
    const int64_t batch = kBatch * sizeOf(preprocessing.shape), size = int64_t(pixels.size());
    Matrix result;
    for (int64_t first = 0; first < size; first += batch)
        embedBatch(encoder, preprocessing, {pixels.begin() + first, pixels.begin() + std::min(size, first + batch)}, result);
    return result;
}

Matrix embed(Module &encoder, const Preprocessing &preprocessing, const Dataset &dataset, Split split, int64_t limit,
             const std::function<bool(double)> &progress)
{
    requireShape(dataset, preprocessing.shape);
    const Evaluating evaluating(encoder);
    const int64_t count = countOf(dataset, split, limit);
    Matrix result;
    for (int64_t first = 0; first < count; first += kBatch) {
        embedBatch(encoder, preprocessing, pixelsOf(dataset, split, first, std::min(count, first + kBatch)), result);
        if (progress && !progress(double(result.rows) / double(count)))
            break;
    }
    return result;
}

void requireReadable(const Prepared &prepared, const Dataset &dataset)
{
    requireModality(dataset, prepared.modality());
    if (modalityType(prepared.modality()).shaped)
        requireShape(dataset, prepared.input().image);
}

Matrix embedSamples(const TrainedEncoder &trained, const Dataset &dataset, Split split, int64_t limit, const std::function<bool(double)> &progress)
{
    const Prepared &prepared = *trained.state.prepared;
    requireModality(dataset, prepared.modality());
    return modalityType(prepared.modality()).analysis->embed(*trained.encoder, prepared, dataset, split, limit, progress);
}

Matrix readSamples(Encoder &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit, const std::function<bool(double)> &progress)
{
    requireModality(dataset, prepared.modality());
    Readout readout(encoder);
    Module &read = encoder.whitening() ? static_cast<Module &>(readout) : encoder;
    return modalityType(prepared.modality()).analysis->embed(read, prepared, dataset, split, limit, progress);
}

Tensor imageRows(const Preprocessing &preprocessing, const Dataset &dataset, Split split, std::span<const size_t> samples)
{
    requireShape(dataset, preprocessing.shape);
    std::vector<float> pixels(samples.size() * size_t(sizeOf(preprocessing.shape)));
    auto at = pixels.begin();
    for (const size_t sample : samples)
        at = std::ranges::transform(dataset.image(split, int64_t(sample)).pixels, at, [](uint8_t value) { return float(value) / 255.f; }).out;
    return normalised(preprocessing, std::move(pixels));
}

std::pair<Matrix, Matrix> twoImageViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count)
{
    const Preprocessing &preprocessing = preprocessingOf(*trained.state.prepared);
    return {embedPixels(*trained.encoder, preprocessing, viewsOf(dataset, Split::test, trained.state.config, 0, count, 0)),
            embedPixels(*trained.encoder, preprocessing, viewsOf(dataset, Split::test, trained.state.config, 0, count, 1))};
}

Matrix embedTrainingViews(Module &encoder, const CheckpointState &state, const Dataset &dataset, int64_t count)
{
    const Evaluating evaluating(encoder);
    Matrix result;
    for (uint32_t view = 0; result.rows < count; ++view)
        for (int64_t first = 0; first < dataset.size(Split::train) && result.rows < count; first += kBatch) {
            const int64_t end = std::min({first + kBatch, dataset.size(Split::train), first + count - result.rows});
            embedBatch(encoder, preprocessingOf(*state.prepared), viewsOf(dataset, Split::train, state.config, first, end, view), result);
        }
    return result;
}

std::vector<float> pixelsOf(const Dataset &dataset, Split split, int64_t first, int64_t end)
{
    std::vector<float> pixels(size_t((end - first) * sizeOf(dataset.info().image)));
    auto at = pixels.begin();
    for (int64_t i = first; i < end; ++i)
        at = std::ranges::transform(dataset.image(split, i).pixels, at, [](uint8_t value) { return float(value) / 255.f; }).out;
    return pixels;
}

Matrix rawPixels(const Dataset &dataset, Split split, int64_t limit)
{
    const int64_t count = countOf(dataset, split, limit);
    return {count, sizeOf(dataset.info().image), pixelsOf(dataset, split, 0, count)};
}

std::vector<int> classLabels(const Dataset &dataset, Split split, int column, int64_t limit)
{
    std::vector<int> labels(countOf(dataset, split, limit));
    for (size_t i = 0; i < labels.size(); ++i)
        labels[i] = int(dataset.label(split, int64_t(i), column));
    return labels;
}

} // namespace pretext
