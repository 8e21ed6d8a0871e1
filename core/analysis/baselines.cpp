#include "core/analysis/baselines.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/projection.h"
#include "core/analysis/tfidf.h"
#include "core/data/preparedimages.h"
#include "core/nn/whitening.h"

#include <algorithm>

namespace pretext {
namespace {

constexpr int64_t kWhitened = 10000; // embeddings that an untrained encoder's whitening is given to follow

Features pixels(const TrainedEncoder &, const Dataset &dataset, const ShareDone &)
{
    return {"raw pixels", rawPixels(dataset, Split::train), rawPixels(dataset, Split::test)};
}

Features principalComponents(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress)
{
    const Features raw = pixels(trained, dataset, progress);
    const int components = int(std::min<int64_t>({64, raw.train.rows, raw.train.columns}));
    const Pca pca = fitPca(raw.train, components);
    return {"PCA-" + std::to_string(components), project(pca, raw.train), project(pca, raw.test)};
}

Features termFrequencies(const TrainedEncoder &, const Dataset &dataset, const ShareDone &progress)
{
    constexpr int kTerms = 2000;
    TfIdfFeatures weights = tfIdfFeatures(dataset, 0, kTerms, progress);
    return {"TF-IDF", std::move(weights.train), std::move(weights.test)};
}

} // namespace

Features encoderFeatures(const std::string &name, Encoder &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress)
{
    requireFinite(encoder);
    const auto embedded = [&](Split split, const ShareDone &told) { return readSamples(encoder, *state.prepared, dataset, split, 0, told); };
    Features features{name, embedded(Split::train, progress), embedded(Split::test, {})};
    for (const Matrix *rows : {&features.train, &features.test})
        requireFinite(*rows, name);
    return features;
}

Features untrainedFeatures(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress)
{
    Model initial = makeModel(trained.state.config, trained.state.input()); // the seed fixes the weights the run began with
    if (Whitening *whitening = initial.encoder->whitening()) {
        const Matrix seen = embed(*initial.encoder, preprocessingOf(*trained.state.prepared), dataset, Split::train, kWhitened);
        whitening->follow(Tensor::fromHost(seen.values, {seen.rows, seen.columns}));
    }
    return encoderFeatures("untrained", *initial.encoder, trained.state, dataset, progress);
}

std::vector<Baseline> imageBaselines()
{
    return {{"untrained", untrainedFeatures}, {"PCA-64", principalComponents}, {"raw pixels", pixels}};
}

std::vector<Baseline> textBaselines()
{
    return {{"untrained", untrainedFeatures}, {"TF-IDF", termFrequencies}};
}

} // namespace pretext
