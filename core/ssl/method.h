// A self-supervised method: its knobs as data, its heads, and its loss from a batch. One file in ssl/methods and one line in
// methods.def; the window, the command line and the tests are generated from that.
#pragma once

#include "core/channels/recorder.h"
#include "core/data/loader.h"
#include "core/knobs/knob.h"
#include "core/nn/textencoder.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

class Tokenizer;
class VocabularyHead;

/// Which views a contrastive loss compares.
enum class Contrast : uint8_t {
    allViews,    // each with all others (NT-Xent)
    secondViews, // each first view with all second ones (SimCSE)
};

struct StepInput
{
    const Batch &batch;
    Variable views;       // of images: [views * N, H, W, C], normalised, on the device
    TokenInput tokens;    // of text: batch.tokens' ids, lengths and prefixes, on the device
    const KnobSet &knobs; // as of this step
    Recorder &recorder;
    uint64_t seed = 0;                   // the run's
    const TokenizedText *text = nullptr; // of text: the training split's tokens, and the tokenizer
};

class Method
{
public:
    virtual ~Method() = default;
    /// Everything trained beside the encoder, under its own names ("projector....").
    virtual Module &heads() = 0;
    /// The loss of one batch, [1]; writes its channels.
    virtual Variable loss(Encoder &encoder, const StepInput &input) = 0;
    /// Of a model that is the encoder and this head, the whole of BERT or GPT: what an export takes along; null of all others.
    virtual VocabularyHead *vocabularyHead() { return nullptr; }
    /// What the model says to a sentence of the user's, in evaluation mode, at a snapshot; empty where the method has no answer.
    virtual std::optional<ChannelValue> answer(Encoder &, const Tokenizer &, const Question &) { return {}; }
};

/// What a method is best begun with, on two cores and in minutes; the knobs not named are at their defaults.
struct Recipe
{
    std::string encoder;
    int64_t batch = 256;
    std::vector<std::pair<std::string, KnobValue>> knobs;
};

struct MethodType
{
    std::string name;  // "simclr"
    std::string title; // "SimCLR"
    std::string help;  // one line, with the paper
    int views = 2;
    std::vector<Knob> (*knobs)();
    std::unique_ptr<Method> (*make)(const KnobSet &knobs, Encoder &encoder, Random &random);
    Recipe (*recipe)(const DatasetInfo &info);
    Modality modality = Modality::image;
    MakeBatchMaker maker = makeViewMaker;   // what makes its batches from samples
    Contrast contrast = Contrast::allViews; // of a contrastive method
};

const std::vector<MethodType> &methodTypes();
/// Throws std::invalid_argument that suggests the nearest name.
const MethodType &methodType(const std::string &name);

} // namespace pretext
