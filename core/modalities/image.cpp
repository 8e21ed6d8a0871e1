// Images: augmented views, normalised by the mean and deviation of each channel, compared as pictures.
#include "core/analysis/evaluateimages.h"
#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/data/augment/augment.h"
#include "core/data/batchmaker.h"
#include "core/data/dataset.h"
#include "core/data/fingerprint.h"
#include "core/data/modalitytype.h"
#include "core/engine/checkpointfields.h"
#include "core/engine/modalitytraining.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/noiseprobe.h"
#include "core/exchange/onnximages.h"
#include "core/files/said.h"
#include "core/ssl/imageviews.h"
#include "core/ssl/upload.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <stdexcept>

namespace pretext {

namespace {

using ImageMetadata = std::map<std::string, std::string>;

std::shared_ptr<const Prepared> loadImages(const nlohmann::json &state, const ImageMetadata &metadata, const RunConfig &config)
{
    Preprocessing pixels = readPixelFields(state, config);
    if (metadata.contains("tokenizer"))
        throw std::invalid_argument(pretext::said("it has a tokenizer, though its method %1 reads images", {config.method}));
    demandImageShape(pixels.shape);
    return std::make_shared<const PreparedImages>(std::move(pixels));
}

const ModalityTraining &imageTraining()
{
    static const ModalityTraining training{
        .prepare = [](const Preparing &asked) { return preparedImages(asked.dataset.info()); },
        .upload = [](StepInput &input, int64_t, const PreparedSplit *) { uploadViews(input); },
        .offer = offerImageViews,
        .save = [](const Prepared &prepared, nlohmann::json &state, ImageMetadata &) { writePixelFields(preprocessingOf(prepared), state); },
        .load = loadImages};
    return training;
}

const ModalityAnalysis &imageAnalysis()
{
    static const ModalityAnalysis analysis{
        .embed = [](Module &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit,
                    const ShareDone &progress) { return embed(encoder, preprocessingOf(prepared), dataset, split, limit, progress); },
        .twoViews = twoImageViews,
        .baselines = imageBaselines(),
        .last =
            [](TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result) {
                if (!dataset.info().maskClasses.empty())
                    describeSegmentation(trained, dataset, baselines, judge, result);
            },
        .finetuneSteps = 200,
        .finetune = describeImageFinetuning};
    return analysis;
}

nlohmann::json imagePreprocessing(const CheckpointState &state)
{
    const Preprocessing &pixels = preprocessingOf(*state.prepared);
    return {{"range", {0, 1}},
            {"mean", pixels.mean},
            {"deviation", pixels.deviation},
            {"size", {pixels.shape.height, pixels.shape.width}},
            {"channels", pixels.shape.channels == 1 ? "grey" : "RGB"}};
}

std::string imagePreprocessingSaid(const DatasetInfo &info)
{
    const auto list = [](const std::vector<float> &values) {
        std::string texts;
        for (const float value : values) {
            char number[32];
            std::snprintf(number, sizeof number, "%.4g", double(value));
            texts += (texts.empty() ? "" : ", ") + std::string(number);
        }
        return texts;
    };
    return pretext::said(
        "Input is [batch, %1, %2, %3] with pixels from 0 to 1. Each channel then has %4 subtracted and is divided by %5; an ONNX file does that itself.",
        {std::to_string(info.image.channels), std::to_string(info.image.height), std::to_string(info.image.width), list(info.mean), list(info.deviation)});
}

const ModalityExport &imageExport()
{
    static const ModalityExport exchange{.preprocessing = imagePreprocessing,
                                         .input = [](const ImageMetadata &, const CheckpointState &state) { return state.input(); },
                                         .probe = [](Encoder &encoder, Module *projector,
                                                     const CheckpointState &state) { return embedNoise(encoder, projector, preprocessingOf(*state.prepared)); },
                                         .probed = PRETEXT_SAID("the encoder built again from the file alone, on %1 images of noise"),
                                         .projector = true,
                                         .onnx = exportImageOnnx,
                                         .said = imagePreprocessingSaid};
    return exchange;
}

} // namespace

ModalityType imageModality()
{
    return {.name = "image",
            .many = PRETEXT_SAID("images"),
            .ofUser = PRETEXT_SAID("a folder of images"),
            .method = "simclr",
            .shaped = true,
            .wordsAre = "name",
            .knobs = augmentationKnobs,
            .input = [](ImageShape shape) { return InputShape(shape); },
            .fitting =
                [](const Prepared &prepared) {
                    const ImageShape &shape = preprocessingOf(prepared).shape;
                    return DatasetOptions{.size = shape.height, .colour = shape.channels == 3};
                },
            .mark = markImages,
            .views = makeViewMaker,
            .words = [](const Dataset &dataset, Split split, int64_t index) { return dataset.caption(split, index); },
            .picture = [](const Dataset &dataset, Split split, int64_t index) { return dataset.image(split, index); },
            .training = &imageTraining(),
            .analysis = &imageAnalysis(),
            .exchange = &imageExport()};
}

} // namespace pretext
