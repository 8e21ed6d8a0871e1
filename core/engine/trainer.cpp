// The training loop.
#include "core/engine/trainer.h"

#include "core/backend/backend.h"
#include "core/engine/lengthening.h"
#include "core/files/said.h"
#include "core/ssl/patchattention.h"
#include "core/tensor/arithmetic.h"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pretext {

namespace {

constexpr double kLossMemory = 0.98; // of the smoothed loss, by which the best checkpoint is found

std::string textOf(double notFinite)
{
    return std::isnan(notFinite) ? "NaN" : notFinite > 0 ? pretext::said("infinite") : pretext::said("minus infinite");
}

} // namespace

void Trainer::run()
{
    const ListenToOperations listening(m_profiler.get());
    const DeviceScope device(deviceNamed(m_config.device));
    m_status.device = m_config.device = nameOf(DeviceScope::current());
    if (DeviceScope::current() != Device::cpu) {
        const DeviceInfo card = backend(DeviceScope::current()).information();
        m_status.deviceName = card.name;
        m_status.deviceBytes = card.bytes;
    }
    if (!prepare())
        return rest(TrainerState::ended); // asked to stop before the first step
    while (takeCommands() && step()) {
        record();
        planAgain();
        if (m_turn)
            m_turn->pass();
    }
    saveCheckpoint();
    finishProfile();
    rest(TrainerState::ended);
}

bool Trainer::step()
{
    m_clock.begin();
    std::unique_ptr<Batch> batch = m_loader->next(m_step, m_stop);
    if (!batch)
        return false; // asked to stop while it waited
    takeBatch(std::move(batch));
    m_clock.mark(&Timings::data);

    clearGradients();
    const Variable loss = this->loss();
    m_record.beginReading();
    m_clock.mark(&Timings::forward);

    backward(loss);
    Readback read = readGradients(loss.value());
    uploadNext();
    const auto [value, norm] = lossAndNorm(read.take()); // where a device goes on by itself, here the step waits for it, once
    m_record.finishReading();
    offerGradients();
    m_clock.mark(&Timings::backward);

    requireFinite(value, norm);
    const float rate = learningRateAt(m_config, m_step);
    m_model.optimizer->step(rate);
    finishStep(m_model, m_config, m_step + 1);
    m_clock.mark(&Timings::optimizer);

    ++m_step;
    m_smoothedLoss = std::isfinite(m_smoothedLoss) ? kLossMemory * m_smoothedLoss + (1 - kLossMemory) * value : value;
    m_record.scalar("loss/total", value);
    m_record.scalar("gradient/norm", norm);
    m_record.scalar("learning_rate", rate);
    return true;
}

void Trainer::takeBatch(std::unique_ptr<Batch> batch)
{
    m_record.clear(); // it refers to the batch before
    if (m_batch)
        m_loader->recycle(std::move(m_batch));
    m_batch = std::move(batch);
    m_batchIsSeen = false;
    if (m_profiler)
        m_profiler->batchMade(m_batch->begun, m_batch->made);
    acknowledge(m_batch->knobVersion);
    m_record.begin(*m_batch, m_prepared);
    offerEncoder();
    offerAnswers();
}

/// What the last step trained on, or the first will, through the weights as they are, for whoever looks at a run that rests and has taken no step here.
/// Nothing of the run changes: the batch is made beside the loader, and statistics that a forward pass moves are put back.
void Trainer::seeBatch()
{
    std::unique_ptr<Batch> batch = Loader(m_dataset, m_asked, loaderOptions(0)).next(std::max<int64_t>(0, m_step - 1), m_stop);
    if (!batch)
        return;
    m_batch = std::move(batch);
    m_batchIsSeen = true;
    m_record.begin(*m_batch, m_prepared);
    std::vector<std::pair<Tensor, Tensor>> statistics;
    for (const NamedTensor &buffer : buffersOf(m_model))
        statistics.emplace_back(buffer.tensor, buffer.tensor.clone());
    {
        const NoGrad noGrad;
        loss();
        m_record.beginReading();
        m_record.finishReading();
    }
    for (auto &[buffer, before] : statistics)
        buffer.copyFrom(before);
    offerEncoder();
    offerAnswers();
}

/// Through the weights as they are, not as they were in the step: of two that come together at rest, one may have taken no step here, and both show the same.
void Trainer::seeBatchAgain()
{
    if (!m_batch || m_batchIsSeen)
        return;
    m_record.clear();
    m_loader->recycle(std::move(m_batch));
    publishSnapshot();
}

LoaderOptions Trainer::loaderOptions(int ahead) const
{
    const MethodType &type = methodType(m_config.method);
    return {static_cast<int>(m_config.batch), type.views, m_config.seed, ahead, makerOf(type, modalityOf(m_config)), m_split};
}

Variable Trainer::loss()
{
    const Autocast autocast(precisionNamed(m_config.precision));
    if (m_config.knobs.find("encoder.dropout"))
        m_model.encoder->setDropout({float(m_config.knobs.real("encoder.dropout")), {m_config.seed, uint32_t(m_step), 0}});
    offerPatchAttention(*m_model.encoder, *m_batch, m_record);
    std::optional<StepInput> uploaded = std::exchange(m_next, std::nullopt);
    if (!uploaded || &uploaded->batch != m_batch.get() || m_nextMade != m_batch->made)
        return m_model.method->loss(*m_model.encoder, stepInput(*m_batch, m_config, m_step, m_split.get(), m_record));
    uploaded->progress = progressOf(m_config, m_step); // the end may have moved
    return m_model.method->loss(*m_model.encoder, *uploaded);
}

/// The next batch, where it is made by now, goes to the device while that is at this step's. A command may change what is made of it, and drops it.
void Trainer::uploadNext()
{
    if (!backend(DeviceScope::current()).upload)
        return;
    const Batch *batch = m_loader->peek(m_step + 1);
    if (!batch)
        return;
    m_next.emplace(stepInput(*batch, m_config, m_step + 1, m_split.get(), m_record));
    m_nextMade = batch->made;
}

void Trainer::clearGradients()
{
    for (NamedParameter &parameter : parametersOf(m_model))
        parameter.variable.clearGrad();
}

/// The loss, and the sum of squares of each gradient.
Readback Trainer::readGradients(const Tensor &loss) const
{
    std::vector<Tensor> gradients;
    for (const NamedParameter &parameter : parametersOf(m_model))
        if (parameter.variable.grad().defined())
            gradients.push_back(parameter.variable.grad());
    std::vector<Tensor> read{loss};
    if (!gradients.empty())
        read.push_back(sumSquares(gradients));
    return Readback(read);
}

/// And the gradient's norm, of what readGradients() read.
std::pair<double, double> Trainer::lossAndNorm(std::vector<std::vector<float>> read)
{
    m_gradientSquares.clear();
    if (read.size() > 1)
        m_gradientSquares = std::move(read[1]);
    return {read[0][0], std::sqrt(std::accumulate(m_gradientSquares.begin(), m_gradientSquares.end(), 0.))};
}

void Trainer::requireFinite(double loss, double gradientNorm)
{
    if (std::isfinite(loss) && std::isfinite(gradientNorm))
        return;
    const std::string what = std::isfinite(loss) ? pretext::said("gradient norm is %1", {textOf(gradientNorm)}) : pretext::said("loss is %1", {textOf(loss)});
    const std::string where = findNonFinite(), &good = m_status.lastCheckpoint;
    m_status.fault = {m_step + 1, what, where};
    keepFault();
    if (m_step == 0 && !m_config.init.empty())
        throw std::runtime_error(pretext::said("%1: %2; the step was not applied; the weights given by init, %3, are too large: start from other weights",
                                               {what, where, m_config.init}));
    if (good.empty())
        throw std::runtime_error(
            pretext::said("%1: %2; the step was not applied; no checkpoint was written; start again with a lower learning rate", {what, where}));
    throw std::runtime_error(pretext::said("%1: %2; the step was not applied; the last good checkpoint is %3", {what, where, good}));
}

std::string Trainer::findNonFinite()
{
    for (const std::vector<NamedParameter> &weights : {parametersOf(m_model), followersOf(m_model)})
        for (const NamedParameter &weight : weights)
            for (const float value : weight.variable.value().toHost())
                if (!std::isfinite(value))
                    return pretext::said("the weight %1 holds %2", {weight.name, textOf(value)});
    try {
        const NonFiniteGuard guard;
        clearGradients();
        m_record.begin(*m_batch, m_prepared);
        backward(loss());
    } catch (const NonFiniteError &error) {
        return error.scope.empty() ? pretext::said("in the loss, %1", {error.what()}) : error.what();
    }
    return pretext::said("its parts are finite, their sum is too large");
}

} // namespace pretext
