// The job's own choices as declarations: Controls makes its rows from them, and the glossary its terms.
#include "core/data/dataset.h"
#include "core/data/longtailed.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"
#include "core/ssl/method.h"
#include "widgets/help/glossary.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

template<class Type>
std::vector<std::string> allNames(const std::vector<Type> &types)
{
    std::vector<std::string> names;
    for (const Type &type : types)
        names.push_back(type.name);
    return names;
}

Knob choiceOf(const char *name, std::vector<std::string> choices, const char *help)
{
    const std::string first = choices.empty() ? std::string() : choices.front();
    return {.name = name, .kind = KnobKind::choice, .defaultValue = first, .choices = std::move(choices), .effect = KnobEffect::restart, .help = help};
}

} // namespace

std::vector<Knob> jobKnobs()
{
    return {
        choiceOf("data", allNames(datasetTypes()),
                 PRETEXT_SAID("The images or texts to learn from. Labels, where there are any, only colour the samples and score the result. Data of the other "
                              "kind come with a "
                              "method that fits them, which waits for a restart.")),
        choiceOf("method", allNames(methodTypes()),
                 PRETEXT_SAID("What the encoder is taught by: the task that needs no labels. A method for other data than these comes with data that fit it.")),
        choiceOf("encoder", allNames(encoderTypes()),
                 PRETEXT_SAID("The network that is trained; it maps an image to its embedding, or every token of a text to a vector that knows the others.")),
        wholeKnob(
            "batch", {2, 4096, true}, 256,
            PRETEXT_SAID("Samples in a step. In contrastive learning every other view of the batch is a negative, so a larger batch asks harder questions.")),
        choiceOf("device", {"auto", "cpu", "cuda"},
                 PRETEXT_SAID(
                     "What computes: the processor, or a card of NVIDIA's. On a card a step of a large model takes a fraction of the time; the numbers part "
                     "in their last digits. auto takes the card where there is one.")),
        wholeKnob("seed", {0, 999999, false}, 1,
                  PRETEXT_SAID("Decides the initial weights, the order of the samples and every augmentation: the same seed gives the same run.")),
        wholeKnob("size", {4, 1024, true}, 32,
                  PRETEXT_SAID(
                      "Side in pixels that a folder's images are resized to. Twice the side shows finer detail, and a step takes about four times as long.")),
        {.name = "colour",
         .kind = KnobKind::boolean,
         .defaultValue = true,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Whether a folder's images are read in colour; off: in grey, so that colour cannot be what views are told apart by.")},
        {.name = "imbalance",
         .symbol = "ρ",
         .kind = KnobKind::real,
         .minimum = 1,
         .maximum = kMostImbalance,
         .logarithmic = true,
         .defaultValue = 1.0,
         .effect = KnobEffect::restart,
         .help =
             PRETEXT_SAID("How many times as many samples the first class has to train on as the last, the classes between falling exponentially; 1: the data "
                          "as they are. What is rare is learned less, which Evaluation shows class by class.")}};
}

Knob jobKnob(const std::string &name)
{
    for (const Knob &knob : jobKnobs())
        if (knob.name == name)
            return knob;
    throw std::invalid_argument("[jobknobs] there is no " + name);
}

} // namespace pretext
