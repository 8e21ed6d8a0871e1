// A module: named parameters, buffers and children, and a forward. Names join with dots, "stage1.block0.conv1.weight".
#pragma once

#include "core/autograd/variable.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct NamedParameter
{
    std::string name;
    Variable variable;
    bool decay = true;
}; // decay: false for biases and normalisation
struct NamedTensor
{
    std::string name;
    Tensor tensor;
    bool derived = false; // from the data, again wherever a run begins or goes on: a checkpoint may lack it
};

class Module
{
public:
    virtual ~Module() = default;
    Module() = default;
    Module(const Module &) = delete;
    Module &operator=(const Module &) = delete;

    /// Runs forward inside a Scope of the module's name.
    Variable operator()(const Variable &x);

    std::vector<NamedParameter> parameters() const;
    /// What is saved but not trained: batch-norm statistics. The tensors share storage with the module's.
    std::vector<NamedTensor> buffers() const;
    int64_t parameterCount() const;
    void setTraining(bool training);
    bool training() const { return m_training; }

protected:
    virtual Variable forward(const Variable &x) = 0;
    /// The last part of its name; empty at the root.
    const std::string &name() const { return m_name; }

    Variable addParameter(const std::string &name, Tensor initial, bool decay = true);
    Tensor addBuffer(const std::string &name, Tensor initial, bool derived = false);
    /// A part without a name is one in code alone: its parameters are called as if they were this module's own.
    template<class M>
    M &addModule(const std::string &name, std::unique_ptr<M> module)
    {
        M &reference = *module;
        adopt(name, std::move(module));
        return reference;
    }

private:
    void adopt(const std::string &name, std::unique_ptr<Module> module);
    struct Child
    {
        std::string name;
        std::unique_ptr<Module> module;
    };
    std::string m_name;
    std::vector<NamedParameter> m_parameters;
    std::vector<NamedTensor> m_buffers;
    std::vector<Child> m_children;
    bool m_training = true;
};

} // namespace pretext
