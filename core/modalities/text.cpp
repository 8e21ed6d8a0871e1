// Texts: cut into tokens by a tokenizer that is learned on the training split, rows of which are corrupted, and compared as sentences.
#include "core/analysis/evaluate.h"
#include "core/analysis/evaluatetext.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/textfeatures.h"
#include "core/data/dataset.h"
#include "core/data/fingerprint.h"
#include "core/data/modalitytype.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/checkpointfields.h"
#include "core/engine/modalitytraining.h"
#include "core/engine/tokenizing.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/noiseprobe.h"
#include "core/exchange/onnxtext.h"
#include "core/files/json.h"
#include "core/files/said.h"
#include "core/ssl/tokenviews.h"
#include "core/ssl/upload.h"

#include <nlohmann/json.hpp>

#include <stdexcept>

namespace pretext {

namespace {

using TextMetadata = std::map<std::string, std::string>;

/// The checkpoint's tokenizer, or one that is learned, or read from the cache.
std::shared_ptr<const Prepared> prepareText(const Preparing &asked)
{
    if (asked.before)
        return asked.before;
    auto tokenizer = obtainTokenizer(asked.knobs, asked.dataset, asked.tell, asked.stop);
    return tokenizer ? preparedText(std::move(tokenizer)) : nullptr;
}

std::shared_ptr<const PreparedSplit> splitText(const Dataset &dataset, Split split, const Prepared &prepared, const TellPreparing &tell)
{
    return std::make_shared<const TokenizedText>(dataset, split, tokenizerOf(prepared), 0,
                                                 [&](double share) { return tell(pretext::said("cutting the text into tokens"), share); });
}

void describeText(const Prepared &prepared, TextMetadata &metadata)
{
    metadata["tokenizer"] = tokenizerOf(prepared)->toJson().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::shared_ptr<const Tokenizer> writtenTokenizer(const TextMetadata &metadata)
{
    return std::make_shared<const Tokenizer>(Tokenizer::fromJson(parseJson(metadata.at("tokenizer"))));
}

std::shared_ptr<const Prepared> loadText(const nlohmann::json &state, const TextMetadata &metadata, const RunConfig &config)
{
    readPixelFields(state, config); // which are empty
    if (!metadata.contains("tokenizer"))
        throw std::invalid_argument(pretext::said("it has no tokenizer, though its method %1 reads text", {config.method}));
    return preparedText(writtenTokenizer(metadata));
}

const ModalityTraining &textTraining()
{
    static const ModalityTraining training{
        .prepare = prepareText,
        .split = splitText,
        .upload = [](StepInput &input, int64_t step, const PreparedSplit *split) { uploadTokens(input, step, dynamic_cast<const TokenizedText &>(*split)); },
        .offer = [](const Batch &batch, const std::shared_ptr<const Prepared> &prepared,
                    Recorder &recorder) { offerTokenRows(batch, tokenizerOf(*prepared), recorder); },
        .save =
            [](const Prepared &prepared, nlohmann::json &state, TextMetadata &metadata) {
                writePixelFields({}, state);
                describeText(prepared, metadata);
            },
        .load = loadText};
    return training;
}

void describeTexts(TrainedEncoder &trained, const Dataset &whole, const Dataset &dataset, const EvaluationOptions &options, Judge &judge, Evaluation &result)
{
    describePrediction(trained, whole, judge, result);
    describeRetrieval(trained, dataset, options.baselines, judge, result);
}

const ModalityAnalysis &textAnalysis()
{
    static const ModalityAnalysis analysis{
        .embed =
            [](Module &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit, const ShareDone &progress) {
                return embedTexts(dynamic_cast<TextEncoder &>(encoder), *tokenizerOf(prepared), dataset, split, limit, progress);
            },
        .twoViews = twoTextViews,
        .baselines = textBaselines(),
        .most = kMostTexts,
        .ofSome = PRETEXT_SAID("kNN, probes and fine-tuning use %1 of the %2 training texts, spread evenly."),
        .more = describeTexts,
        .finetuneSteps = 60,
        .finetune = describeTextFinetuning};
    return analysis;
}

nlohmann::json textPreprocessing(const CheckpointState &state)
{
    const Tokenizer &tokenizer = *tokenizerOf(*state.prepared);
    return {{"tokenizer", toText(tokenizer.kind())},
            {"vocabulary", tokenizer.vocabularySize()},
            {"context", state.config.knobs.integer("encoder.context")},
            {"row", {"[CLS]", "tokens", "[SEP]"}},
            {"embedding", "mean of the hidden states of all that is not [PAD]"}};
}

const ModalityExport &textExport()
{
    static const ModalityExport exchange{
        .preprocessing = textPreprocessing,
        .describe = describeText,
        .input = [](const TextMetadata &metadata, const CheckpointState &) { return inputShapeOf(*writtenTokenizer(metadata)); },
        .probe = [](Encoder &encoder, Module *, const CheckpointState &) { return embedNoiseRows(textEncoder(encoder)); },
        .probed = PRETEXT_SAID("the encoder built again from the file alone, on %1 rows of made-up tokens"),
        .huggingFace = true,
        .onnx = [](Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out, Module *,
                   const Written &written) { return exportTextOnnx(textEncoder(encoder), state, samples, out, written); },
        .said =
            [](const DatasetInfo &) {
                return pretext::said("Input is rows of token ids: [CLS], the text's tokens, [SEP]. The tokenizer goes along: in a Hugging Face folder as "
                                     "tokenizer.json, else in the file's metadata.");
            }};
    return exchange;
}

} // namespace

ModalityType textModality()
{
    return {.name = "text",
            .many = PRETEXT_SAID("text"),
            .ofUser = PRETEXT_SAID("a text file"),
            .method = "mlm",
            .wordsAre = "text",
            .sentences = true,
            .knobs = [](ImageShape) { return tokenizerKnobs(); },
            .input = [](ImageShape) { return InputShape::text(0); },
            .fitting = [](const Prepared &) { return DatasetOptions{}; },
            .mark = markTexts,
            .words = [](const Dataset &dataset, Split split, int64_t index) { return dataset.text(split, index); },
            .training = &textTraining(),
            .analysis = &textAnalysis(),
            .exchange = &textExport()};
}

} // namespace pretext
