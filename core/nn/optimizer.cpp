// The optimizers: each walks the parameters and hands them to the backend's kernel with its moments. Biases and norms are excluded from
// weight decay, and under LARS from the adaptation of the rate too.
#include "core/nn/optimizer.h"

#include "core/backend/backend.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {
namespace {

constexpr float kBeta2 = 0.999f, kAdamEpsilon = 1e-8f;
constexpr float kTrust = 1e-3f; // You et al. 2017 and Chen et al. 2020

/// The loop that all share: `moments` tensors for each parameter, zero at first.
class MomentOptimizer : public Optimizer
{
public:
    MomentOptimizer(std::vector<NamedParameter> parameters, const KnobSet &knobs, std::vector<std::string> moments)
        : m_parameters(std::move(parameters))
        , m_names(std::move(moments))
    {
        apply(knobs);
        for (const NamedParameter &parameter : m_parameters)
            for (size_t moment = 0; moment < m_names.size(); ++moment)
                m_moments.push_back(Tensor::zeros(parameter.variable.shape(), parameter.variable.value().device()));
    }

    void step(float learningRate) override
    {
        ++m_steps;
        for (size_t i = 0; i < m_parameters.size(); ++i) {
            Variable &variable = m_parameters[i].variable;
            if (variable.grad().defined())
                update(variable.grad(), learningRate, m_parameters[i].decay, variable.value(), &m_moments[i * m_names.size()]);
        }
    }

    std::vector<NamedTensor> state() override
    {
        std::vector<NamedTensor> all;
        for (size_t i = 0; i < m_moments.size(); ++i)
            all.push_back({m_parameters[i / m_names.size()].name + "." + m_names[i % m_names.size()], m_moments[i]});
        return all;
    }

    void apply(const KnobSet &knobs) override
    {
        m_momentum = static_cast<float>(knobs.real("momentum"));
        m_weightDecay = static_cast<float>(knobs.real("weight_decay"));
        m_nesterov = knobs.boolean("nesterov");
    }

    int64_t stepsTaken() const override { return m_steps; }
    void setStepsTaken(int64_t steps) override { m_steps = steps; }

protected:
    virtual void update(const Tensor &gradient, float learningRate, bool decay, Tensor &weight, Tensor *moments) = 0;

    float m_momentum = 0, m_weightDecay = 0;
    bool m_nesterov = false;
    int64_t m_steps = 0;

private:
    std::vector<NamedParameter> m_parameters;
    std::vector<std::string> m_names;
    std::vector<Tensor> m_moments; // parameter by parameter
};

class Sgd : public MomentOptimizer
{
public:
    Sgd(std::vector<NamedParameter> parameters, const KnobSet &knobs) : MomentOptimizer(std::move(parameters), knobs, {"momentum"}) {}

protected:
    void update(const Tensor &gradient, float learningRate, bool decay, Tensor &weight, Tensor *moments) override
    {
        backendOf(weight).sgd(gradient, {learningRate, m_momentum, decay ? m_weightDecay : 0, m_nesterov}, weight, moments[0]);
    }
};

/// Adam (Kingma and Ba 2015), and with decay decoupled from the moments AdamW (Loshchilov and Hutter 2019). The momentum knob is beta 1.
class Adam : public MomentOptimizer
{
public:
    Adam(std::vector<NamedParameter> parameters, const KnobSet &knobs, bool decoupled)
        : MomentOptimizer(std::move(parameters), knobs, {"first", "second"})
        , m_decoupled(decoupled)
    {
    }

protected:
    void update(const Tensor &gradient, float learningRate, bool decay, Tensor &weight, Tensor *moments) override
    {
        const AdamOptions options{learningRate, m_momentum, kBeta2, kAdamEpsilon, decay ? m_weightDecay : 0, m_decoupled, m_steps};
        backendOf(weight).adam(gradient, options, weight, moments[0], moments[1]);
    }

private:
    bool m_decoupled;
};

class Lars : public MomentOptimizer
{
public:
    Lars(std::vector<NamedParameter> parameters, const KnobSet &knobs) : MomentOptimizer(std::move(parameters), knobs, {"momentum"}) {}

protected:
    void update(const Tensor &gradient, float learningRate, bool decay, Tensor &weight, Tensor *moments) override
    {
        const LarsOptions options{learningRate, m_momentum, decay ? m_weightDecay : 0, decay ? kTrust : 0, 0};
        backendOf(weight).lars(gradient, options, weight, moments[0]);
    }
};

} // namespace

std::unique_ptr<Optimizer> makeOptimizer(const std::string &name, std::vector<NamedParameter> parameters, const KnobSet &knobs)
{
    if (name == "sgd")
        return std::make_unique<Sgd>(std::move(parameters), knobs);
    if (name == "adam" || name == "adamw")
        return std::make_unique<Adam>(std::move(parameters), knobs, name == "adamw");
    if (name == "lars")
        return std::make_unique<Lars>(std::move(parameters), knobs);
    const std::string nearest = nearestName(name, {"sgd", "adam", "adamw", "lars"});
    throw std::invalid_argument("[optimizer] "
                                + (nearest.empty() ? pretext::said("there is no optimizer \"%1\"; there are sgd, adam, adamw, lars", {name})
                                                   : pretext::said("there is no optimizer \"%1\"; did you mean \"%2\"?", {name, nearest})));
}

std::vector<Knob> optimizerKnobs()
{
    return {
        {.name = "optimizer",
         .kind = KnobKind::choice,
         .defaultValue = std::string("adamw"),
         .choices = {"sgd", "adam", "adamw", "lars"},
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("How a gradient becomes a step: SGD follows it, Adam scales each weight by its own history, LARS each layer by its norm.")},
        {.name = "learning_rate",
         .symbol = "η",
         .minimum = 1e-6,
         .maximum = 10,
         .logarithmic = true,
         .defaultValue = 1e-3,
         .help = PRETEXT_SAID("The size of a step: too small learns slowly, too large makes the loss jump or diverge.")},
        {.name = "momentum",
         .symbol = "μ",
         .minimum = 0,
         .maximum = 0.999,
         .defaultValue = 0.9,
         .help = PRETEXT_SAID("How much of the last step is kept: the more, the smoother the weights move through the noise of single batches. Adam's β1.")},
        {.name = "nesterov",
         .kind = KnobKind::boolean,
         .defaultValue = false,
         .help = PRETEXT_SAID("SGD looks one step of momentum ahead, which damps swinging to and fro.")},
        {.name = "weight_decay",
         .symbol = "λ",
         .minimum = 0,
         .maximum = 1,
         .defaultValue = 1e-4,
         .help = PRETEXT_SAID("Pulls weights towards zero, biases and norms excepted: keeps the encoder simple; too much and it forgets.")},
        {.name = "warmup",
         .minimum = 0,
         .maximum = 0.5,
         .defaultValue = 0.05,
         .help = PRETEXT_SAID("Share of the run over which the learning rate rises from zero, while the first gradients are still wild.")},
        {.name = "schedule",
         .kind = KnobKind::choice,
         .defaultValue = std::string("cosine"),
         .choices = {"cosine", "constant"},
         .help = PRETEXT_SAID("Cosine lowers the learning rate to zero at the planned end, which settles the weights; constant keeps it.")},
    };
}

} // namespace pretext
