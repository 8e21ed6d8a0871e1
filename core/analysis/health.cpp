#include "core/analysis/health.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/analysis/spectrum.h"
#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/data/modalitytype.h"
#include "core/engine/encodercopy.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

double meanLengthOf(const Matrix &rows)
{
    double sum = 0;
    for (int64_t i = 0; i < rows.rows; ++i) {
        double squares = 0;
        for (int64_t d = 0; d < rows.columns; ++d)
            squares += double(rows.at(i, d)) * rows.at(i, d);
        sum += std::sqrt(squares);
    }
    return sum / double(rows.rows);
}

/// Through the projector in evaluation mode, [n, D] -> [n, P].
Matrix throughProjector(Module &projector, const Matrix &rows)
{
    const NoGrad noGrad;
    const Variable z = projector(Variable(Tensor::fromHost(rows.values, {rows.rows, rows.columns})));
    return {rows.rows, z.shape()[1], z.value().toHost()};
}

Health finiteHealth(const Matrix &rows, int64_t step)
{
    if (const int64_t spoilt = rowsNotFinite(rows); spoilt > 0)
        throw std::runtime_error(said("at step %1 the embeddings of %2 of %3 held-out samples are not finite numbers", {step, spoilt, rows.rows}));
    return healthOf(rows);
}

} // namespace

Health healthOf(const Matrix &rows)
{
    Health health{.samples = rows.rows, .dimension = rows.columns};
    if (rows.rows < 2 || rows.columns < 1)
        return health;
    const Matrix unit = unitLength(rows);
    health.alike = allAlike(unit);
    health.length = meanLengthOf(rows);
    health.deviations = deviations(unit);
    health.deviation = std::accumulate(health.deviations.begin(), health.deviations.end(), 0.) / std::sqrt(double(rows.columns));
    health.uniformity = uniformity(unit);
    if (rows.rows < kLeastForSpectrum)
        return health;
    health.spectrum = singularValues(unit);
    health.spectrum.resize(size_t(health.directions())); // the rest is 0, since they are centred
    health.effectiveRank = effectiveRank(health.spectrum);
    health.rankMe = rankMe(unit);
    health.alphaReq = alphaReq(health.spectrum);
    return health;
}

EncoderHealth healthOf(TrainedEncoder &trained, const Dataset &dataset, const HealthOptions &options, const ShareDone &progress)
{
    const std::shared_ptr<const Dataset> some = spreadSubset(dataset, 0, options.samples);
    const int64_t pairs = std::min(options.pairs, some->size(Split::test));
    EncoderHealth result{.step = trained.state.step};
    const Matrix h = embedSamples(trained, *some, Split::test, 0, progress);
    if (h.rows < some->size(Split::test))
        return result; // cancelled
    result.embedding = finiteHealth(h, result.step);
    Module *projector = trained.method ? projectorOf(*trained.method) : nullptr;
    if (projector) {
        projector->setTraining(false);
        result.projection = finiteHealth(throughProjector(*projector, h), result.step);
    }
    if (pairs < 1)
        return result;
    const auto [first, second] = modalityType(trained.state.prepared->modality()).analysis->twoViews(trained, *spreadSubset(*some, 0, pairs), pairs);
    result.embedding.alignment = alignment(first, second);
    if (projector)
        result.projection->alignment = alignment(throughProjector(*projector, first), throughProjector(*projector, second));
    return result;
}

EncoderHealth untrainedHealth(const CheckpointState &state, const Dataset &dataset, const HealthOptions &options, const ShareDone &progress)
{
    Model initial = makeModel(state.config, state.input());
    setTraining(initial, false);
    TrainedEncoder untrained{std::move(initial.encoder), state, std::move(initial.method)};
    untrained.state.step = 0;
    return healthOf(untrained, dataset, options, progress);
}

} // namespace pretext
