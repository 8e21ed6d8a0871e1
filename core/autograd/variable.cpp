#include "core/autograd/variable.h"

#include "core/autograd/check.h"
#include "core/backend/backend.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace pretext {

namespace {

struct TapeState
{
    bool noGrad = false, recording = false, guarded = false;
    Precision precision = Precision::f32;
    std::vector<std::string> scopes;
    uint64_t recorded = 0;
    bool listening() const { return recording || guarded; }
};

thread_local TapeState tape;

std::string currentScope()
{
    std::string path;
    for (const std::string &scope : tape.scopes)
        path += (path.empty() ? "" : ".") + scope;
    return path;
}

void requireFinite(const Tensor &x, const std::string &what, const std::string &scope)
{
    if (x.type() == DType::i32)
        return;
    const std::vector<float> values = x.toHost();
    const auto bad = std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
    if (bad != values.end())
        throw NonFiniteError(
            scope.empty() ? said("%1 is not finite: %2 at element %3 of %4", {what, std::to_string(*bad), bad - values.begin(), x.shape().str()})
                          : said("%1 in %2 is not finite: %3 at element %4 of %5", {what, scope, std::to_string(*bad), bad - values.begin(), x.shape().str()}),
            scope);
}

const Variable &requireDefined(const Variable &variable)
{
    if (!variable.defined())
        throw std::invalid_argument("[variable] is undefined");
    return variable;
}

} // namespace

Variable::Variable(Tensor value, bool requiresGrad) : m_value(std::move(value)), m_node(std::make_shared<Node>())
{
    m_node->shape = m_value.shape();
    m_node->requiresGrad = requiresGrad;
}

const Tensor &Variable::outline() const
{
    return requireDefined(*this).m_value;
}
bool Variable::lost() const
{
    return !outline().defined() && m_node->remake;
}

const Tensor &Variable::value() const
{
    if (!lost())
        return m_value;
    if (!m_node->remade.defined())
        m_node->remade = m_node->remake(*m_node);
    return m_node->remade;
}

Tensor &Variable::value()
{
    return const_cast<Tensor &>(std::as_const(*this).value());
}

Tensor Variable::made() const
{
    return lost() && !m_node->remade.defined() ? m_node->remake(*m_node) : value();
}

const Tensor &Variable::grad() const
{
    return requireDefined(*this).m_node->grad;
}
void Variable::clearGrad()
{
    requireDefined(*this).m_node->grad = {};
}
bool Variable::requiresGrad() const
{
    return m_node && m_node->requiresGrad;
}

Node::~Node()
{
    std::vector<Variable> pending = std::move(inputs);
    while (!pending.empty()) {
        const Variable last = std::move(pending.back());
        pending.pop_back();
        if (last.m_node && last.m_node.use_count() == 1) {
            std::ranges::move(last.m_node->inputs, std::back_inserter(pending));
            last.m_node->inputs.clear();
        }
    }
}

Tensor Node::lastValue(size_t input)
{
    Tensor value = std::as_const(inputs[input]).value();
    doneReading(input);
    return value;
}

void Node::doneReading(size_t input)
{
    if (!(read >> input & 1))
        return;
    read &= ~(1u << input);
    Variable &variable = inputs[input];
    Node &maker = *variable.m_node;
    if (variable.lost() && --maker.readers == 0)
        maker.remade = {};
    variable.m_value = variable.m_value.outline();
}

bool takesGradient(const std::vector<Variable> &inputs)
{
    return !tape.noGrad && std::ranges::any_of(inputs, &Variable::requiresGrad);
}

Variable record(const char *operation, OperationOptions options, std::vector<Variable> inputs, Tensor value, std::function<void(Node &)> backward,
                unsigned read, std::function<Tensor(const Node &)> remake)
{
    const bool requiresGrad = takesGradient(inputs);
    Variable result(std::move(value), requiresGrad);
    Node &node = *result.m_node;
    node.operation = operation;
    node.options = std::move(options);
    node.number = ++tape.recorded;
    if (tape.listening())
        node.scope = currentScope();
    if (tape.guarded)
        requireFinite(result.m_value, operation, node.scope);
    if (requiresGrad)
        node.backward = std::move(backward);
    if (requiresGrad || tape.recording)
        node.inputs = std::move(inputs);
    if (!requiresGrad || tape.recording)
        return result;
    int level = 1;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
        Variable &input = node.inputs[i];
        if (!input.defined())
            continue;
        Node &maker = *input.m_node;
        const bool reads = read >> i & 1;
        if (reads) {
            node.read |= 1u << i;
            maker.readers += maker.remake != nullptr;
            level = std::max(level, maker.level + 1);
        }
        if (!reads || maker.remake)
            input.m_value = input.m_value.outline();
    }
    constexpr int kDeepest = 3;
    if (remake && level <= kDeepest) {
        node.remake = std::move(remake);
        node.level = level;
    }
    return result;
}

void accumulateGrad(const Variable &variable, Tensor gradient)
{
    if (!variable.requiresGrad())
        return;
    Tensor &grad = variable.node()->grad;
    if (!grad.defined()) {
        grad = std::move(gradient);
        return;
    }
    Tensor sum = over(grad); // not in place where an operation has handed the same tensor to several inputs
    backendOf(grad).binary(grad, gradient, {Binary::add}, sum);
    grad = std::move(sum);
}

namespace {

/// The nodes behind `root` that take part in the gradient, as they were recorded, so each after its inputs.
std::vector<std::shared_ptr<Node>> recordedOrder(const std::shared_ptr<Node> &root)
{
    std::vector<std::shared_ptr<Node>> order{root};
    std::unordered_set<const Node *> seen{root.get()};
    for (size_t i = 0; i < order.size(); ++i)
        for (const Variable &input : order[i]->inputs)
            if (input.requiresGrad() && seen.insert(input.node().get()).second)
                order.push_back(input.node());
    std::ranges::sort(order, {}, [](const auto &node) { return node->number; });
    return order;
}

void requireFiniteGradients(const Node &node)
{
    for (const Variable &input : node.inputs)
        if (input.requiresGrad() && input.grad().defined())
            requireFinite(input.grad(), said("gradient of %1", {node.operation}), node.scope);
}

} // namespace

void backward(const Variable &loss)
{
    if (requireDefined(loss).value().size() != 1)
        throw std::invalid_argument("[backward] needs a loss of one element, not of shape " + loss.shape().str());
    if (!loss.requiresGrad())
        throw std::invalid_argument("[backward] the loss depends on nothing that requires a gradient");
    std::vector<std::shared_ptr<Node>> order = recordedOrder(loss.node());
    if (std::ranges::any_of(order, [](const auto &node) { return node->number > 0 && !node->backward; }))
        throw std::logic_error("[backward] an earlier backward() has released a part of the tape behind this loss; add the losses and call it once");
    accumulateGrad(loss, Tensor::full(loss.shape(), 1.f, loss.value().device()));
    for (; !order.empty(); order.pop_back()) {
        Node &node = *order.back();
        if (!node.backward)
            continue;     // a leaf keeps its gradient
        node.remade = {}; // its readers are done
        node.remake = nullptr;
        node.backward(node);
        if (tape.guarded)
            requireFiniteGradients(node);
        node.grad = {};
        node.backward = nullptr;
        for (size_t i = 0; i < node.inputs.size(); ++i)
            node.doneReading(i);
        if (!tape.recording)
            node.inputs.clear();
    }
}

NoGrad::NoGrad() : m_previous(tape.noGrad)
{
    tape.noGrad = true;
}
NoGrad::~NoGrad()
{
    tape.noGrad = m_previous;
}
GraphRecording::GraphRecording() : m_previous(tape.recording)
{
    tape.recording = true;
}
GraphRecording::~GraphRecording()
{
    tape.recording = m_previous;
}
NonFiniteGuard::NonFiniteGuard() : m_previous(tape.guarded)
{
    tape.guarded = true;
}
NonFiniteGuard::~NonFiniteGuard()
{
    tape.guarded = m_previous;
}

Autocast::Autocast(Precision precision) : m_previous(std::exchange(tape.precision, precision))
{
}
Autocast::~Autocast()
{
    tape.precision = m_previous;
}
Precision Autocast::precision()
{
    return tape.precision;
}

Scope::Scope(const std::string &name) : m_entered(tape.listening() && !name.empty()) // the root of a tree has no name of its own
{
    if (m_entered)
        tape.scopes.push_back(name);
}

Scope::~Scope()
{
    if (m_entered)
        tape.scopes.pop_back();
}

} // namespace pretext
