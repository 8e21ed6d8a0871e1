#include "core/analysis/baselines.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/analysis/projection.h"
#include "core/analysis/textfeatures.h"
#include "core/analysis/tfidf.h"

#include <algorithm>

namespace pretext {
namespace {

Features untrained(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &progress)
{
    Model initial = makeModel(trained.state.config, trained.state.input()); // the seed fixes the weights the run began with
    return encoderFeatures("untrained", *initial.encoder, trained.state, dataset, progress);
}

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

Features encoderFeatures(const std::string &name, Module &encoder, const CheckpointState &state, const Dataset &dataset, const ShareDone &progress)
{
    requireFinite(encoder);
    const auto embedded = [&](Split split, const ShareDone &told) {
        return state.tokenizer ? embedTexts(dynamic_cast<TextEncoder &>(encoder), *state.tokenizer, dataset, split, 0, told)
                               : embed(encoder, {state.mean, state.deviation, state.shape}, dataset, split, 0, told);
    };
    Features features{name, embedded(Split::train, progress), embedded(Split::test, {})};
    for (const Matrix *rows : {&features.train, &features.test})
        requireFinite(*rows, "the embeddings (" + name + ")");
    return features;
}

const std::vector<Baseline> &baselineFeatures(Modality modality)
{
    static const std::vector<Baseline> ofImages{{"untrained", untrained}, {"PCA-64", principalComponents}, {"raw pixels", pixels}};
    static const std::vector<Baseline> ofText{{"untrained", untrained}, {"TF-IDF", termFrequencies}};
    return modality == Modality::text ? ofText : ofImages;
}

} // namespace pretext
