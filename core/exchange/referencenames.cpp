#include "core/exchange/referencenames.h"

#include "core/files/safetensors.h"

#include <algorithm>

namespace pretext {

namespace {

/// Weight and bias of a layer.
void addLayer(std::vector<ReferenceTensor> &all, const std::string &theirs, const std::string &ours, int part = 0, int parts = 1, bool transposed = false)
{
    all.push_back({theirs + ".weight", ours + ".weight", part, parts, transposed});
    all.push_back({theirs + ".bias", ours + ".bias", part, parts});
}

/// [rows, columns] to [columns, rows].
std::vector<float> transposed(const std::vector<float> &values, int64_t rows, int64_t columns)
{
    std::vector<float> result(values.size());
    for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column)
            result[size_t(column * rows + row)] = values[size_t(row * columns + column)];
    return result;
}

} // namespace

std::vector<ReferenceTensor> bertTensors(int layers, bool head)
{
    const std::string bert = head ? "bert." : "", embeddings = bert + "embeddings.";
    std::vector<ReferenceTensor> all{{embeddings + "word_embeddings.weight", "token_embedding"},
                                     {embeddings + "position_embeddings.weight", "position_embedding"},
                                     {embeddings + "token_type_embeddings.weight", "type_embedding"}};
    addLayer(all, embeddings + "LayerNorm", "embedding_norm");
    for (int i = 0; i < layers; ++i) {
        const std::string theirs = bert + "encoder.layer." + std::to_string(i) + ".", ours = "layer" + std::to_string(i) + ".";
        const char *parts[] = {"query", "key", "value"};
        for (int part = 0; part < 3; ++part)
            addLayer(all, theirs + "attention.self." + parts[part], ours + "attention.query_key_value", part, 3);
        addLayer(all, theirs + "attention.output.dense", ours + "attention.output");
        addLayer(all, theirs + "attention.output.LayerNorm", ours + "attention_norm");
        addLayer(all, theirs + "intermediate.dense", ours + "up");
        addLayer(all, theirs + "output.dense", ours + "down");
        addLayer(all, theirs + "output.LayerNorm", ours + "feed_forward_norm");
    }
    if (head) {
        addLayer(all, "cls.predictions.transform.dense", "head.dense");
        addLayer(all, "cls.predictions.transform.LayerNorm", "head.norm");
        all.push_back({"cls.predictions.bias", "head.bias"});
    }
    return all;
}

std::vector<ReferenceTensor> gpt2Tensors(int layers)
{
    std::vector<ReferenceTensor> all{{"transformer.wte.weight", "token_embedding"}, {"transformer.wpe.weight", "position_embedding"}};
    for (int i = 0; i < layers; ++i) {
        const std::string theirs = "transformer.h." + std::to_string(i) + ".", ours = "layer" + std::to_string(i) + ".";
        addLayer(all, theirs + "ln_1", ours + "attention_norm");
        addLayer(all, theirs + "attn.c_attn", ours + "attention.query_key_value", 0, 1, true);
        addLayer(all, theirs + "attn.c_proj", ours + "attention.output", 0, 1, true);
        addLayer(all, theirs + "ln_2", ours + "feed_forward_norm");
        addLayer(all, theirs + "mlp.c_fc", ours + "up", 0, 1, true);
        addLayer(all, theirs + "mlp.c_proj", ours + "down", 0, 1, true);
    }
    addLayer(all, "transformer.ln_f", "final_norm");
    return all;
}

std::map<std::string, FileTensor> toReference(const std::vector<ReferenceTensor> &names, const std::vector<NamedParameter> &parameters)
{
    std::map<std::string, FileTensor> tensors;
    for (const ReferenceTensor &name : names) {
        const auto ours = std::ranges::find(parameters, name.ours, &NamedParameter::name);
        const Shape &shape = ours->variable.shape();
        const std::vector<float> all = ours->variable.value().toHost();
        const size_t size = all.size() / size_t(name.parts), first = size * size_t(name.part);
        const std::vector<float> block(all.begin() + long(first), all.begin() + long(first + size));
        const int64_t rows = shape[0] / name.parts;
        if (name.transposed)
            tensors[name.theirs] = FileTensor::of(transposed(block, rows, shape[1]), {shape[1], rows});
        else
            tensors[name.theirs] = FileTensor::of(block, shape.rank() == 1 ? std::vector<int64_t>{rows} : std::vector<int64_t>{rows, shape[1]});
    }
    return tensors;
}

void fromReference(const std::vector<ReferenceTensor> &names, const std::map<std::string, FileTensor> &tensors, std::vector<NamedParameter> &parameters)
{
    for (const ReferenceTensor &name : names) {
        Tensor ours = std::ranges::find(parameters, name.ours, &NamedParameter::name)->variable.value();
        const FileTensor &theirs = tensors.at(name.theirs);
        const std::vector<float> block = name.transposed ? transposed(theirs.floats(), theirs.shape[0], theirs.shape[1]) : theirs.floats();
        std::vector<float> all = ours.toHost();
        std::ranges::copy(block, all.begin() + long(block.size()) * name.part);
        ours.setFromHost(all);
    }
}

} // namespace pretext
