// What vision transformers add to the ONNX graph. N images, T tokens, D features: what the tape holds as [N, T, D] is named for its rows [N T, D],
// since OpenCV 4.6 cannot add or multiply what is repeated along one of three axes, and computes rows right for any number of images. Layer norm
// is an instance norm over each row, with a batch norm for its weights; positions are a batch norm of [N, T D] whose scale is one.
#include "core/exchange/onnxgraph.h"
#include "core/files/said.h"

#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

void setEpsilon(onnx::NodeProto &node, float value)
{
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name("epsilon");
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(value);
}

/// The images that patches were cut from, or null where `node` is not such a cut (see patchesOf).
const Variable *cutImages(const Node &node)
{
    const auto before = [](const Node &of, const char *operation) -> const Node * {
        const Node *input = of.inputs.empty() ? nullptr : of.inputs[0].node().get();
        return input && std::string(input->operation) == operation ? input : nullptr;
    };
    const Node *swapped = std::string(node.operation) == "reshape" ? before(node, "swapAxes") : nullptr;
    const Node *split = swapped ? before(*swapped, "reshape") : nullptr;
    return split && split->shape.rank() == 5 && split->inputs[0].shape().rank() == 4 ? &split->inputs[0] : nullptr;
}

} // namespace

/// Empty where the node is one of any encoder.
std::string OnnxGraph::patchValue(const Node &node)
{
    const std::string operation = node.operation;
    const int rank = node.inputs.empty() ? 0 : node.inputs[0].shape().rank();
    if (operation == "linear" && rank == 3) {
        const std::string y = cutImages(*node.inputs[0].node()) ? patchConvolution(node) : affineLayer(node, nullptr);
        return activation(y, std::get<UnaryOptions>(node.options).kind);
    }
    if (operation == "layerNorm" && rank == 3)
        return patchNorm(node);
    if (operation == "addPositions")
        return patchPositions(node);
    if (operation == "attention")
        return patchAttention(node);
    if (operation == "concat" && rank == 3)
        return behindClassToken(node);
    if (operation == "slice" && rank == 3)
        return firstToken(node);
    if (operation == "mean" && rank == 3)
        return meanOfPatches(node);
    if (operation == "reshape" && rank == 3 && node.shape.rank() == 2 && node.inputs[0].shape()[1] == 1)
        return valueOf(node.inputs[0]); // one row of each image, as it is named
    return {};
}

std::string OnnxGraph::shaped(const std::string &x, const std::vector<int64_t> &shape)
{
    return output(node("Reshape", {x, integers(shape)}));
}

std::string OnnxGraph::columns(const std::string &x, int64_t first, int64_t end)
{
    return output(node("Slice", {x, integers({first}), integers({end}), integers({1})}));
}

/// x [M, C] scale + shift, as a batch norm of mean 0 and variance 1.
std::string OnnxGraph::perChannel(const std::string &x, std::vector<float> scale, std::vector<float> shift)
{
    const int64_t channels = int64_t(scale.size());
    const std::string mean = constant({{channels}, std::vector<float>(scale.size(), 0.f)});
    const std::string variance = constant({{channels}, std::vector<float>(scale.size(), 1.f)});
    onnx::NodeProto &norm = node("BatchNormalization", {x, constant({{channels}, std::move(scale)}), constant({{channels}, std::move(shift)}), mean, variance});
    setEpsilon(norm, 0);
    return output(norm);
}

/// A linear layer on patches is a convolution whose stride is its kernel.
std::string OnnxGraph::patchConvolution(const Node &node)
{
    const Variable &images = *cutImages(*node.inputs[0].node()), &weight = node.inputs[1];
    const std::string x = valueOf(images);
    const int64_t filters = weight.shape()[0], channels = images.shape()[3], patches = node.shape[1];
    const int64_t size = std::lround(std::sqrt(double(images.shape()[1] * images.shape()[2] / patches)));
    const std::vector<float> kernels = channelsFirst(weight.value().toHost(), {filters, size, size, channels});
    m_scope = node.scope;
    onnx::NodeProto &layer =
        this->node("Conv", {x, constant({{filters, channels, size, size}, kernels}), constant({{filters}, node.inputs[2].value().toHost()})});
    setWindow(layer, {int(size), int(size)}, int(size), 0);
    onnx::NodeProto &transpose = this->node("Transpose", {output(layer)});
    setInts(transpose, "perm", {0, 2, 3, 1});
    return shaped(output(transpose), {-1, filters});
}

std::string OnnxGraph::patchNorm(const Node &node)
{
    const int64_t width = node.shape[2];
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    onnx::NodeProto &norm = this->node("InstanceNormalization", {shaped(x, {-1, 1, 1, width}), constant({{1}, {1.f}}), constant({{1}, {0.f}})});
    setEpsilon(norm, std::get<LayerNormOptions>(node.options).epsilon);
    return perChannel(shaped(output(norm), {-1, width}), node.inputs[1].value().toHost(), node.inputs[2].value().toHost());
}

std::string OnnxGraph::patchPositions(const Node &node)
{
    const std::string x = valueOf(node.inputs[0]);
    const int64_t tokens = node.shape[1], width = node.shape[2];
    std::vector<float> table = node.inputs[1].value().toHost();
    table.resize(size_t(tokens * width));
    m_scope = node.scope;
    return shaped(perChannel(shaped(x, {-1, tokens * width}), std::vector<float>(table.size(), 1.f), table), {-1, width});
}

/// concat of the class token, once for each image, and the patches: a layer of zero weights gives its bias as often as there are images.
std::string OnnxGraph::behindClassToken(const Node &node)
{
    const Node &first = *node.inputs[0].node();
    const auto *along = std::get_if<SliceOptions>(&node.options);
    if (node.inputs.size() != 2 || !along || along->axis != 1 || std::string(first.operation) != "repeat" || first.inputs[0].shape().size(0, 2) != 1)
        throw std::invalid_argument("[onnx] " + pretext::said("concat in %1 is exported of a class token and the patches of an image only", {node.scope}));
    const std::string patches = valueOf(node.inputs[1]);
    const int64_t tokens = node.inputs[1].shape()[1], width = node.shape[2];
    m_scope = node.scope;
    const std::string images = shaped(patches, {-1, tokens * width});
    const std::string zeros = constant({{width, width}, std::vector<float>(size_t(width * width), 0.f)});
    onnx::NodeProto &token = this->node("Gemm", {columns(images, 0, width), zeros, constant({{width}, first.inputs[0].value().toHost()})});
    setInt(token, "transB", 1);
    onnx::NodeProto &together = this->node("Concat", {output(token), images});
    setInt(together, "axis", 1);
    return shaped(output(together), {-1, width});
}

std::string OnnxGraph::firstToken(const Node &node)
{
    const auto &options = std::get<SliceOptions>(node.options);
    const Shape &shape = node.inputs[0].shape();
    if (options.axis != 1 || node.shape[1] != 1)
        throw std::invalid_argument("[onnx] " + pretext::said("slice in %1 is exported of one token of each image only", {node.scope}));
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    return columns(shaped(x, {-1, shape[1] * shape[2]}), options.first * shape[2], (options.first + 1) * shape[2]);
}

std::string OnnxGraph::meanOfPatches(const Node &node)
{
    const Shape &shape = node.inputs[0].shape();
    if (std::get<ReduceOptions>(node.options).axis != 1)
        throw std::invalid_argument("[onnx] " + pretext::said("mean in %1 is exported over the tokens of each image only", {node.scope}));
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    onnx::NodeProto &transpose = this->node("Transpose", {shaped(x, {-1, shape[1], shape[2], 1})});
    setInts(transpose, "perm", {0, 2, 1, 3});
    onnx::NodeProto &flat = this->node("Flatten", {output(this->node("GlobalAveragePool", {output(transpose)}))});
    setInt(flat, "axis", 1);
    return output(flat);
}

/// The scale goes to the queries: OpenCV 4.6 loses it behind the product.
std::string OnnxGraph::patchAttention(const Node &node)
{
    const auto &options = std::get<AttentionOptions>(node.options);
    if (node.inputs.size() != 1 || options.causal)
        throw std::invalid_argument("[onnx] " + pretext::said("attention in %1 is exported where all patches of an image see each other only", {node.scope}));
    const int64_t tokens = node.shape[1], width = node.shape[2], heads = options.heads, features = width / heads;
    const std::string x = valueOf(node.inputs[0]);
    m_scope = node.scope;
    const auto transposed = [&](const std::string &of, const std::vector<int64_t> &order) {
        onnx::NodeProto &transpose = this->node("Transpose", {of});
        setInts(transpose, "perm", order);
        return output(transpose);
    };
    const auto part = [&](int64_t index, const std::vector<int64_t> &order) {
        return transposed(shaped(columns(x, index * width, (index + 1) * width), {-1, tokens, heads, features}), order);
    };
    const std::string q = scaled(part(0, {0, 2, 1, 3}), 1.f / std::sqrt(float(features))), k = part(1, {0, 2, 3, 1}), v = part(2, {0, 2, 1, 3});
    onnx::NodeProto &softmax = this->node("Softmax", {output(this->node("MatMul", {q, k}))});
    setInt(softmax, "axis", -1);
    return shaped(transposed(output(this->node("MatMul", {output(softmax), v})), {0, 2, 1, 3}), {-1, width});
}

} // namespace pretext
