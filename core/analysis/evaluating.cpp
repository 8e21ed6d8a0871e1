#include "core/analysis/evaluating.h"

#include "core/data/tokens/tokenizedtext.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

RunConfig configToEvaluate(RunConfig config)
{
    for (const auto &[knob, value] : std::vector<std::pair<std::string, KnobValue>>{
             {"pack", false}, {"mask.ratio", 0.15}, {"mask.hidden", 1.0}, {"mask.replaced", 0.0}, {"encoder.dropout", 0.0}})
        if (config.knobs.find(knob))
            config.knobs.set(knob, value);
    config.knobs.set("encoder.context", std::min<double>(config.knobs.integer("encoder.context"), kPredictedContext));
    return config;
}

void beginEvaluating(TrainedEncoder &trained)
{
    trained.encoder->setTraining(false);
    trained.method->heads().setTraining(false);
}

TargetScore scoreOf(const TrainedEncoder &trained, const Batch &batch, const RunConfig &config, const TokenizedText &text)
{
    SilentRecorder nobody;
    const auto score = trained.method->score(*trained.encoder, stepInput(batch, config, 0, &text, nobody));
    if (!score)
        throw std::invalid_argument("[evaluate] " + config.method + " predicts no tokens");
    return *score;
}

} // namespace pretext
