#include "core/exchange/onnxtext.h"

#include "core/analysis/alike.h"
#include "core/analysis/spread.h"
#include "core/analysis/textfeatures.h"
#include "core/data/tokens/preparedtext.h"
#include "core/exchange/onnxgraph.h"
#include "core/exchange/onnxmodel.h"
#include "core/exchange/onnxrun.h"
#include "core/exchange/tokenizerjson.h"
#include "core/files/said.h"
#include "core/nn/transformer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>

namespace pretext {

namespace {

constexpr size_t kComparedTexts = 4;

void recordGraph(TextEncoder &encoder, onnx::ModelProto &model)
{
    const NoGrad noGrad;
    const GraphRecording recording;
    OnnxGraph graph(*model.mutable_graph());
    graph.addTokens(false);
    const Variable ids(Tensor::fromHost(std::vector<int32_t>{kClassify, kSeparate}, Shape{1, 2}));
    const Variable hidden = encoder.transformer().hidden({.ids = ids, .causal = encoder.visibility() == Visibility::causal});
    graph.addMeanOutput("embedding", hidden);
    graph.addTokenOutput("last_hidden_state", hidden);
}

EncodedTexts comparedTexts(const CheckpointState &state, const Dataset &samples, int context)
{
    return encodeTexts(*tokenizerOf(*state.prepared), *spreadSubset(samples, 1, kComparedTexts), Split::test, context);
}

ExportReport compareRows(TextEncoder &encoder, const EncodedTexts &texts, const std::filesystem::path &out)
{
    std::vector<size_t> all(texts.size());
    std::iota(all.begin(), all.end(), size_t(0));
    const TokenInput input = paddedRows(texts, all);
    const std::vector<int32_t> ids = input.ids.toHostInt(), lengths = input.lengths.toHostInt();
    const int64_t rows = input.ids.shape()[0], length = input.ids.shape()[1];
    OnnxValue given{{rows, length}, {}, {ids.begin(), ids.end()}}, mask = given;
    for (int64_t i = 0; i < rows * length; ++i)
        mask.integers[size_t(i)] = i % length < lengths[size_t(i / length)];
    const auto outputs = OnnxRunner(out).run({{"input_ids", given}, {"attention_mask", mask}});
    const NoGrad noGrad;
    const std::vector<float> expected = encoder.sentences(input).value().toHost(), &got = outputs.at("embedding").floats;
    const Matrix embeddings{rows, int64_t(expected.size()) / rows, expected};
    requireFinite(embeddings);
    ExportReport report{
        out.string(), 0, 0,
        said(rows == 1 ? PRETEXT_SAID("the ONNX file read back, on %1 held-out text") : PRETEXT_SAID("the ONNX file read back, on %1 held-out texts"), {rows})};
    report.alike = rows > 1 && allAlike(embeddings);
    report.compare(expected, got);
    requireAgreement(report);
    return report;
}

} // namespace

ExportReport exportTextOnnx(TextEncoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out,
                            const Written &written)
{
    if (samples.info().modality != state.prepared->modality() || samples.size(Split::test) < 1)
        throw std::invalid_argument("[onnx] " + said("%1 holds no texts to compare on; the encoder was made for text", {samples.info().name}));
    requireFinite(encoder);
    encoder.setTraining(false);
    onnx::ModelProto model = newOnnxModel(state.config.encoder, "Texts to embeddings: input_ids are [CLS], the text's tokens, [SEP].");
    recordGraph(encoder, model);
    for (const auto &[key, value] : std::map<std::string, std::string>{
             {"preprocessing", preprocessingText(state)},
             {"method", state.config.method},
             {"encoder", state.config.encoder},
             {"dataset", state.config.dataset},
             {"step", std::to_string(state.step)},
             {"tokenizer.json", tokenizerJson(*tokenizerOf(*state.prepared), true).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}})
        addMetadata(model, key, value);
    checkOnnxModel(model);
    writeOnnxModel(out, model);
    if (written)
        written(out);
    const ExportReport report = compareRows(encoder, comparedTexts(state, samples, encoder.options().context), out);
    requireAsWritten(out, model);
    return report;
}

} // namespace pretext
