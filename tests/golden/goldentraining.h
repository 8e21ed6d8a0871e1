// Runners of what happens over steps: an optimizer on given gradients, the schedule, and a whole method from given weights and batches.
#pragma once

#include "core/engine/model.h"
#include "tests/golden/goldenoperations.h"

#include <algorithm>

namespace golden {

/// Hands the fixture's options to the knobs of the same names; the others are read by the runner.
inline void setKnobs(GoldenCase &c, KnobSet &knobs, const std::set<std::string> &others)
{
    for (const auto &[name, value] : c.options().items()) {
        if (others.contains(name))
            continue;
        try {
            if (value.is_boolean())
                knobs.set(name, value.get<bool>());
            else if (value.is_number())
                knobs.set(name, value.get<double>());
            else
                knobs.setText(name, value.get<std::string>());
        } catch (const std::exception &error) {
            c.fail(error.what());
        }
    }
}

/// Row `step` of a tensor with one row a step.
inline std::span<const float> rowOf(const std::vector<float> &values, int64_t rows, int64_t step)
{
    return std::span(values).subspan(step * (values.size() / rows), values.size() / rows);
}

inline void runOptimizer(GoldenCase &c)
{
    KnobSet knobs(optimizerKnobs());
    setKnobs(c, knobs, {});
    const std::vector<float> rates = c.constant("learning_rates").toHost();
    const int64_t steps = static_cast<int64_t>(rates.size());
    std::vector<NamedParameter> parameters;
    std::vector<std::vector<float>> gradients, history;
    for (const std::string &name : c.inputNames()) {
        const Variable variable = c.input(name);
        parameters.push_back({name, variable, variable.shape().rank() > 1});
        gradients.push_back(c.constant("gradients." + name).toHost());
        if (gradients.back().size() != static_cast<size_t>(steps * variable.value().size()))
            c.fail("\"constant.gradients." + name + "\" has not one gradient for each of " + std::to_string(steps) + " learning rates");
    }
    history.resize(parameters.size());
    auto optimizer = makeOptimizer(knobs.choice("optimizer"), parameters, knobs);
    for (int64_t step = 0; step < steps; ++step) {
        for (size_t i = 0; i < parameters.size(); ++i) {
            parameters[i].variable.clearGrad();
            accumulateGrad(parameters[i].variable, Tensor::fromHost(rowOf(gradients[i], steps, step), parameters[i].variable.shape()));
        }
        optimizer->step(rates[step]);
        for (size_t i = 0; i < parameters.size(); ++i)
            std::ranges::copy(parameters[i].variable.value().toHost(), std::back_inserter(history[i]));
    }
    for (size_t i = 0; i < parameters.size(); ++i) {
        const Shape &shape = parameters[i].variable.shape();
        std::vector<int64_t> extents{steps};
        for (int axis = 0; axis < shape.rank(); ++axis)
            extents.push_back(shape[axis]);
        c.give("output." + parameters[i].name, Tensor::fromHost(history[i], shapeOf(extents)));
    }
}

inline void runSchedule(GoldenCase &c)
{
    const int64_t total = c.option<int64_t>("total");
    const auto schedule = c.option<std::string>("schedule");
    const float warmup = c.option<float>("warmup");
    std::vector<float> factors;
    for (int64_t step = 0; step < total; ++step)
        factors.push_back(scheduleFactor(schedule, step, total, warmup));
    c.give("output.factor", Tensor::fromHost(factors, {total}));
}

/// The file's weights into the model, a teacher's included; both must have the same.
inline void loadWeights(GoldenCase &c, Model &model)
{
    for (const std::vector<NamedParameter> &parameters : {parametersOf(model), followersOf(model)})
        for (NamedParameter parameter : parameters) {
            const Tensor weight = c.input(parameter.name).value();
            if (weight.shape() != parameter.variable.shape())
                c.fail("\"input." + parameter.name + "\" is " + weight.shape().str() + ", the model has " + parameter.variable.shape().str());
            parameter.variable.value().copyFrom(weight);
        }
    for (const NamedTensor &buffer : buffersOf(model)) // a queue; running statistics begin as the model's
        if (c.has("constant." + buffer.name))
            Tensor(buffer.tensor).copyFrom(c.constant(buffer.name));
}

/// Knobs that are turned before a step, as the option "changes" lists them: [[step, name, value], ...].
inline void turnKnobs(GoldenCase &c, KnobSet &knobs, int64_t step)
{
    for (const auto &change : c.options().value("changes", nlohmann::json::array())) {
        if (change.at(0) != step)
            continue;
        const std::string name = change.at(1);
        if (change.at(2).is_boolean())
            knobs.set(name, change.at(2).get<bool>());
        else if (change.at(2).is_string())
            knobs.set(name, change.at(2).get<std::string>());
        else
            knobs.set(name, change.at(2).get<double>());
    }
}

/// Row `step` of i32 [steps, N].
inline Tensor labelsOf(const Tensor &labels, int64_t step)
{
    const std::vector<int32_t> all = labels.toHostInt();
    const int64_t count = labels.shape()[1];
    return Tensor::fromHost(std::vector<int32_t>(all.begin() + step * count, all.begin() + (step + 1) * count), Shape{count});
}

/// What the maker asks of each view, the same of all of a sample's.
inline std::vector<int32_t> targetsOf(GoldenCase &c, int64_t step, int views)
{
    std::vector<int32_t> all;
    const std::vector<int32_t> targets = labelsOf(c.constant("targets"), step).toHostInt();
    for (int view = 0; view < views; ++view)
        all.insert(all.end(), targets.begin(), targets.end());
    return all;
}

/// [steps, VN, H, W, C] -> those of one step
inline Variable viewsOf(const Tensor &all, int64_t step)
{
    const Shape &shape = all.shape();
    return Variable(Tensor::fromHost(rowOf(all.toHost(), shape[0], step), {shape[1], shape[2], shape[3], shape[4]}));
}

/// `steps` x [2N, H, W, C] views, and small ones beside them where the file has some: gives each step's loss, the first step's gradients, and weights and buffers after the last.
inline void runImageMethod(GoldenCase &c)
{
    const Tensor views = c.constant("views");
    if (views.shape().rank() != 5)
        c.fail("\"constant.views\" is " + views.shape().str() + "; it must be [steps, 2N, H, W, C]");
    const Shape all = views.shape();
    const ImageShape image{static_cast<int>(all[2]), static_cast<int>(all[3]), static_cast<int>(all[4])};
    RunConfig config;
    config.method = c.operation();
    config.encoder = c.option<std::string>("encoder", "resnet");
    config.knobs = KnobSet(knobsOf(config.method, config.encoder, image));
    std::set<std::string> others{"encoder", "changes", "classes"};
    if (!config.knobs.find("views"))
        others.insert("views"); // of methods that always have as many
    setKnobs(c, config.knobs, others);
    config.classes = c.option<int>("classes", 0);
    Model model = makeModel(config, image);
    loadWeights(c, model);

    Batch batch{};
    batch.indices.resize(size_t(all[1]) / size_t(c.option<int>("views", 2)));
    SilentRecorder recorder;
    std::vector<float> losses;
    for (int64_t step = 0; step < all[0]; ++step) {
        std::vector<Variable> images{viewsOf(views, step)};
        if (c.has("constant.small"))
            images.push_back(viewsOf(c.constant("small"), step));
        turnKnobs(c, config.knobs, step);
        const Tensor labels = c.has("constant.labels") ? labelsOf(c.constant("labels"), step) : Tensor();
        batch.labels = labels.defined() ? labels.toHostInt() : std::vector<int32_t>();
        if (c.has("constant.targets"))
            batch.targets = targetsOf(c, step, c.option<int>("views", 2));
        for (NamedParameter &parameter : parametersOf(model))
            parameter.variable.clearGrad();
        const Variable loss =
            model.method->loss(*model.encoder, {.batch = batch, .views = images, .tokens = {}, .knobs = config.knobs, .recorder = recorder, .labels = labels});
        backward(loss);
        losses.push_back(loss.value().item());
        if (step == 0)
            for (NamedParameter &parameter : parametersOf(model))
                if (parameter.variable.grad().defined())
                    c.give("grad." + parameter.name, parameter.variable.grad().clone());
        model.optimizer->step(static_cast<float>(config.knobs.real("learning_rate")));
        finishStep(model, config, step + 1);
    }
    c.give("output.loss", Tensor::fromHost(losses, {all[0]}));
    for (const NamedTensor &weight : weightsOf(model))
        c.give("output." + weight.name, weight.tensor);
}

inline std::map<std::string, Runner> trainingRunners()
{
    return {{"optimizer", {runOptimizer}},
            {"schedule", {runSchedule}},
            {"simclr", {runImageMethod, 1e-3}},
            {"simsiam", {runImageMethod, 1e-3}},
            {"byol", {runImageMethod, 1e-3}},
            {"vicreg", {runImageMethod, 1e-3}},
            {"barlow", {runImageMethod, 1e-3}},
            {"infonce", {runImageMethod, 1e-3}},
            {"multiview", {runImageMethod, 1e-3}},
            {"margin", {runImageMethod, 1e-3}},
            {"supcon", {runImageMethod, 1e-3}},
            {"moco", {runImageMethod, 1e-3}},
            {"nnclr", {runImageMethod, 1e-3}},
            {"dino", {runImageMethod, 1e-3}},
            {"swav", {runImageMethod, 1e-3}},
            {"autoencoder", {runImageMethod, 1e-3}},
            {"denoising-autoencoder", {runImageMethod, 1e-3}},
            {"colourisation", {runImageMethod, 1e-3}},
            {"next-frame", {runImageMethod, 1e-3}},
            {"simmim", {runImageMethod, 1e-3}},
            {"supervised", {runImageMethod, 1e-3}},
            {"patch-position", {runImageMethod, 1e-3}},
            {"jigsaw", {runImageMethod, 1e-3}}};
}

} // namespace golden
