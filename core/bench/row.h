// The rows of `pretext bench`: each is a piece of work that is built once and then timed step by step. A new family is one file and one line in
// families.def.
#pragma once

#include "core/backend/options.h"

#include <memory>
#include <string>
#include <vector>

namespace pretext::bench {

class Work
{
public:
    virtual ~Work() = default;
    /// Takes `count` steps; the milliseconds of each.
    virtual std::vector<double> steps(int count) = 0;
};

/// Work whose steps are timed one by one.
class SteppedWork : public Work
{
public:
    std::vector<double> steps(int count) final;

protected:
    virtual void step() = 0;
};

struct Row
{
    std::string name; // as tests/bench/pytorch.py knows it
    std::string help = {};
    double flop = 0; // of a step, by the direct algorithms; 0 where it is not a matter of arithmetic
    int steps = 4;   // in a round
    std::unique_ptr<Work> (*make)(const Row &row) = nullptr;
    int size = 0;                         // what tells rows of a family apart: a width, a number of rows, a context
    Precision precision = Precision::f32; // of models and attention
};

/// Of all families, in their order.
const std::vector<Row> &rows();
/// Throws std::invalid_argument that suggests the nearest name.
const Row &rowNamed(const std::string &name);

} // namespace pretext::bench
