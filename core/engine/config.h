// Everything needed to start a run again: RUN/config.json, and the part of a session file that describes the job.
#pragma once

#include "core/data/dataset.h"
#include "core/knobs/knob.h"
#include "core/nn/schedule.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pretext {

/// The run, and its step, whose state another began with.
struct Parent
{
    std::filesystem::path run;
    int64_t step = 0;
    bool operator==(const Parent &) const = default;
};

struct RunConfig
{
    std::string method = "simclr";
    std::string dataset = "fashion-mnist"; // a name or a path
    DatasetOptions datasetOptions;
    std::string encoder = "resnet";
    int64_t batch = 256; // samples; of text: rows
    uint64_t seed = 1;
    int64_t steps = 0;  // 0: until stopped (the window), or from `minutes`
    double minutes = 0; // fixed into `steps` after the first steps were timed, and again where the machine's load changes
    SchedulePlan plan;  // of the learning rate, where the planned end was moved on the way; else empty
    int threads = 0;    // 0: all cores
    std::string device = "auto";
    std::string precision = "auto"; // of layers, "f32" or "bf16"; a run that begins with "auto" settles on one of them
    std::string init;               // a run or a safetensors file whose weights it starts from, or empty
    std::optional<Parent> parent;   // of a run that was forked
    int64_t evaluateEvery = 0;      // steps between two looks at the encoder (see observer.h), more of them where a look takes long; 0: none
    ImageShape image;               // of the images the knobs were declared for; empty for text
    int classes = 0;                // that the labels of the data name, where the method learns from them
    KnobSet knobs;                  // declared by method, encoder, optimizer, and augmentations or tokenizer together
};

/// Throw std::invalid_argument naming the field and the value: out of range; a batch larger than the data; images of another shape; a method
/// on the wrong kind of data.
void checkConfig(const RunConfig &config);
void checkConfig(const RunConfig &config, const Dataset &dataset);

/// Of a run that is to be new: throws std::invalid_argument where it asks for views that are larger than the images. Runs that were begun so go on.
void requireViewsWithinImages(const RunConfig &config);

/// The kind of data that the run trains on: its encoder's.
Modality modalityOf(const RunConfig &config);
/// The declarations that apply to this method, encoder and data set, in the order a user meets them. `shape` is that of images.
std::vector<Knob> knobsOf(const std::string &method, const std::string &encoder, ImageShape shape);
/// Throws std::invalid_argument where the run has no such knob and another method, encoder or kind of data has, which it names.
void requireOwnKnob(const RunConfig &config, const std::string &knob);
/// A config whose knobs are declared and at their defaults.
RunConfig makeConfig(const std::string &method, const std::string &encoder, const std::string &dataset, const DatasetInfo &info);
/// The same run on another method, encoder or data set: knobs that both declare keep their values.
RunConfig reconfigured(const RunConfig &config, const std::string &method, const std::string &encoder, const std::string &dataset, const DatasetInfo &info);
/// A method's recipe for the data, empty: SimCLR for images, a masked language model for text. With another encoder than the recipe's, what
/// was chosen for that one (its knobs and the learning rate) is left at the defaults.
RunConfig recommendedConfig(const Dataset &dataset, const std::string &method = {}, const std::string &encoder = {});
/// The recommendation for another method, encoder (empty: the recipe's) or data, with what the user changed of `config`, which is for `before`.
/// On another kind of data only seed, length and the machine's settings stay.
RunConfig adapted(const RunConfig &config, const Dataset &before, const std::string &method, const std::string &encoder, const Dataset &dataset);
/// The default session: what `./run` opens, and what the README's figures were measured with.
inline RunConfig defaultConfig(const Dataset &dataset)
{
    return recommendedConfig(dataset);
}

nlohmann::json toJson(const RunConfig &config);
/// Throws std::invalid_argument where it is no number, text or truth; whether the knob may have it is for KnobSet to say.
KnobValue knobValueOf(const nlohmann::json &value, const std::string &knob);
/// Throws std::invalid_argument naming the field and the value.
/// Knobs that contradict each other are refused; of a run, a checkpoint or a session, which may be older than the rules between knobs, they are
/// settled as it was silently done then.
enum class Contradictions { refuse, settle };
RunConfig configFromJson(const nlohmann::json &json, Contradictions contradictions = Contradictions::refuse);
RunConfig loadConfig(const std::filesystem::path &path, Contradictions contradictions = Contradictions::refuse); // also names the file

} // namespace pretext
