#include "core/exchange/onnxrun.h"

#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace pretext {

struct OnnxRunner::Graph
{
    onnx::ModelProto model;
    std::map<std::string, OnnxValue> weights;
};

namespace {

using Extents = std::vector<int64_t>;

int64_t product(const Extents &shape)
{
    return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

OnnxValue floatsOf(Extents shape)
{
    OnnxValue value{std::move(shape), {}, {}};
    value.floats.resize(size_t(product(value.shape)));
    return value;
}

/// One node, its inputs, and its attributes.
struct Call
{
    const onnx::NodeProto &node;
    std::vector<const OnnxValue *> inputs;

    const OnnxValue &in(size_t i) const { return *inputs.at(i); }
    const onnx::AttributeProto *attribute(const std::string &name) const
    {
        for (const onnx::AttributeProto &candidate : node.attribute())
            if (candidate.name() == name)
                return &candidate;
        return nullptr;
    }
    int64_t axis(int64_t rank, int64_t fallback = 0) const
    {
        const auto *given = attribute("axis");
        const int64_t axis = given ? given->i() : fallback;
        return axis < 0 ? axis + rank : axis;
    }
};

OnnxValue map(const OnnxValue &x, float (*function)(float))
{
    OnnxValue y = x;
    std::ranges::transform(x.floats, y.floats.begin(), function);
    return y;
}

/// Element by element, the shorter shape repeated as numpy does.
template<class Function>
OnnxValue combine(const OnnxValue &a, const OnnxValue &b, Function function)
{
    const size_t rank = std::max(a.shape.size(), b.shape.size());
    Extents shape(rank);
    std::vector<int64_t> aStep(rank), bStep(rank);
    int64_t aSize = 1, bSize = 1;
    for (size_t axis = rank; axis-- > 0;) {
        const auto extent = [&](const OnnxValue &x) {
            const size_t missing = rank - x.shape.size();
            return axis < missing ? 1 : x.shape[axis - missing];
        };
        aStep[axis] = extent(a) == 1 ? 0 : aSize, bStep[axis] = extent(b) == 1 ? 0 : bSize;
        aSize *= extent(a), bSize *= extent(b);
        shape[axis] = std::max(extent(a), extent(b));
    }
    OnnxValue y = floatsOf(shape);
    std::vector<int64_t> at(rank, 0);
    int64_t i = 0, j = 0;
    for (float &value : y.floats) {
        value = function(a.floats[size_t(i)], b.floats[size_t(j)]);
        for (size_t axis = rank; axis-- > 0;) { // the next place
            i += aStep[axis], j += bStep[axis];
            if (++at[axis] < shape[axis])
                break;
            i -= aStep[axis] * shape[axis], j -= bStep[axis] * shape[axis];
            at[axis] = 0;
        }
    }
    return y;
}

/// The last two axes; the second factor may lack the others.
OnnxValue matmul(const OnnxValue &a, const OnnxValue &b)
{
    const int64_t rows = a.shape.end()[-2], inner = a.shape.back(), columns = b.shape.back();
    Extents shape = a.shape;
    shape.back() = columns;
    OnnxValue y = floatsOf(shape);
    const int64_t batches = a.size() / std::max<int64_t>(1, rows * inner);
    for (int64_t batch = 0; batch < batches; ++batch) {
        const float *left = &a.floats[size_t(batch * rows * inner)], *right = &b.floats[b.shape.size() > 2 ? size_t(batch * inner * columns) : 0];
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t k = 0; k < inner; ++k)
                for (int64_t j = 0; j < columns; ++j)
                    y.floats[size_t((batch * rows + i) * columns + j)] += left[i * inner + k] * right[k * columns + j];
    }
    return y;
}

OnnxValue gather(const OnnxValue &x, const OnnxValue &indices)
{
    Extents shape = indices.shape;
    shape.insert(shape.end(), x.shape.begin() + 1, x.shape.end());
    const int64_t row = x.size() / x.shape[0];
    OnnxValue y{shape, {}, {}};
    for (int64_t index : indices.integers) {
        if (x.isInteger())
            y.integers.insert(y.integers.end(), x.integers.begin() + index * row, x.integers.begin() + (index + 1) * row);
        else
            y.floats.insert(y.floats.end(), x.floats.begin() + index * row, x.floats.begin() + (index + 1) * row);
    }
    return y;
}

OnnxValue transpose(const Call &call)
{
    const OnnxValue &x = call.in(0);
    const auto &order = call.attribute("perm")->ints();
    const size_t rank = x.shape.size();
    Extents steps(rank), shape(rank), at(rank, 0);
    for (size_t axis = 0; axis < rank; ++axis) {
        shape[axis] = x.shape[size_t(order[int(axis)])];
        steps[axis] = product({x.shape.begin() + order[int(axis)] + 1, x.shape.end()});
    }
    OnnxValue y = floatsOf(shape);
    int64_t from = 0;
    for (float &value : y.floats) {
        value = x.floats[size_t(from)];
        for (size_t axis = rank; axis-- > 0;) {
            from += steps[axis];
            if (++at[axis] < shape[axis])
                break;
            from -= steps[axis] * shape[axis];
            at[axis] = 0;
        }
    }
    return y;
}

OnnxValue reshape(const OnnxValue &x, const OnnxValue &wanted)
{
    OnnxValue y = x;
    y.shape = wanted.integers;
    for (size_t axis = 0; axis < y.shape.size(); ++axis)
        if (y.shape[axis] == 0)
            y.shape[axis] = x.shape[axis];
    return y;
}

/// Elements [begin, end) along one axis.
OnnxValue cut(const OnnxValue &x, size_t axis, int64_t begin, int64_t end)
{
    const int64_t extent = x.shape[axis], inner = product({x.shape.begin() + long(axis) + 1, x.shape.end()});
    OnnxValue y{x.shape, {}, {}};
    y.shape[axis] = std::min(end, extent) - begin;
    for (int64_t first = 0; first < x.size(); first += extent * inner)
        y.floats.insert(y.floats.end(), x.floats.begin() + first + begin * inner, x.floats.begin() + first + std::min(end, extent) * inner);
    return y;
}

OnnxValue slice(const Call &call)
{
    OnnxValue y = call.in(0);
    for (size_t i = 0; i < call.in(3).integers.size(); ++i)
        y = cut(y, size_t(call.in(3).integers[i]), call.in(1).integers[i], call.in(2).integers[i]);
    return y;
}

OnnxValue softmax(const OnnxValue &x)
{
    OnnxValue y = x;
    const int64_t width = x.shape.back();
    for (auto row = y.floats.begin(); row != y.floats.end(); row += width) {
        const float largest = *std::max_element(row, row + width);
        float sum = 0;
        for (auto value = row; value != row + width; ++value)
            sum += *value = std::exp(*value - largest);
        std::transform(row, row + width, row, [sum](float value) { return value / sum; });
    }
    return y;
}

OnnxValue meanOfLast(const OnnxValue &x)
{
    OnnxValue y = floatsOf(x.shape);
    const int64_t width = y.shape.back();
    y.shape.back() = 1;
    y.floats.resize(size_t(product(y.shape)));
    for (size_t row = 0; row < y.floats.size(); ++row)
        y.floats[row] = float(std::accumulate(x.floats.begin() + long(row) * width, x.floats.begin() + long(row + 1) * width, 0.0) / double(width));
    return y;
}

/// Equal parts of the last axis.
std::vector<OnnxValue> split(const Call &call)
{
    const OnnxValue &x = call.in(0);
    const int64_t parts = call.node.output_size(), whole = x.shape.back(), width = whole / parts;
    Extents shape = x.shape;
    shape.back() = width;
    std::vector<OnnxValue> all(size_t(parts), OnnxValue{shape, {}, {}});
    for (int64_t first = 0; first < x.size(); first += width)
        all[size_t(first / width % parts)].floats.insert(all[size_t(first / width % parts)].floats.end(), x.floats.begin() + first,
                                                         x.floats.begin() + first + width);
    return all;
}

OnnxValue cast(const OnnxValue &x)
{
    return {x.shape, {x.integers.begin(), x.integers.end()}, {}};
}

OnnxValue concatenate(const Call &call)
{
    OnnxValue y = call.in(0);
    const size_t axis = size_t(call.axis(int64_t(y.shape.size())));
    for (size_t i = 1; i < call.inputs.size(); ++i) {
        const OnnxValue a = y, &b = call.in(i);
        y.shape[axis] += b.shape[axis];
        y.floats.clear();
        y.integers.insert(y.integers.end(), b.integers.begin(), b.integers.end()); // of which only lists are joined
        const int64_t outer = product({a.shape.begin(), a.shape.begin() + long(axis)}), left = a.size() / outer, right = b.size() / outer;
        for (int64_t o = 0; !b.isInteger() && o < outer; ++o) {
            y.floats.insert(y.floats.end(), a.floats.begin() + o * left, a.floats.begin() + (o + 1) * left);
            y.floats.insert(y.floats.end(), b.floats.begin() + o * right, b.floats.begin() + (o + 1) * right);
        }
    }
    return y;
}

OnnxValue unsqueeze(const Call &call)
{
    OnnxValue y = call.in(0);
    for (int64_t axis : call.in(1).integers)
        y.shape.insert(y.shape.begin() + axis, 1);
    return y;
}

using Operator = std::vector<OnnxValue> (*)(const Call &);

const std::map<std::string, Operator> &operators()
{
    static const std::map<std::string, Operator> all = {
        {"Add", [](const Call &c) { return std::vector{combine(c.in(0), c.in(1), std::plus<>())}; }},
        {"Sub", [](const Call &c) { return std::vector{combine(c.in(0), c.in(1), std::minus<>())}; }},
        {"Mul", [](const Call &c) { return std::vector{combine(c.in(0), c.in(1), std::multiplies<>())}; }},
        {"Div", [](const Call &c) { return std::vector{combine(c.in(0), c.in(1), std::divides<>())}; }},
        {"Sqrt", [](const Call &c) { return std::vector{map(c.in(0), [](float x) { return std::sqrt(x); })}; }},
        {"Erf", [](const Call &c) { return std::vector{map(c.in(0), [](float x) { return std::erf(x); })}; }},
        {"Tanh", [](const Call &c) { return std::vector{map(c.in(0), [](float x) { return std::tanh(x); })}; }},
        {"Relu", [](const Call &c) { return std::vector{map(c.in(0), [](float x) { return std::max(x, 0.f); })}; }},
        {"Identity", [](const Call &c) { return std::vector{c.in(0)}; }},
        {"MatMul", [](const Call &c) { return std::vector{matmul(c.in(0), c.in(1))}; }},
        {"Gather", [](const Call &c) { return std::vector{gather(c.in(0), c.in(1))}; }},
        {"Shape",
         [](const Call &c) {
             return std::vector{OnnxValue{{int64_t(c.in(0).shape.size())}, {}, c.in(0).shape}};
         }},
        {"Transpose", [](const Call &c) { return std::vector{transpose(c)}; }},
        {"Reshape", [](const Call &c) { return std::vector{reshape(c.in(0), c.in(1))}; }},
        {"Slice", [](const Call &c) { return std::vector{slice(c)}; }},
        {"Softmax", [](const Call &c) { return std::vector{softmax(c.in(0))}; }},
        {"ReduceMean", [](const Call &c) { return std::vector{meanOfLast(c.in(0))}; }},
        {"Split", split},
        {"Cast", [](const Call &c) { return std::vector{cast(c.in(0))}; }},
        {"Concat", [](const Call &c) { return std::vector{concatenate(c)}; }},
        {"Unsqueeze", [](const Call &c) { return std::vector{unsqueeze(c)}; }},
    };
    return all;
}

OnnxValue valueOf(const onnx::TensorProto &tensor)
{
    OnnxValue value{{tensor.dims().begin(), tensor.dims().end()}, {}, {}};
    const std::string &raw = tensor.raw_data();
    if (tensor.data_type() == onnx::TensorProto::INT64) {
        value.integers.resize(raw.size() / sizeof(int64_t));
        std::memcpy(value.integers.data(), raw.data(), raw.size());
    } else {
        value.floats.resize(raw.size() / sizeof(float));
        std::memcpy(value.floats.data(), raw.data(), raw.size());
    }
    return value;
}

} // namespace

int64_t OnnxValue::size() const
{
    return product(shape);
}

OnnxRunner::OnnxRunner(const std::filesystem::path &file) : m_graph(std::make_unique<Graph>())
{
    const std::string bytes = readRegularFile(file, INT_MAX); // protobuf reads no more
    if (!m_graph->model.ParseFromString(bytes))
        throw std::runtime_error(file.string() + ": " + pretext::said("cannot be read as an ONNX model"));
    for (const onnx::TensorProto &tensor : m_graph->model.graph().initializer())
        m_graph->weights[tensor.name()] = valueOf(tensor);
}

OnnxRunner::~OnnxRunner() = default;

std::map<std::string, OnnxValue> OnnxRunner::run(std::map<std::string, OnnxValue> inputs) const
{
    std::map<std::string, OnnxValue> values = std::move(inputs);
    for (const onnx::NodeProto &node : m_graph->model.graph().node()) {
        Call call{node, {}};
        for (const std::string &name : node.input()) {
            const auto weight = m_graph->weights.find(name);
            call.inputs.push_back(weight != m_graph->weights.end() ? &weight->second : &values.at(name));
        }
        const auto found = operators().find(node.op_type());
        if (found == operators().end())
            throw std::runtime_error("[onnx] " + pretext::said("the operator %1 is not one that text models are written with", {node.op_type()}));
        std::vector<OnnxValue> results = found->second(call);
        for (int i = 0; i < node.output_size(); ++i)
            values[node.output(i)] = std::move(results.at(size_t(i)));
    }
    std::map<std::string, OnnxValue> outputs;
    for (const onnx::ValueInfoProto &output : m_graph->model.graph().output())
        outputs[output.name()] = std::move(values.at(output.name()));
    return outputs;
}

} // namespace pretext
