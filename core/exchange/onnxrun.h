// Runs an ONNX file of a text model with plain loops, to hold what was written against what the model computes: OpenCV cannot look up
// rows by ids. It knows the operators that onnxtokens.cpp writes, and no others. For checks of a few short rows; it is not fast.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

struct OnnxValue
{
    std::vector<int64_t> shape;
    std::vector<float> floats; // one of the two
    std::vector<int64_t> integers;
    bool isInteger() const { return !integers.empty(); }
    int64_t size() const;
};

class OnnxRunner
{
public:
    /// Throws std::runtime_error naming the file where it cannot be read.
    explicit OnnxRunner(const std::filesystem::path &file);
    ~OnnxRunner();
    /// The graph's outputs by name.
    std::map<std::string, OnnxValue> run(std::map<std::string, OnnxValue> inputs) const;

private:
    struct Graph;
    std::unique_ptr<Graph> m_graph;
};

} // namespace pretext
