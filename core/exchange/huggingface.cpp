#include "core/exchange/huggingface.h"

#include "core/analysis/alike.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/onnxgraph.h"
#include "core/exchange/onnxmodel.h"
#include "core/exchange/onnxrun.h"
#include "core/exchange/referencenames.h"
#include "core/exchange/tokenizerjson.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

void writeWhole(const fs::path &path, const std::string &text)
{
    const auto bytes = std::as_bytes(std::span(text));
    writeFileAtomically(path, {bytes.begin(), bytes.end()});
}

void writeJson(const fs::path &path, const nlohmann::json &json)
{
    writeWhole(path, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

nlohmann::json bertConfig(const TransformerOptions &o, bool head)
{
    return {{"model_type", "bert"},
            {"architectures", {head ? "BertForMaskedLM" : "BertModel"}},
            {"vocab_size", o.vocabulary},
            {"hidden_size", o.width},
            {"num_hidden_layers", o.layers},
            {"num_attention_heads", o.heads},
            {"intermediate_size", o.feedForward},
            {"hidden_act", o.activation == Activation::gelu ? "gelu" : "gelu_new"},
            {"hidden_dropout_prob", 0.0},
            {"attention_probs_dropout_prob", 0.0},
            {"max_position_embeddings", o.context},
            {"type_vocab_size", std::max(1, o.tokenTypes)},
            {"initializer_range", o.deviation},
            {"layer_norm_eps", o.epsilon},
            {"position_embedding_type", "absolute"},
            {"pad_token_id", 0},
            {"tie_word_embeddings", true}};
}

nlohmann::json gpt2Config(const TransformerOptions &o)
{
    return {{"model_type", "gpt2"},
            {"architectures", {"GPT2LMHeadModel"}},
            {"vocab_size", o.vocabulary},
            {"n_positions", o.context},
            {"n_ctx", o.context},
            {"n_embd", o.width},
            {"n_layer", o.layers},
            {"n_head", o.heads},
            {"n_inner", o.feedForward},
            {"activation_function", "gelu_new"},
            {"attn_pdrop", 0.0},
            {"embd_pdrop", 0.0},
            {"resid_pdrop", 0.0},
            {"layer_norm_epsilon", o.epsilon},
            {"initializer_range", o.deviation},
            {"bos_token_id", kClassify},
            {"eos_token_id", kSeparate},
            {"pad_token_id", 0},
            {"tie_word_embeddings", true}};
}

/// Whoever generates draws what we draw: [SEP], which ends a text, and no other special token.
nlohmann::json generationConfig()
{
    std::vector<int32_t> never;
    for (int32_t id = 0; id < kSpecialTokens; ++id)
        if (!mayFollow(id))
            never.push_back(id);
    return {{"bos_token_id", kClassify}, {"eos_token_id", kSeparate}, {"pad_token_id", 0}, {"suppress_tokens", never}};
}

void writeConfigs(const TextModel &model, const Tokenizer &tokenizer, const fs::path &folder)
{
    const TransformerOptions &options = model.trunk.options();
    const bool generates = model.causal && model.head;
    writeJson(folder / "config.json", generates ? gpt2Config(options) : bertConfig(options, model.head != nullptr));
    if (generates)
        writeJson(folder / "generation_config.json", generationConfig());
    writeJson(folder / "tokenizer.json", tokenizerJson(tokenizer, !generates));
    writeJson(folder / "tokenizer_config.json", tokenizerConfigJson(options.context, !generates));
}

/// A few rows of made-up tokens, some of them padded.
struct Probe
{
    explicit Probe(const TransformerOptions &options)
    {
        Random random(0);
        const int64_t longest = std::min(options.context, 12);
        for (int64_t length : {longest, std::max<int64_t>(1, longest / 2), longest}) {
            lengths.push_back(int32_t(length));
            for (int64_t t = 0; t < longest; ++t)
                ids.push_back(t < length ? int32_t(random.below(uint32_t(options.vocabulary))) : 0);
        }
        shape = {int64_t(lengths.size()), longest};
    }

    std::vector<int32_t> ids, lengths;
    Shape shape;
};

struct Outputs
{
    std::vector<float> hidden, logits;
};

Outputs compute(const TextModel &model, const Probe &probe)
{
    const NoGrad noGrad;
    const Variable hidden = model.trunk.hidden(
        {.ids = Variable(Tensor::fromHost(probe.ids, probe.shape)), .lengths = Tensor::fromHost(probe.lengths, {probe.shape[0]}), .causal = model.causal});
    return {hidden.value().toHost(), model.head ? model.head->logits(hidden).value().toHost() : std::vector<float>()};
}

TokenCache cacheOf(const TextModel &model)
{
    const TransformerOptions &o = model.trunk.options();
    return model.causal && model.head ? TokenCache{o.layers, o.heads, o.width / o.heads} : TokenCache{};
}

onnx::ModelProto writeGraph(const TextModel &model, const fs::path &path)
{
    onnx::ModelProto proto = newOnnxModel("transformer", "Tokens to hidden states, and with a head to scores of the vocabulary.");
    const Probe probe(model.trunk.options());
    {
        const NoGrad noGrad;
        const GraphRecording recording;
        OnnxGraph graph(*proto.mutable_graph());
        graph.addTokens(!model.causal && model.trunk.options().tokenTypes > 0, cacheOf(model));
        const Variable hidden = model.trunk.hidden({.ids = Variable(Tensor::fromHost(probe.ids, probe.shape)), .causal = model.causal});
        if (model.head)
            graph.addTokenOutput("logits", model.head->logits(hidden));
        graph.addTokenOutput("last_hidden_state", hidden);
    }
    checkOnnxModel(proto);
    writeOnnxModel(path, proto);
    return proto;
}

Outputs runGraph(const TextModel &model, const Probe &probe, const fs::path &path)
{
    OnnxValue ids{{probe.shape[0], probe.shape[1]}, {}, {probe.ids.begin(), probe.ids.end()}}, mask = ids, types = ids;
    for (size_t i = 0; i < mask.integers.size(); ++i) {
        mask.integers[i] = int64_t(i) % probe.shape[1] < probe.lengths[i / size_t(probe.shape[1])];
        types.integers[i] = 0;
    }
    std::map<std::string, OnnxValue> inputs{{"input_ids", ids}, {"attention_mask", mask}, {"token_type_ids", types}};
    const TokenCache cache = cacheOf(model);
    for (int layer = 0; layer < cache.layers; ++layer)
        for (const char *part : {".key", ".value"})
            inputs["past_key_values." + std::to_string(layer) + part] = {{probe.shape[0], cache.heads, 0, cache.features}, {}, {}};
    auto outputs = OnnxRunner(path).run(inputs);
    return {outputs.at("last_hidden_state").floats, model.head ? outputs.at("logits").floats : std::vector<float>()};
}

/// Takes the larger of the report's and this difference, over positions that are not padding.
void compare(const std::vector<float> &expected, const std::vector<float> &got, const Probe &probe, ExportReport &report)
{
    if (expected.size() != got.size())
        throw std::runtime_error("[huggingface] " + said("what was read back gives %1 values, not %2", {got.size(), expected.size()}));
    const size_t positions = probe.ids.size(), features = expected.size() / positions, length = size_t(probe.shape[1]);
    for (size_t i = 0; i < expected.size(); ++i) {
        const size_t position = i / features;
        if (position % length >= size_t(probe.lengths[position / length]))
            continue;
        report.compare(double(expected[i]), double(got[i]));
    }
}

std::vector<NamedParameter> parametersOf(const TextModel &model)
{
    std::vector<NamedParameter> all = model.trunk.parameters();
    if (model.head)
        for (const NamedParameter &parameter : model.head->parameters())
            all.push_back({"head." + parameter.name, parameter.variable, parameter.decay});
    return all;
}

std::vector<ReferenceTensor> namesOf(const TextModel &model)
{
    const int layers = model.trunk.options().layers;
    return model.causal ? gpt2Tensors(layers) : bertTensors(layers, model.head != nullptr);
}

SafetensorsFile writeWeights(const TextModel &model, const fs::path &path)
{
    SafetensorsFile file{toReference(namesOf(model), parametersOf(model)), {{"format", "pt"}}};
    writeSafetensors(path, file);
    return file;
}

/// The model built again from the reference's names alone.
Outputs runWeights(const TextModel &model, const Probe &probe, const fs::path &path)
{
    Random random(0);
    Transformer trunk(model.trunk.options(), random);
    std::unique_ptr<VocabularyHead> head;
    if (model.head)
        head = std::make_unique<VocabularyHead>(model.trunk.options(), trunk.tokenTable(), model.head->transforms(), random);
    const TextModel again{trunk, head.get(), model.causal};
    std::vector<NamedParameter> parameters = parametersOf(again);
    fromReference(namesOf(model), readSafetensors(path).tensors, parameters);
    return compute(again, probe);
}

/// A folder that is there whole or not at all: filled under another name beside it, and renamed when it is.
class NewFolder
{
public:
    explicit NewFolder(const fs::path &folder) : m_folder(folder), m_unfinished(fs::absolute(folder / ".").parent_path().string() + ".unfinished")
    {
        if (fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder)))
            throw std::invalid_argument(folder.string() + ": " + pretext::said("is there already; name a new folder"));
        fs::remove_all(m_unfinished); // of an export that was killed
        fs::create_directories(m_unfinished / "onnx");
    }
    ~NewFolder()
    {
        std::error_code ignored;
        fs::remove_all(m_unfinished, ignored);
    }
    const fs::path &unfinished() const { return m_unfinished; }
    void finish() { fs::rename(m_unfinished, m_folder); }

private:
    fs::path m_folder, m_unfinished;
};

} // namespace

std::string notReference(const TextModel &model)
{
    const TransformerOptions &o = model.trunk.options();
    const bool post = o.postNorm && o.embeddingNorm && o.tokenTypes == 2 && o.activation == Activation::gelu;
    const bool pre = !o.postNorm && !o.embeddingNorm && o.tokenTypes == 0 && o.activation == Activation::geluTanh;
    if (o.crossAttention)
        return pretext::said("a decoder with cross attention is neither BERT nor GPT-2");
    if (model.causal && !model.head)
        return pretext::said("a causal model without a vocabulary head is neither BERT nor GPT-2");
    if (model.causal && !pre)
        return pretext::said("a causal model is GPT-2 only with norms before the residual branches (encoder.norm=pre)");
    if (!model.causal && !post)
        return pretext::said("a model that sees both sides is BERT only with norms behind the residual sums (encoder.norm=post)");
    if (model.head && model.head->transforms() != post)
        return pretext::said("the vocabulary head is not the one that goes with this encoder");
    return {};
}

ExportReport exportHuggingFace(const TextModel &model, const Tokenizer &tokenizer, const fs::path &folder, const Written &written)
{
    requireFinite(model.trunk);
    if (model.head)
        requireFinite(*model.head, "head.");
    if (tokenizer.vocabularySize() != model.trunk.options().vocabulary)
        throw std::invalid_argument("[huggingface] "
                                    + said("the tokenizer has %1 pieces, the model %2", {tokenizer.vocabularySize(), model.trunk.options().vocabulary}));
    NewFolder made(folder);
    model.trunk.setTraining(false);
    if (model.head)
        model.head->setTraining(false);
    writeConfigs(model, tokenizer, made.unfinished());
    const onnx::ModelProto graph = writeGraph(model, made.unfinished() / "onnx" / "model.onnx");

    const Probe probe(model.trunk.options());
    const Outputs expected = compute(model, probe);
    ExportReport report{folder.string(), 0, 0, said("the ONNX file read back, on %1 rows of tokens", {probe.lengths.size()})};
    const auto check = [&](const Outputs &got) {
        compare(expected.hidden, got.hidden, probe, report);
        compare(expected.logits, got.logits, probe, report);
        requireAgreement(report);
    };
    const auto tell = [&](const char *file) {
        if (written)
            written(made.unfinished() / file);
    };
    tell("onnx/model.onnx");
    check(runGraph(model, probe, made.unfinished() / "onnx" / "model.onnx"));
    requireAsWritten(made.unfinished() / "onnx" / "model.onnx", graph);
    if (const std::string why = notReference(model); why.empty()) {
        const SafetensorsFile weights = writeWeights(model, made.unfinished() / "model.safetensors");
        tell("model.safetensors");
        check(runWeights(model, probe, made.unfinished() / "model.safetensors"));
        requireAsWritten(made.unfinished() / "model.safetensors", weights);
        report.checkedWith = said("the ONNX file read back, on %1 rows of tokens, and the weights", {probe.lengths.size()});
    } else {
        report.checkedWith = said("the ONNX file read back, on %1 rows of tokens (no model.safetensors: %2)", {probe.lengths.size(), why});
    }
    made.finish();
    return report;
}

ExportReport exportHuggingFace(TrainedEncoder &trained, const fs::path &folder)
{
    const Prepared &prepared = *trained.state.prepared;
    if (!exportOf(trained.state).huggingFace)
        throw std::invalid_argument("[huggingface] "
                                    + said("this encoder reads %1; it goes out as onnx, safetensors or tsv", {said(toText(prepared.modality()))}));
    TextEncoder &encoder = textEncoder(*trained.encoder);
    VocabularyHead *head = trained.method->vocabularyHead();
    const bool causal = encoder.visibility() == Visibility::causal;
    ExportReport report = exportHuggingFace({encoder.transformer(), head, causal}, *tokenizerOf(prepared), folder);
    if (!head)
        report.checkedWith = said("%1 (the encoder alone: %2 has no head that BERT or GPT-2 has)", {report.checkedWith, trained.state.config.method});
    return report;
}

} // namespace pretext
