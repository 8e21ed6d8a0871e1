#include "core/exchange/onnxgraph.h"

#include "core/files/said.h"

#include <cmath>
#include <map>
#include <stdexcept>

namespace pretext {

void setInt(onnx::NodeProto &node, const char *name, int64_t value)
{
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
}

void setInts(onnx::NodeProto &node, const char *name, const std::vector<int64_t> &values)
{
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (int64_t value : values)
        attribute.add_ints(value);
}

void setWindow(onnx::NodeProto &node, Extent2 kernel, Extent2 stride, Extent2 padding)
{
    setInts(node, "kernel_shape", {kernel.y, kernel.x});
    setInts(node, "strides", {stride.y, stride.x});
    setInts(node, "pads", {padding.y, padding.x, padding.y, padding.x});
}

std::vector<float> channelsFirst(const std::vector<float> &weights, const Shape &shape)
{
    std::vector<float> result(weights.size());
    size_t at = 0;
    for (int64_t k = 0; k < shape[0]; ++k)
        for (int64_t c = 0; c < shape[3]; ++c)
            for (int64_t pixel = 0; pixel < shape[1] * shape[2]; ++pixel)
                result[at++] = weights[(k * shape[1] * shape[2] + pixel) * shape[3] + c];
    return result;
}

namespace {

/// A value of the graph: floats, the first axis is the batch.
void declare(onnx::ValueInfoProto &value, const std::string &name, const std::vector<int64_t> &shapeBehindBatch)
{
    value.set_name(name);
    onnx::TypeProto::Tensor &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (int64_t extent : shapeBehindBatch)
        type.mutable_shape()->add_dim()->set_dim_value(extent);
}

/// What a batch norm behind it can be folded into.
bool isAffineLayer(const Node &node)
{
    const std::string operation = node.operation;
    return operation == "conv2d" || (operation == "linear" && std::get<UnaryOptions>(node.options).kind == Activation::none);
}

} // namespace

void OnnxGraph::addInput(const std::string &name, const Variable &pixels, const std::vector<float> &mean, const std::vector<float> &deviation)
{
    const Shape &shape = pixels.shape();
    declare(*m_graph.add_input(), name, {shape[3], shape[1], shape[2]});
    m_ofImages = true;
    std::vector<float> inverse, shift;
    for (size_t c = 0; c < mean.size(); ++c) {
        inverse.push_back(1.f / deviation[c]);
        shift.push_back(-mean[c] / deviation[c]);
    }
    // A convolution of one pixel and one channel each, since OpenCV 4.6 cannot change the batch behind a Sub or Mul by a constant.
    m_scope = "preprocessing";
    onnx::NodeProto &normalised = node("Conv", {name, constant({{shape[3], 1, 1, 1}, inverse}), constant({{shape[3]}, shift})});
    setWindow(normalised, 1, 1, 0);
    setInt(normalised, "group", shape[3]);
    m_names[pixels.node().get()] = output(normalised);
}

void OnnxGraph::addOutput(const std::string &name, const Variable &result)
{
    const std::string last = valueOf(result);
    for (onnx::NodeProto &node : *m_graph.mutable_node())
        if (node.output(0) == last)
            node.set_output(0, name);
    declare(*m_graph.add_output(), name, {result.shape()[1]});
}

std::string OnnxGraph::valueOf(const Variable &variable)
{
    const Node *node = variable.node().get();
    if (const auto known = m_names.find(node); known != m_names.end())
        return known->second;
    const std::string name = translate(*node);
    return m_names[node] = name;
}

std::string OnnxGraph::translate(const Node &node)
{
    const std::string operation = node.operation;
    if (m_ofImages)
        if (const std::string value = patchValue(node); !value.empty())
            return value;
    if (operation == "linear") {
        const std::string y = node.shape.rank() == 3 ? tokenLinear(node) : affineLayer(node, nullptr);
        return activation(y, std::get<UnaryOptions>(node.options).kind);
    }
    if (operation == "conv2d")
        return affineLayer(node, nullptr);
    if (operation == "embedding")
        return embedding(node);
    if (operation == "addPositions")
        return addPositions(node);
    if (operation == "layerNorm")
        return layerNorm(node);
    if (operation == "attention")
        return attention(node);
    if (operation == "batchNorm")
        return batchNorm(node);
    if (operation == "avgPool" || operation == "maxPool")
        return pool(node);
    if (operation == "flatten")
        return flatten(node);
    if (operation == "normalize")
        return normalize(node);
    if (operation == "concat" && node.shape.rank() == 2 && std::get<SliceOptions>(node.options).axis == 1)
        return besideEachOther(node);
    if (std::holds_alternative<UnaryOptions>(node.options))
        return activation(valueOf(node.inputs[0]), std::get<UnaryOptions>(node.options).kind);
    if (operation == "scale")
        return scaled(valueOf(node.inputs[0]), std::get<ScaleOptions>(node.options).factor);
    if (std::holds_alternative<BinaryOptions>(node.options) && node.inputs[0].shape() == node.inputs[1].shape())
        return binary(node);
    throw std::invalid_argument(
        "[onnx] "
        + (node.scope.empty() ? pretext::said("the operation %1 has no translation; export this encoder as safetensors", {operation})
                              : pretext::said("the operation %1 in %2 has no translation; export this encoder as safetensors", {operation, node.scope})));
}

/// A convolution or linear layer, with `after` applied to its output channels by scaling its weights.
std::string OnnxGraph::affineLayer(const Node &node, const ChannelAffine *after)
{
    const bool convolution = std::string(node.operation) == "conv2d";
    const std::string x = valueOf(node.inputs[0]);
    const Shape shape = node.inputs[1].shape();
    std::vector<float> weights = node.inputs[1].value().toHost(), bias(shape[0], 0.f);
    if (node.inputs.size() > 2 && node.inputs[2].defined())
        bias = node.inputs[2].value().toHost();
    if (convolution)
        weights = channelsFirst(weights, shape);
    const int64_t perFilter = int64_t(weights.size()) / shape[0];
    for (int64_t k = 0; after && k < shape[0]; ++k) {
        for (int64_t i = 0; i < perFilter; ++i)
            weights[k * perFilter + i] *= after->scale[k];
        bias[k] = bias[k] * after->scale[k] + after->shift[k];
    }
    m_scope = node.scope;
    const std::string weightName = convolution ? constant({{shape[0], shape[3], shape[1], shape[2]}, weights}) : constant({{shape[0], shape[1]}, weights});
    const std::string biasName = constant({{shape[0]}, bias});
    onnx::NodeProto &layer = this->node(convolution ? "Conv" : "Gemm", {x, weightName, biasName});
    if (convolution) {
        const auto &options = std::get<Conv2dOptions>(node.options);
        setWindow(layer, {int(shape[1]), int(shape[2])}, options.stride, options.padding);
    } else {
        setInt(layer, "transB", 1); // as the weights are kept; OpenCV knows no other
    }
    return output(layer);
}

OnnxGraph::ChannelAffine OnnxGraph::affineOf(const Node &batchNorm)
{
    const auto &options = std::get<BatchNormOptions>(batchNorm.options);
    if (options.training)
        throw std::invalid_argument("[onnx] " + batchNorm.scope + ": "
                                    + pretext::said("batch norm is exported in evaluation mode, from its running statistics"));
    const auto values = [&](int input) { return batchNorm.inputs[input].value().toHost(); }; // x, gamma, beta, mean, variance, residual
    const std::vector<float> means = values(3), vars = values(4);
    ChannelAffine affine{values(1), values(2)};
    for (size_t c = 0; c < means.size(); ++c) {
        affine.scale[c] /= std::sqrt(vars[c] + options.epsilon);
        affine.shift[c] -= affine.scale[c] * means[c];
    }
    return affine;
}

std::string OnnxGraph::batchNorm(const Node &node)
{
    const ChannelAffine affine = affineOf(node);
    const Node &before = *node.inputs[0].node();
    std::string y;
    if (isAffineLayer(before)) {
        y = affineLayer(before, &affine);
    } else {
        const std::string x = valueOf(node.inputs[0]);
        const int64_t channels = int64_t(affine.scale.size());
        const std::vector<int64_t> shape = node.shape.rank() == 4 ? std::vector<int64_t>{1, channels, 1, 1} : std::vector<int64_t>{1, channels};
        m_scope = node.scope;
        y = output(this->node("Mul", {x, constant({shape, affine.scale})}));
        y = output(this->node("Add", {y, constant({shape, affine.shift})}));
    }
    if (node.inputs.size() > 5 && node.inputs[5].defined()) {
        const std::string residual = valueOf(node.inputs[5]);
        m_scope = node.scope;
        y = output(this->node("Add", {y, residual}));
    }
    m_scope = node.scope;
    return activation(y, std::get<BatchNormOptions>(node.options).activation);
}

std::string OnnxGraph::pool(const Node &node)
{
    const auto &options = std::get<PoolOptions>(node.options);
    const bool average = std::string(node.operation) == "avgPool";
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    if (average && options.kernel == 0) {
        onnx::NodeProto &flat = this->node("Flatten", {output(this->node("GlobalAveragePool", {x}))});
        setInt(flat, "axis", 1);
        return output(flat);
    }
    onnx::NodeProto &window = this->node(average ? "AveragePool" : "MaxPool", {x});
    setWindow(window, options.kernel, options.stride, options.padding);
    if (average)
        setInt(window, "count_include_pad", 1);
    return output(window);
}

std::string OnnxGraph::binary(const Node &node)
{
    static const std::map<Binary, const char *> types{{Binary::add, "Add"}, {Binary::subtract, "Sub"}, {Binary::multiply, "Mul"}, {Binary::divide, "Div"}};
    const std::string a = valueOf(node.inputs[0]), b = valueOf(node.inputs[1]);
    m_scope = node.scope;
    return output(this->node(types.at(std::get<BinaryOptions>(node.options).kind), {a, b}));
}

std::string OnnxGraph::activation(const std::string &x, Activation kind)
{
    switch (kind) {
    case Activation::none: return x;
    case Activation::relu: return output(node("Relu", {x}));
    case Activation::tanh: return output(node("Tanh", {x}));
    case Activation::sigmoid: return output(node("Sigmoid", {x}));
    case Activation::softplus: return output(node("Softplus", {x}));
    case Activation::exp: return output(node("Exp", {x}));
    case Activation::log: return output(node("Log", {x}));
    case Activation::sqrt: return output(node("Sqrt", {x}));
    case Activation::square: return output(node("Mul", {x, x}));
    case Activation::abs: return output(node("Abs", {x}));
    case Activation::gelu: return halfOnePlus(x, output(node("Erf", {scaled(x, float(M_SQRT1_2))})));
    case Activation::geluTanh: { // the cube as products: OpenCV 4.6 computes Pow wrong
        const std::string cube = output(node("Mul", {output(node("Mul", {x, x})), x}));
        const std::string inner = output(node("Add", {x, scaled(cube, 0.044715f)}));
        return halfOnePlus(x, output(node("Tanh", {scaled(inner, 0.7978845608028654f)})));
    }
    }
    throw std::invalid_argument("[onnx] " + pretext::said("this activation has no translation"));
}

/// x / 2 (1 + y): GELU, whose own operator came with opset 20.
std::string OnnxGraph::halfOnePlus(const std::string &x, const std::string &y)
{
    return output(node("Mul", {scaled(x, 0.5f), output(node("Add", {y, constant({{}, {1.f}})}))}));
}

std::string OnnxGraph::flatten(const Node &node)
{
    std::string x = valueOf(node.inputs[0]);
    const Shape &shape = node.inputs[0].shape();
    m_scope = node.scope;
    if (shape.rank() == 4 && shape[3] > 1 && shape[1] * shape[2] > 1) { // back to the order in which the tape flattens
        onnx::NodeProto &transpose = this->node("Transpose", {x});
        setInts(transpose, "perm", {0, 2, 3, 1});
        x = output(transpose);
    }
    onnx::NodeProto &flat = this->node("Flatten", {x});
    setInt(flat, "axis", 1);
    return output(flat);
}

/// Rows [N, D] of several parts as longer ones.
std::string OnnxGraph::besideEachOther(const Node &node)
{
    std::vector<std::string> parts;
    for (const Variable &part : node.inputs)
        parts.push_back(valueOf(part));
    m_scope = node.scope;
    onnx::NodeProto &concat = this->node("Concat", parts);
    setInt(concat, "axis", 1);
    return output(concat);
}

std::string OnnxGraph::normalize(const Node &node)
{
    if (node.shape.rank() != 2)
        throw std::invalid_argument("[onnx] " + pretext::said("normalize is exported for rows [N, D], not %1", {node.shape.str()}));
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    onnx::NodeProto &norm = this->node("ReduceL2", {x});
    setInts(norm, "axes", {1});
    setInt(norm, "keepdims", 1);
    return output(this->node("Div", {x, output(norm)}));
}

std::string OnnxGraph::scaled(const std::string &x, float factor)
{
    return output(node("Mul", {x, constant({{}, {factor}})}));
}

std::string OnnxGraph::constant(const Constant &value)
{
    onnx::TensorProto &tensor = *m_graph.add_initializer();
    tensor.set_name((m_scope.empty() ? "constant" : m_scope) + "/" + std::to_string(m_graph.initializer_size()));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (int64_t extent : value.shape)
        tensor.add_dims(extent);
    tensor.set_raw_data(value.values.data(), value.values.size() * sizeof(float)); // little-endian, as every machine we build for
    return tensor.name();
}

std::string OnnxGraph::integers(const std::vector<int64_t> &values)
{
    onnx::TensorProto &tensor = *m_graph.add_initializer();
    tensor.set_name((m_scope.empty() ? "integers" : m_scope) + "/" + std::to_string(m_graph.initializer_size()));
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(int64_t(values.size()));
    tensor.set_raw_data(values.data(), values.size() * sizeof(int64_t));
    return tensor.name();
}

std::string OnnxGraph::parameter(const Variable &weight)
{
    const Node *node = weight.node().get();
    if (const auto known = m_names.find(node); known != m_names.end())
        return known->second;
    std::vector<int64_t> shape;
    for (int axis = 0; axis < weight.shape().rank(); ++axis)
        shape.push_back(weight.shape()[axis]);
    return m_names[node] = constant({shape, weight.value().toHost()});
}

onnx::NodeProto &OnnxGraph::node(const char *type, const std::vector<std::string> &inputs)
{
    onnx::NodeProto &node = *m_graph.add_node();
    node.set_op_type(type);
    node.set_name((m_scope.empty() ? "" : m_scope + "/") + type + "_" + std::to_string(m_graph.node_size()));
    for (const std::string &input : inputs)
        node.add_input(input);
    node.add_output(node.name() + ":0");
    return node;
}

} // namespace pretext
