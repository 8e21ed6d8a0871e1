// Writes a recorded tape as an ONNX graph. Our images are N x H x W x C, ONNX's are N x C x H x W: every four-dimensional value is
// named for its NCHW form, and where the tape flattens an image the graph transposes it back first. Only operators that OpenCV 4.6 also
// computes right are used: batch norm becomes part of the convolution or linear layer before it, GELU is written out.
// For the ONNX exporter only: drags protobuf.
#pragma once

#include "core/autograd/variable.h"

#include <onnx/onnx_pb.h>

#include <map>
#include <string>
#include <vector>

namespace pretext {

void setInt(onnx::NodeProto &node, const char *name, int64_t value);
void setInts(onnx::NodeProto &node, const char *name, const std::vector<int64_t> &values);
/// Kernel, strides and padding of a convolution or pooling.
void setWindow(onnx::NodeProto &node, Extent2 kernel, Extent2 stride, Extent2 padding);
/// Weights [K, R, S, C] as [K, C, R, S].
std::vector<float> channelsFirst(const std::vector<float> &weights, const Shape &shape);

/// What text-generation of transformers.js keeps between tokens: keys and values of every layer. No layers: it is not kept.
struct TokenCache
{
    int layers = 0, heads = 0, features = 0;
};

class OnnxGraph
{
public:
    explicit OnnxGraph(onnx::GraphProto &graph) : m_graph(graph) {}

    /// Declares the graph's input for `pixels` [N, H, W, C]: `name` holds pixels in [0, 1], and (pixels - mean) / deviation stands for the variable.
    void addInput(const std::string &name, const Variable &pixels, const std::vector<float> &mean, const std::vector<float> &deviation);
    /// Translates all that `result` [N, D] was computed from, and declares it as the output `name`. Throws std::invalid_argument naming an
    /// operation that has no translation.
    void addOutput(const std::string &name, const Variable &result);

    // onnxtokens.cpp: the same for rows of tokens, of any number and length. Where attention_mask is 0, nobody looks.
    /// Declares "input_ids", "attention_mask", and with types "token_type_ids", all i64 [batch, sequence]; without, every type is 0.
    /// With a cache, "past_key_values.I.key" and ".value" [batch, heads, past, features] of each layer go in and "present.I..." come out: the ids are
    /// then those that follow the past, and attention_mask covers both.
    void addTokens(bool types, TokenCache cache = {});
    /// For `result` [N, T, D].
    void addTokenOutput(const std::string &name, const Variable &result);
    /// Its mean over the positions that attention_mask counts, [batch, D].
    void addMeanOutput(const std::string &name, const Variable &result);

private:
    // onnxpatches.cpp: of images, values [N, T, D] are named for their rows [N T, D].
    std::string patchValue(const Node &node);
    std::string patchConvolution(const Node &node);
    std::string patchNorm(const Node &node);
    std::string patchPositions(const Node &node);
    std::string patchAttention(const Node &node);
    std::string behindClassToken(const Node &node);
    std::string meanOfPatches(const Node &node);
    std::string firstToken(const Node &node);
    std::string shaped(const std::string &x, const std::vector<int64_t> &shape);
    std::string columns(const std::string &x, int64_t first, int64_t end);
    std::string perChannel(const std::string &x, std::vector<float> scale, std::vector<float> shift);

    struct Constant
    {
        std::vector<int64_t> shape;
        std::vector<float> values;
    };
    /// gamma / sqrt(var + epsilon) and what is left to add, per channel.
    struct ChannelAffine
    {
        std::vector<float> scale, shift;
    };

    std::string valueOf(const Variable &variable);
    std::string translate(const Node &node);
    std::string affineLayer(const Node &node, const ChannelAffine *after);
    std::string batchNorm(const Node &node);
    std::string pool(const Node &node);
    std::string binary(const Node &node);
    std::string activation(const std::string &x, Activation kind);
    std::string halfOnePlus(const std::string &x, const std::string &y);
    std::string flatten(const Node &node);
    std::string normalize(const Node &node);
    std::string besideEachOther(const Node &node);
    std::string scaled(const std::string &x, float factor);
    static ChannelAffine affineOf(const Node &batchNorm);
    std::string embedding(const Node &node);
    std::string addPositions(const Node &node);
    std::string tokenLinear(const Node &node);
    std::string layerNorm(const Node &node);
    std::string attention(const Node &node);
    std::string causalMask(int64_t longest);
    std::string withPast(const std::string &now, const std::string &part);
    /// A weight, written once however often it is used.
    std::string parameter(const Variable &weight);

    std::string constant(const Constant &value);
    std::string integers(const std::vector<int64_t> &values);
    onnx::NodeProto &node(const char *type, const std::vector<std::string> &inputs);
    static std::string output(const onnx::NodeProto &node) { return node.output(0); }

    onnx::GraphProto &m_graph;
    std::map<const Node *, std::string> m_names;
    bool m_ofImages = false;
    std::string m_scope;                                    // of the node in translation, for readable names
    std::string m_past, m_end, m_mask, m_padding, m_causal; // of tokens: the first position, one behind the last, the mask in floats, and what to add to scores
    TokenCache m_cache;
    int m_layer = 0;       // of the next attention
    int64_t m_longest = 0; // positions there can be
    bool m_typesGiven = false;
};

} // namespace pretext
