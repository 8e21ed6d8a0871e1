// Walking a tree of modules, and naming what is found.
#include "core/nn/module.h"

#include <stdexcept>

namespace pretext {
namespace {

std::string nameWithin(const std::string &part, const std::string &name)
{
    return part.empty() ? name : part + "." + name;
}

} // namespace

Variable Module::operator()(const Variable &x)
{
    Scope scope(m_name);
    return forward(x);
}

std::vector<NamedParameter> Module::parameters() const
{
    std::vector<NamedParameter> all = m_parameters;
    for (const Child &child : m_children)
        for (NamedParameter &parameter : child.module->parameters())
            all.push_back({nameWithin(child.name, parameter.name), parameter.variable, parameter.decay});
    return all;
}

std::vector<NamedTensor> Module::buffers() const
{
    std::vector<NamedTensor> all = m_buffers;
    for (const Child &child : m_children)
        for (NamedTensor &buffer : child.module->buffers())
            all.push_back({nameWithin(child.name, buffer.name), buffer.tensor, buffer.derived});
    return all;
}

int64_t Module::parameterCount() const
{
    int64_t count = 0;
    for (const NamedParameter &parameter : parameters())
        count += parameter.variable.value().size();
    return count;
}

void Module::setTraining(bool training)
{
    m_training = training;
    for (Child &child : m_children)
        child.module->setTraining(training);
}

Variable Module::addParameter(const std::string &name, Tensor initial, bool decay)
{
    Variable variable(std::move(initial), true);
    m_parameters.push_back({name, variable, decay});
    return variable;
}

Tensor Module::addBuffer(const std::string &name, Tensor initial, bool derived)
{
    m_buffers.push_back({name, initial, derived});
    return initial;
}

void Module::adopt(const std::string &name, std::unique_ptr<Module> module)
{
    for (const Child &child : m_children)
        if (child.name == name && !name.empty())
            throw std::invalid_argument("[module] there are two children named \"" + name + "\"");
    module->m_name = name;
    module->setTraining(m_training);
    m_children.push_back({name, std::move(module)});
}

} // namespace pretext
