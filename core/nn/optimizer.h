// Optimizers over a module's parameters; their learning rate over a run is in schedule.h.
#pragma once

#include "core/knobs/knob.h"
#include "core/nn/module.h"

#include <memory>
#include <string>
#include <vector>

namespace pretext {

class Optimizer
{
public:
    virtual ~Optimizer() = default;
    /// One step at this learning rate from the parameters' gradients; parameters without one are left alone.
    virtual void step(float learningRate) = 0;
    /// Moments and step count, for checkpoints; the tensors share storage with the optimizer's.
    virtual std::vector<NamedTensor> state() = 0;
    /// Live knobs: momentum, weight decay.
    virtual void apply(const KnobSet &knobs) = 0;
    virtual int64_t stepsTaken() const = 0;
    virtual void setStepsTaken(int64_t steps) = 0;
};

/// sgd, adam, adamw, lars (You et al. 2017, with Chen et al.'s exclusion of biases and norms from decay and adaptation).
std::unique_ptr<Optimizer> makeOptimizer(const std::string &name, std::vector<NamedParameter> parameters, const KnobSet &knobs);
std::vector<Knob> optimizerKnobs(); // optimizer, learning_rate, momentum, weight_decay, warmup, schedule

} // namespace pretext
