// What transformers add to the ONNX graph: token inputs, tables of rows, layer norm and attention, in operators of opset 13, with the
// number of samples and positions left open.
#include "core/exchange/onnxgraph.h"
#include "core/files/said.h"

#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

/// Added to a hidden score; twice this (padding in the future) is still a finite float.
constexpr float kHidden = -1e9f;

void setAxis(onnx::NodeProto &node, int64_t axis)
{
    setInt(node, "axis", axis);
}

void declareCache(onnx::ValueInfoProto &value, const std::string &name, const char *length, const TokenCache &cache)
{
    value.set_name(name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    type.mutable_shape()->add_dim()->set_dim_value(cache.heads);
    type.mutable_shape()->add_dim()->set_dim_param(length);
    type.mutable_shape()->add_dim()->set_dim_value(cache.features);
}

void declareTokens(onnx::ValueInfoProto &value, const std::string &name, const char *length = "sequence")
{
    value.set_name(name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::INT64);
    for (const char *axis : {"batch", length})
        type.mutable_shape()->add_dim()->set_dim_param(axis);
}

} // namespace

void OnnxGraph::addTokens(bool types, TokenCache cache)
{
    m_cache = cache;
    declareTokens(*m_graph.add_input(), "input_ids");
    declareTokens(*m_graph.add_input(), "attention_mask", m_cache.layers ? "total" : "sequence");
    m_typesGiven = types;
    if (types)
        declareTokens(*m_graph.add_input(), "token_type_ids");
    m_scope = "inputs";
    for (int layer = 0; layer < cache.layers; ++layer)
        for (const char *part : {".key", ".value"})
            declareCache(*m_graph.add_input(), "past_key_values." + std::to_string(layer) + part, "past", cache);
    const auto extent = [&](const std::string &of, int64_t axis) { return output(node("Gather", {output(node("Shape", {of})), integers({axis})})); };
    m_past = cache.layers ? extent("past_key_values.0.key", 2) : integers({0}); // [1]
    m_end = extent("attention_mask", 1);
    onnx::NodeProto &cast = node("Cast", {"attention_mask"});
    setInt(cast, "to", onnx::TensorProto::FLOAT);
    m_mask = output(cast);
    const std::string hidden = output(node("Sub", {constant({{}, {1.f}}), m_mask}));
    m_padding = output(node("Unsqueeze", {scaled(hidden, kHidden), integers({1, 2})})); // [batch, 1, 1, sequence]
}

void OnnxGraph::addTokenOutput(const std::string &name, const Variable &result)
{
    onnx::NodeProto &named = node("Identity", {valueOf(result)});
    named.set_output(0, name);
    onnx::ValueInfoProto &value = *m_graph.add_output();
    declareTokens(value, name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_value(result.shape()[-1]);
}

/// As products with the mask: as a row it sums what counts, and with itself counts it.
void OnnxGraph::addMeanOutput(const std::string &name, const Variable &result)
{
    const std::string x = valueOf(result);
    m_scope = name;
    const std::string row = output(node("Unsqueeze", {m_mask, integers({1})})), column = output(node("Unsqueeze", {m_mask, integers({2})}));
    const std::string mean = output(node("Div", {output(node("MatMul", {row, x})), output(node("MatMul", {row, column}))})); // [batch, 1, D]
    onnx::NodeProto &flat = node("Reshape", {mean, integers({0, result.shape()[-1]})});
    flat.set_output(0, name);
    onnx::ValueInfoProto &value = *m_graph.add_output();
    value.set_name(name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    type.mutable_shape()->add_dim()->set_dim_value(result.shape()[-1]);
}

std::string OnnxGraph::embedding(const Node &node)
{
    const std::string table = parameter(node.inputs[0]);
    m_scope = node.scope;
    if (!node.scope.ends_with("types"))
        return output(this->node("Gather", {table, "input_ids"}));
    return output(this->node("Gather", {table, m_typesGiven ? "token_type_ids" : integers({0})})); // one row for all, or each its own
}

std::string OnnxGraph::addPositions(const Node &node)
{
    const std::string x = valueOf(node.inputs[0]), table = parameter(node.inputs[1]);
    m_scope = node.scope;
    m_longest = node.inputs[1].shape()[0];
    const std::string first = output(this->node("Slice", {table, m_past, m_end, integers({0})}));
    return output(this->node("Add", {x, first}));
}

std::string OnnxGraph::tokenLinear(const Node &node)
{
    const std::string x = valueOf(node.inputs[0]), weight = parameter(node.inputs[1]);
    m_scope = node.scope;
    onnx::NodeProto &transpose = this->node("Transpose", {weight}); // a table may serve as the output weights as it is
    setInts(transpose, "perm", {1, 0});
    const std::string y = output(this->node("MatMul", {x, output(transpose)}));
    if (node.inputs.size() < 3)
        return y;
    const std::string bias = parameter(node.inputs[2]);
    return output(this->node("Add", {y, bias}));
}

std::string OnnxGraph::layerNorm(const Node &node)
{
    const std::string x = valueOf(node.inputs[0]);
    const std::string gamma = parameter(node.inputs[1]), beta = parameter(node.inputs[2]);
    m_scope = node.scope;
    const auto mean = [&](const std::string &of) {
        onnx::NodeProto &reduce = this->node("ReduceMean", {of});
        setInts(reduce, "axes", {-1});
        setInt(reduce, "keepdims", 1);
        return output(reduce);
    };
    const std::string centred = output(this->node("Sub", {x, mean(x)}));
    const std::string variance = mean(output(this->node("Mul", {centred, centred})));
    const float epsilon = std::get<LayerNormOptions>(node.options).epsilon;
    const std::string deviation = output(this->node("Sqrt", {output(this->node("Add", {variance, constant({{}, {epsilon}})}))}));
    const std::string normal = output(this->node("Div", {centred, deviation}));
    return output(this->node("Add", {output(this->node("Mul", {normal, gamma})), beta}));
}

/// 0 on and below the diagonal, kHidden above it; the rows of the positions that are new.
std::string OnnxGraph::causalMask(int64_t longest)
{
    if (!m_causal.empty())
        return m_causal;
    Constant all{{longest, longest}, std::vector<float>(size_t(longest * longest), 0.f)};
    for (int64_t row = 0; row < longest; ++row)
        for (int64_t column = row + 1; column < longest; ++column)
            all.values[size_t(row * longest + column)] = kHidden;
    const auto pair = [&](const std::string &first, const std::string &second) {
        onnx::NodeProto &concat = node("Concat", {first, second});
        setAxis(concat, 0);
        return output(concat);
    };
    return m_causal = output(node("Slice", {constant(all), pair(m_past, integers({0})), pair(m_end, m_end), integers({0, 1})}));
}

/// Keys or values [batch, heads, new, features] behind those of the past, which are also given out.
std::string OnnxGraph::withPast(const std::string &now, const std::string &part)
{
    if (!m_cache.layers)
        return now;
    const std::string layer = std::to_string(m_layer) + "." + part;
    onnx::NodeProto &all = node("Concat", {"past_key_values." + layer, now});
    setAxis(all, 2);
    all.set_output(0, "present." + layer);
    declareCache(*m_graph.add_output(), "present." + layer, "total", m_cache);
    return output(all);
}

std::string OnnxGraph::attention(const Node &node)
{
    if (node.inputs.size() != 1)
        throw std::invalid_argument("[onnx] "
                                    + pretext::said("attention to an encoder in %1 has no translation; the encoder alone can be exported", {node.scope}));
    const auto &options = std::get<AttentionOptions>(node.options);
    const int64_t width = node.shape[2], heads = options.heads, features = width / heads;
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    onnx::NodeProto &split = this->node("Split", {x});
    setAxis(split, -1);
    std::vector<std::string> parts{split.output(0), split.name() + ":1", split.name() + ":2"};
    split.add_output(parts[1]);
    split.add_output(parts[2]);
    const auto transposed = [&](const std::string &of, const std::vector<int64_t> &order) {
        onnx::NodeProto &transpose = this->node("Transpose", {of});
        setInts(transpose, "perm", order);
        return output(transpose);
    };
    const auto byHead = [&](const std::string &part) {
        return transposed(output(this->node("Reshape", {part, integers({0, 0, heads, features})})), {0, 2, 1, 3});
    };
    const std::string q = scaled(byHead(parts[0]), 1.f / std::sqrt(float(features)));
    const std::string k = transposed(withPast(byHead(parts[1]), "key"), {0, 1, 3, 2}), v = withPast(byHead(parts[2]), "value");
    ++m_layer;
    std::string scores = output(this->node("Add", {output(this->node("MatMul", {q, k})), m_padding}));
    if (options.causal)
        scores = output(this->node("Add", {scores, causalMask(m_longest)}));
    onnx::NodeProto &softmax = this->node("Softmax", {scores});
    setAxis(softmax, -1);
    const std::string together = transposed(output(this->node("MatMul", {output(softmax), v})), {0, 2, 1, 3});
    return output(this->node("Reshape", {together, integers({0, 0, width})}));
}

} // namespace pretext
