// What methods share that tell which of a few answers is right for a sample. N samples, K answers.
#pragma once

#include "core/nn/heads.h"
#include "core/ssl/method.h"

#include <string>
#include <vector>

namespace pretext {

/// Of views [V N, D], view after view -> [N, V D]: all of a sample's, one beside the other.
Variable besideEachOther(const Variable &h, int64_t samples);

/// Methods whose samples' views, pieces of an image, are embedded one by one, and a head tells from all of them together how they were taken: which of K
/// answers is the target that the batch maker drew. The loss is the mean cross-entropy. It records accuracy/`name`, and the guesses at what is asked.
class CutsClassifier : public Method
{
public:
    CutsClassifier(const MethodParts &parts, int views, Guesses asked, std::string name);
    Module &heads() override { return m_heads; }
    Module *projector() override { return nullptr; } // it reads several views
    Variable loss(Encoder &encoder, const StepInput &input) override;

private:
    Heads m_heads;
    Module &m_classifier;
    const Guesses m_asked;
    const std::string m_name;
    std::vector<int32_t> m_targets; // of the batch that loss() saw last
};

/// classifier.width
Knob classifierKnob(double width);

} // namespace pretext
