// The tape: a Variable is a tensor and how it came to be. Each operation's gradient stands right under its forward, in its family's file.
// The same tape, recorded in evaluation mode, is what the exporter writes as a graph.
#pragma once

#include "core/backend/options.h"
#include "core/tensor/tensor.h"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace pretext {

struct Node;

/// A forward value or a gradient that is not finite; says of which operation, and in which scope.
struct NonFiniteError : std::runtime_error
{
    NonFiniteError(const std::string &what, std::string where) : std::runtime_error(what), scope(std::move(where)) {}
    std::string scope; // the layer; empty outside any
};

class Variable
{
public:
    Variable() = default; // undefined: an absent bias, say
    explicit Variable(Tensor value, bool requiresGrad = false);

    bool defined() const { return m_node != nullptr; }
    /// On the tape it is made again, and kept until its last reader is done, where its operation said how.
    const Tensor &value() const;
    Tensor &value();
    /// The same; what had to be made again is kept by the caller alone.
    Tensor made() const;
    /// Undefined until backward() has reached this variable.
    const Tensor &grad() const;
    void clearGrad();
    bool requiresGrad() const;
    const Shape &shape() const { return outline().shape(); }
    DType type() const { return outline().type(); }
    Device device() const { return outline().device(); }
    const std::shared_ptr<Node> &node() const { return m_node; }

private:
    friend struct Node;
    friend Variable record(const char *, OperationOptions, std::vector<Variable>, Tensor, std::function<void(Node &)>, unsigned,
                           std::function<Tensor(const Node &)>);
    const Tensor &outline() const;
    bool lost() const; // the value is to be made again
    Tensor m_value;    // on the tape only where a gradient reads it, else its outline
    std::shared_ptr<Node> m_node;
};

struct Node
{
    Node() = default;
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;
    ~Node(); // takes a long tape apart without recursion

    const char *operation = "leaf";
    OperationOptions options;
    std::string scope; // "encoder.stage1.block0.conv1" while scopes are recorded (see NonFiniteGuard, GraphRecording)
    Shape shape;
    Tensor grad;
    Tensor remade; // the value, while it is there for the second time
    bool requiresGrad = false;
    std::vector<Variable> inputs;               // kept where a gradient or a recording needs them
    std::function<void(Node &)> backward;       // adds to the inputs' gradients; empty for leaves; captures tensors, never variables
    std::function<Tensor(const Node &)> remake; // the value from the inputs' made(); empty where the tape keeps it
    unsigned read = 0;                          // the inputs whose values are yet to be read
    int readers = 0, level = 0;                 // of the value: who is yet to read it, and how many remakings deep it is
    uint64_t number = 0;                        // the later recorded, the higher

    /// The gradient, to write over where it is unique.
    Tensor takeGrad() { return std::move(grad); }
    /// The value of an input for the last time: the tape lets go of it.
    Tensor lastValue(size_t input);
    void doneReading(size_t input);
};

/// Whether an operation on these will be asked for its gradient.
bool takesGradient(const std::vector<Variable> &inputs);
constexpr unsigned kEveryInput = ~0u, kNoInput = 0;
/// Puts an operation's result on the tape; called by the operations only. `backward` reads the values of the inputs whose bits are set in
/// `read`; of the others the tape keeps the outline alone, so that their memory is free as soon as nobody else holds them. What it needs of
/// the result it captures. With `remake`, which makes the same bits from the inputs in `read`, the tape keeps no result either, unless that
/// would be more than three makings deep.
Variable record(const char *operation, OperationOptions options, std::vector<Variable> inputs, Tensor value, std::function<void(Node &)> backward,
                unsigned read = kEveryInput, std::function<Tensor(const Node &)> remake = {});
/// Adds `gradient` to the variable's gradient (takes it over where there is none); ignored where none is required.
void accumulateGrad(const Variable &variable, Tensor gradient);

/// Computes the gradient of the one-element `loss` in every leaf that requires one, then releases the tape behind it; throws std::logic_error
/// where a part of that is released already.
void backward(const Variable &loss);

/// While alive on this thread, nothing is recorded: for evaluation and snapshots.
class NoGrad
{
public:
    NoGrad();
    ~NoGrad();

private:
    bool m_previous;
};

/// While alive on this thread, every operation is kept on the tape with its inputs and scope, also without gradients: for export.
class GraphRecording
{
public:
    GraphRecording();
    ~GraphRecording();

private:
    bool m_previous;
};

/// While alive on this thread, every forward value and every gradient is checked, and the first that is not finite throws
/// NonFiniteError naming the operation and the scope. Slow: the trainer repeats a failed step under it to say where it began.
class NonFiniteGuard
{
public:
    NonFiniteGuard();
    ~NonFiniteGuard();

private:
    bool m_previous;
};

/// While alive on this thread, linear layers and convolutions multiply in this precision, forward and, whenever that comes, backward. With bf16
/// the maps that convolutions make are kept in it too, and stay so through batch norm and sums up to the pooling, where the device can; and what a
/// linear layer makes for another, or for attention, which multiplies it then.
class Autocast
{
public:
    explicit Autocast(Precision precision);
    ~Autocast();
    static Precision precision();

private:
    Precision m_previous;
};

/// Names what runs inside it, for the guard, the profile and the exporter; costs nothing while nobody listens.
class Scope
{
public:
    explicit Scope(const std::string &name);
    ~Scope();
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

private:
    bool m_entered;
};

} // namespace pretext
