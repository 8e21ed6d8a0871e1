// One golden fixture: its inputs and options as a runner asks for them, what the runner gave, and the comparison with what the file
// expects. README.md beside this describes the format. Files may come from strangers, so every error names the file and the tensor.
#pragma once

#include "core/autograd/operations.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>

namespace golden {

using namespace pretext;

/// The largest difference of one tensor, relative to the largest magnitude that is expected in it (absolute where that is zero).
struct Difference
{
    std::string tensor;
    double value = 0;
};

inline Shape shapeOf(const std::vector<int64_t> &d)
{
    switch (d.size()) {
    case 0: return {1};
    case 1: return {d[0]};
    case 2: return {d[0], d[1]};
    case 3: return {d[0], d[1], d[2]};
    case 4: return {d[0], d[1], d[2], d[3]};
    case 5: return {d[0], d[1], d[2], d[3], d[4]};
    }
    throw std::runtime_error("has " + std::to_string(d.size()) + " axes; at most 5 are read");
}

class GoldenCase
{
public:
    explicit GoldenCase(const std::filesystem::path &path) : m_path(path), m_file(readSafetensors(path))
    {
        const auto operation = m_file.metadata.find("operation");
        if (operation == m_file.metadata.end())
            fail("its metadata has no \"operation\"");
        m_operation = operation->second;
        const auto options = m_file.metadata.find("options");
        m_options = options == m_file.metadata.end() ? nlohmann::json::object() : nlohmann::json::parse(options->second, nullptr, false);
        if (!m_options.is_object())
            fail("the \"options\" of its metadata are not a JSON object: " + options->second);
        for (const auto &[name, tensor] : m_file.tensors)
            if (!name.starts_with("input.") && !name.starts_with("constant.") && !name.starts_with("output.") && !name.starts_with("grad.")
                && name != "upstream")
                fail("tensor \"" + name + "\" is neither input.*, constant.*, upstream, output.* nor grad.*");
    }

    [[noreturn]] void fail(const std::string &what) const { throw std::runtime_error(m_path.string() + ": " + what); }
    const std::string &operation() const { return m_operation; }
    bool has(const std::string &tensor) const { return m_file.tensors.contains(tensor); }

    /// An option, or its fallback; without a fallback it must be there.
    template<class T>
    T option(const std::string &name, std::optional<T> fallback = {})
    {
        m_used.insert("option " + name);
        if (!m_options.contains(name)) {
            if (!fallback)
                fail("operation \"" + m_operation + "\" needs the option \"" + name + "\"");
            return *fallback;
        }
        try {
            return m_options[name].get<T>();
        } catch (const nlohmann::json::exception &) {
            fail("option \"" + name + "\" has the wrong type: " + m_options[name].dump());
        }
    }
    /// All options, for runners that hand them on to knobs.
    const nlohmann::json &options()
    {
        for (const auto &[name, value] : m_options.items())
            m_used.insert("option " + name);
        return m_options;
    }

    /// A tensor that gets a gradient, or an undefined variable where the file has none.
    Variable optionalInput(const std::string &name)
    {
        if (!has("input." + name))
            return {};
        auto [it, fresh] = m_inputs.try_emplace(name);
        if (fresh)
            it->second = Variable(tensor("input." + name), true);
        return it->second;
    }
    Variable input(const std::string &name)
    {
        if (!has("input." + name))
            fail("operation \"" + m_operation + "\" needs the tensor \"input." + name + "\"");
        return optionalInput(name);
    }
    Tensor constant(const std::string &name)
    {
        if (!has("constant." + name))
            fail("operation \"" + m_operation + "\" needs the tensor \"constant." + name + "\"");
        return tensor("constant." + name);
    }
    /// Every input.* without its prefix.
    std::vector<std::string> inputNames() const
    {
        std::vector<std::string> names;
        for (const auto &[name, tensor] : m_file.tensors)
            if (name.starts_with("input."))
                names.push_back(name.substr(6));
        return names;
    }

    /// A result, "output.NAME" or "grad.NAME".
    void give(const std::string &name, const Tensor &value) { m_given[name] = value; }
    /// Gives output.y and the gradient of sum(upstream * y) in every input that was asked for.
    void differentiate(const Variable &y)
    {
        give("output.y", y.value());
        Variable loss = y;
        if (has("upstream")) {
            const int64_t size = y.value().size();
            const Tensor upstream = tensor("upstream");
            if (upstream.shape() != y.shape())
                fail("\"upstream\" is " + upstream.shape().str() + ", the operation gives " + y.shape().str());
            loss = matmul(reshape(y, {1, size}), reshape(Variable(upstream), {size, 1}));
        } else if (y.value().size() != 1) {
            fail("the operation gives " + y.shape().str() + ", so the file needs a tensor \"upstream\" of that shape");
        }
        backward(reshape(loss, {1}));
        giveGradients();
    }
    void giveGradients()
    {
        for (const auto &[name, variable] : m_inputs)
            if (variable.grad().defined())
                give("grad." + name, variable.grad());
    }

    /// Compares everything the file expects; throws where a name or a shape does not fit, or where something in the file was not used.
    std::vector<Difference> differences() const
    {
        requireAllUsed();
        std::vector<Difference> all;
        for (const auto &[name, expected] : m_file.tensors)
            if (name.starts_with("output.") || name.starts_with("grad."))
                all.push_back({name, difference(name, expected)});
        if (all.empty())
            fail("it expects nothing: there is no tensor output.* or grad.*");
        return all;
    }

private:
    Tensor tensor(const std::string &name)
    {
        m_used.insert(name);
        const FileTensor &stored = m_file.tensors.at(name);
        try {
            const Shape shape = shapeOf(stored.shape);
            return stored.dtype.starts_with("I") ? Tensor::fromHost(stored.ints(), shape) : Tensor::fromHost(stored.floats(), shape);
        } catch (const std::exception &error) {
            fail("tensor \"" + name + "\": " + error.what());
        }
    }

    double difference(const std::string &name, const FileTensor &expected) const
    {
        const auto given = m_given.find(name);
        if (given == m_given.end()) {
            std::string names;
            for (const auto &[known, value] : m_given)
                names += (names.empty() ? "" : ", ") + known;
            fail("operation \"" + m_operation + "\" gives no \"" + name + "\"; it gives " + names);
        }
        if (given->second.shape() != shapeOf(expected.shape))
            fail("\"" + name + "\" is " + shapeOf(expected.shape).str() + " in the file, the operation gives " + given->second.shape().str());
        const std::vector<float> a = given->second.toHost(), b = expected.floats();
        double largest = 0, scale = 0;
        for (size_t i = 0; i < b.size(); ++i) {
            const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
            largest = difference <= largest ? largest : difference; // a NaN is kept
            scale = std::max(scale, std::abs(static_cast<double>(b[i])));
            if (std::isnan(difference))
                return difference;
        }
        return scale > 0 ? largest / scale : largest;
    }

    void requireAllUsed() const
    {
        for (const auto &[name, tensor] : m_file.tensors)
            if ((name.starts_with("input.") || name.starts_with("constant.")) && !m_used.contains(name))
                fail("operation \"" + m_operation + "\" takes no tensor \"" + name + "\"");
        for (const auto &[name, value] : m_options.items())
            if (!m_used.contains("option " + name))
                fail("operation \"" + m_operation + "\" takes no option \"" + name + "\"");
    }

    std::filesystem::path m_path;
    SafetensorsFile m_file;
    std::string m_operation;
    nlohmann::json m_options;
    std::map<std::string, Variable> m_inputs;
    std::map<std::string, Tensor> m_given;
    std::set<std::string> m_used;
};

} // namespace golden
