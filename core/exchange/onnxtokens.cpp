// What transformers add to the ONNX graph: token inputs, tables of rows, layer norm and attention, in operators of opset 13, with the
// number of samples and positions left open.
#include "core/exchange/onnxgraph.h"

#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

/// Added to a hidden score; twice this (padding in the future) is still a finite float.
constexpr float kHidden = -1e9f;

void setAxis(onnx::NodeProto &node, int64_t axis) { setInt(node, "axis", axis); }

void declareTokens(onnx::ValueInfoProto &value, const std::string &name)
{
    value.set_name(name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::INT64);
    for (const char *axis : {"batch", "sequence"})
        type.mutable_shape()->add_dim()->set_dim_param(axis);
}

} // namespace

void OnnxGraph::addTokens(bool types)
{
    declareTokens(*m_graph.add_input(), "input_ids");
    declareTokens(*m_graph.add_input(), "attention_mask");
    m_typesGiven = types;
    if (types)
        declareTokens(*m_graph.add_input(), "token_type_ids");
    m_scope = "inputs";
    m_length = output(node("Gather", {output(node("Shape", {"input_ids"})), integers({1})})); // [1]
    onnx::NodeProto &cast = node("Cast", {"attention_mask"});
    setInt(cast, "to", onnx::TensorProto::FLOAT);
    const std::string hidden = output(node("Sub", {constant({{}, {1.f}}), output(cast)}));
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
    const std::string first = output(this->node("Slice", {table, integers({0}), m_length, integers({0})}));
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

/// 0 on and below the diagonal, kHidden above it; [sequence, sequence].
std::string OnnxGraph::causalMask(int64_t longest)
{
    if (!m_causal.empty())
        return m_causal;
    Constant all{{longest, longest}, std::vector<float>(size_t(longest * longest), 0.f)};
    for (int64_t row = 0; row < longest; ++row)
        for (int64_t column = row + 1; column < longest; ++column)
            all.values[size_t(row * longest + column)] = kHidden;
    onnx::NodeProto &ends = node("Concat", {m_length, m_length});
    setAxis(ends, 0);
    return m_causal = output(node("Slice", {constant(all), integers({0, 0}), output(ends), integers({0, 1})}));
}

std::string OnnxGraph::attention(const Node &node)
{
    if (node.inputs.size() != 1)
        throw std::invalid_argument("[onnx] attention to an encoder in " + node.scope + " has no translation; the encoder alone can be exported");
    const auto &options = std::get<AttentionOptions>(node.options);
    const int64_t width = node.value.shape()[2], heads = options.heads, features = width / heads;
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    onnx::NodeProto &split = this->node("Split", {x});
    setAxis(split, -1);
    std::vector<std::string> parts{split.output(0), split.name() + ":1", split.name() + ":2"};
    split.add_output(parts[1]);
    split.add_output(parts[2]);
    const auto byHead = [&](const std::string &part, const std::vector<int64_t> &order) {
        onnx::NodeProto &transpose = this->node("Transpose", {output(this->node("Reshape", {part, integers({0, 0, heads, features})}))});
        setInts(transpose, "perm", order);
        return output(transpose);
    };
    const std::string q = scaled(byHead(parts[0], {0, 2, 1, 3}), 1.f / std::sqrt(float(features)));
    const std::string k = byHead(parts[1], {0, 2, 3, 1}), v = byHead(parts[2], {0, 2, 1, 3});
    std::string scores = output(this->node("Add", {output(this->node("MatMul", {q, k})), m_padding}));
    if (options.causal)
        scores = output(this->node("Add", {scores, causalMask(m_longest)}));
    onnx::NodeProto &softmax = this->node("Softmax", {scores});
    setAxis(softmax, -1);
    onnx::NodeProto &together = this->node("Transpose", {output(this->node("MatMul", {output(softmax), v}))});
    setInts(together, "perm", {0, 2, 1, 3});
    return output(this->node("Reshape", {output(together), integers({0, 0, width})}));
}

} // namespace pretext
