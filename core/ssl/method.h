// A self-supervised method: its knobs as data, its heads, and its loss from a batch. One file in ssl/methods and one line in
// methods.def; the window, the command line and the tests are generated from that.
#pragma once

#include "core/channels/recorder.h"
#include "core/data/loader.h"
#include "core/data/viewkind.h"
#include "core/knobs/knob.h"
#include "core/nn/textencoder.h"
#include "core/ssl/family.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

class Prepared;
class TokenizedText;
class VocabularyHead;

struct StepInput
{
    const Batch &batch;
    std::vector<Variable> views; // of images: for each kind of view [count * N, H, W, C], normalised, on the device
    TokenInput tokens;           // of text: batch.tokens' ids, lengths and prefixes, on the device
    const KnobSet &knobs;        // as of this step
    Recorder &recorder;
    uint64_t seed = 0;                   // the run's
    const TokenizedText *text = nullptr; // of text: the training split's tokens, and the tokenizer
    Tensor labels = {};                  // i32 [N] class of each sample; undefined where the method does not declare that it learns from them
    Tensor targets = {};                 // i32 [views * N], batch.targets on the device; undefined where the maker gives none
    double progress = 0;                 // steps taken as a share of those planned; 0 where no end is planned
};

/// What a step leaves a method to do when the weights have moved.
struct StepDone
{
    const KnobSet &knobs;
    double progress = 0; // as in StepInput, the step just taken included
};

/// What a method is built from. The references outlive the method's making only.
struct MethodParts
{
    const KnobSet &knobs;
    Encoder &encoder;
    InputShape input;
    std::function<std::unique_ptr<Encoder>()> another; // one more encoder of the run's kind, of other random weights: a teacher, a second tower
    Random &random;
    int classes = 0; // that the labels name, of a method that learns from them
};

/// How a batch's targets are predicted: sums over all of them, without a gradient.
struct TargetScore
{
    int64_t targets = 0, right = 0;
    double loss = 0; // in nats
};

class Method
{
public:
    virtual ~Method() = default;
    /// Everything trained beside the encoder, under its own names ("projector....", a second tower's "tower....").
    virtual Module &heads() = 0;
    /// What is saved in checkpoints and never trained, under its own names: a teacher ("teacher...."), a queue, a centre; null of most.
    virtual Module *followers() { return nullptr; }
    /// Lets the followers begin where encoder and heads are, as a teacher's weights do. Called when these have got their initial weights.
    virtual void startFollowers(Encoder &) {}
    /// Tells the method what it trains on. Called when its weights are there: before a run's first step, and again where a run goes on.
    virtual void startOn(const Dataset &) {}
    /// The loss of one batch, [1]; writes its channels. It is also called without a step, to look at a batch or to measure one.
    virtual Variable loss(Encoder &encoder, const StepInput &input) = 0;
    /// Called after the optimizer's step, without a tape: a teacher follows, a queue is filled with what loss() kept of the batch.
    virtual void afterStep(Encoder &, const StepDone &) {}
    /// How the model predicts the targets of a batch of its own rows, in whichever mode it is; empty where the method predicts no tokens.
    virtual std::optional<TargetScore> score(Encoder &, const StepInput &) { return {}; }
    /// What an export may take along behind the encoder, under the names that heads() has; null where a method has none.
    virtual Module *projector() { return &heads(); }
    /// Of a model that is the encoder and this head, the whole of BERT or GPT: what an export takes along; null of all others.
    virtual VocabularyHead *vocabularyHead() { return nullptr; }
    /// What the model says to a sentence of the user's, in evaluation mode, at a snapshot; empty where the method has no answer.
    virtual std::optional<ChannelValue> answer(Encoder &, const Prepared &, const Question &) { return {}; }
};

/// What a method is best begun with, on two cores and in minutes; the knobs not named are at their defaults.
struct Recipe
{
    std::string encoder;
    int64_t batch = 256;
    std::vector<std::pair<std::string, KnobValue>> knobs;
};

/// MethodType::kinds of a method that trains on whatever has views (ModalityType::views).
inline const std::vector<Modality> kAnyWithViews = {};

struct MethodType
{
    std::string name;  // "simclr"
    std::string title; // "SimCLR"
    std::string help;  // one line, with the paper
    Family family = Family::pretext;
    DeclareViews views = twoViews;                       // of each sample
    std::vector<Knob> (*knobs)(const InputShape &input); // an input without extents is not known yet
    std::unique_ptr<Method> (*make)(const MethodParts &parts);
    Recipe (*recipe)(const DatasetInfo &info);
    std::vector<Modality> kinds = {Modality::image}; // of data; ask trainsOn()
    MakeBatchMaker maker = nullptr;                  // what makes its batches from samples; null: what makes views of the kind of data
    bool labels = false;                             // whether it learns from the samples' classes
    bool colour = false;                             // whether it needs images with colour
    bool frames = false;                             // whether it needs clips
    std::string panel = "viewpairs";                 // in which it is best watched
    bool patches = false;                            // whether it leaves out patches, which few encoders know (EncoderType::patches)
    double fall = 0.05;                              // by which the loss falls at least in a minute's training of something small: what a test asks
};

/// Whether the method trains on samples of the kind.
bool trainsOn(const MethodType &method, Modality kind);
/// All that it trains on, in the order of the kinds; one at least.
std::vector<Modality> kindsOf(const MethodType &method);
/// "images", or "images, sounds": as a sentence says it.
std::string kindsSaid(const MethodType &method);
/// What makes its batches from samples of the kind.
MakeBatchMaker makerOf(const MethodType &method, Modality kind);

/// Throws std::invalid_argument naming both where the method learns from labels, colour or clips that the data do not have.
void requireLearnable(const MethodType &method, const DatasetInfo &data);
/// Whether the method can train the encoder, where its views are as large as by default.
bool suits(const MethodType &method, const EncoderType &encoder);

const std::vector<MethodType> &methodTypes();
/// Throws std::invalid_argument that suggests the nearest name.
const MethodType &methodType(const std::string &name);
/// One more row for as long as the program runs: a test's method, say. To be called before anything asks for a row.
void addMethod(MethodType type);

} // namespace pretext
