#include "core/analysis/baselines.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/projection.h"
#include "core/analysis/tfidf.h"
#include "core/data/modalitytype.h"
#include "core/nn/whitening.h"

#include <algorithm>
#include <span>

namespace pretext {
namespace {

constexpr int64_t kWhitened = 10000; // views, of which an untrained encoder's whitening is given the embeddings

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

/// Some rows at a time, so that they are there twice only as matrices.
Matrix mapped(const Matrix &rows, const std::function<Variable(const Variable &)> &map)
{
    constexpr int64_t kRows = 4096;
    const NoGrad noGrad;
    Matrix result{rows.rows, rows.columns, {}};
    result.values.reserve(rows.values.size());
    for (int64_t first = 0; first < rows.rows; first += kRows) {
        const int64_t count = std::min(kRows, rows.rows - first);
        const std::span<const float> some(&rows.values[size_t(first * rows.columns)], size_t(count * rows.columns));
        const std::vector<float> values = map(Variable(Tensor::fromHost(some, {count, rows.columns}))).value().toHost();
        result.values.insert(result.values.end(), values.begin(), values.end());
    }
    return result;
}

} // namespace

Features encoderFeatures(const std::string &name, Encoder &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress)
{
    requireFinite(encoder);
    requireModality(dataset, state.prepared->modality());
    const ModalityAnalysis &kind = *modalityType(state.prepared->modality()).analysis;
    const auto embedded = [&](Split split, const ShareDone &told) { return kind.embed(encoder, *state.prepared, dataset, split, 0, told); };
    Features features{name, embedded(Split::train, progress), embedded(Split::test, {})};
    for (const Matrix *rows : {&features.train, &features.test})
        requireFinite(*rows, name);
    if (Whitening *whitening = encoder.whitening())
        features.whitened = [map = whitening->map()](const Matrix &rows) { return mapped(rows, map); };
    return features;
}

Features untrainedFeatures(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress)
{
    Model initial = makeModel(trained.state.config, trained.state.input()); // the seed fixes the weights the run began with
    if (Whitening *whitening = initial.encoder->whitening()) {
        const Matrix seen = embedTrainingViews(*initial.encoder, trained.state, dataset, kWhitened);
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
