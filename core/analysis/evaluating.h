// What evaluations that run a method's own loss on held-out rows share.
#pragma once

#include "core/engine/model.h"

#include <map>
#include <string>

namespace pretext {

/// Keeps the scalars.
class KeptScalars : public Recorder
{
public:
    void scalar(const std::string &channel, double value) override { values[channel] = value; }
    void heavy(const std::string &, std::function<ChannelValue()>) override {}
    /// The one that begins so: "accuracy/masked" of "accuracy/".
    double beginning(const std::string &prefix) const
    {
        const auto found = values.lower_bound(prefix);
        return found != values.end() && found->first.starts_with(prefix) ? found->second : 0;
    }
    std::map<std::string, double> values;
};

constexpr int kPredictedContext = 512; // tokens of a row, at most
/// One sample a row, of at most kPredictedContext tokens, all that is to be predicted hidden, and no dropout.
RunConfig configToEvaluate(RunConfig config);
/// Encoder and heads in evaluation mode.
void beginEvaluating(TrainedEncoder &trained);

} // namespace pretext
