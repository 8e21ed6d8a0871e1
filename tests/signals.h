// A kind of data that the product does not have, in one file: waves of 32 values, told apart by how often they swing. It stands for whoever adds
// one: a row of the table, and an encoder that reads it; every method that compares views trains on it.
#pragma once

#include "core/analysis/baselines.h"
#include "core/analysis/features.h"
#include "core/analysis/modalityanalysis.h"
#include "core/data/batchmaker.h"
#include "core/data/fingerprint.h"
#include "core/data/modalitytype.h"
#include "core/engine/checkpointfields.h"
#include "core/engine/config.h"
#include "core/engine/modalitytraining.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/noiseprobe.h"
#include "core/nn/encoder.h"
#include "core/ssl/upload.h"
#include "core/tensor/random.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <numbers>

namespace pretext::signal {

constexpr int kLength = 32;

/// Its number in the table, once it was added.
inline Modality modality = Modality::image;

/// A wave of two or five periods at any phase, as eight-bit values in a row.
inline Image wave(int periods, float phase)
{
    Image image{1, kLength, 1, std::vector<uint8_t>(kLength)};
    for (int i = 0; i < kLength; ++i)
        image.pixels[i] = uint8_t(std::lround(128 + 100 * std::sin(2 * std::numbers::pi_v<float> * (float(periods * i) / kLength + phase))));
    return image;
}

class Waves : public Dataset
{
public:
    Waves()
    {
        m_info.name = "waves";
        m_info.modality = modality;
        m_info.image = {1, kLength, 1};
        m_info.columns = {{"periods", {"two", "five"}}};
        m_info.knobs = {{"encoder.width", 32.0}, {"projector.width", 32.0}, {"learning_rate", 3e-3}};
        m_info.batch = 32;
    }
    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? 64 : 32; }
    float label(Split, int64_t index, int) const override { return float(index % 2); }
    std::string caption(Split split, int64_t index) const override { return label(split, index, 0) > 0 ? "five periods" : "two periods"; }
    Image image(Split split, int64_t index) const override
    {
        Random random(5, split == Split::train ? 0 : 1, uint32_t(index));
        return wave(index % 2 ? 5 : 2, random.uniform());
    }

private:
    DatasetInfo m_info;
};

/// What signals are treated with: their mean over the training split is taken away, and they are divided by the largest distance from it.
class Level : public Prepared
{
public:
    Level(float mean, float largest) : mean(mean), largest(largest) {}
    InputShape input() const override { return {{1, kLength, 1}, signal::modality}; }
    std::vector<float> of(const Image &image) const
    {
        std::vector<float> values;
        for (const uint8_t value : image.pixels)
            values.push_back((float(value) - mean) / largest);
        return values;
    }
    const float mean, largest;
};

inline const Level &levelOf(const Prepared &prepared)
{
    return dynamic_cast<const Level &>(prepared);
}

inline std::shared_ptr<const Prepared> measure(const Preparing &asked)
{
    if (asked.before)
        return asked.before;
    double sum = 0, largest = 0;
    const int64_t size = asked.dataset.size(Split::train);
    for (int64_t i = 0; i < size; ++i)
        for (const uint8_t value : asked.dataset.image(Split::train, i).pixels)
            sum += value;
    const double mean = sum / double(size * kLength);
    for (int64_t i = 0; i < size; ++i)
        for (const uint8_t value : asked.dataset.image(Split::train, i).pixels)
            largest = std::max(largest, std::abs(value - mean));
    return std::make_shared<const Level>(float(mean), float(largest));
}

/// The whole training split as values, once: what the maker draws its views from.
class LevelledSplit : public PreparedSplit
{
public:
    std::vector<std::vector<float>> samples;
};

inline std::shared_ptr<const PreparedSplit> level(const Dataset &dataset, Split split, const Prepared &prepared, const TellPreparing &tell)
{
    auto levelled = std::make_shared<LevelledSplit>();
    for (int64_t i = 0; i < dataset.size(split) && tell("levelling", double(i) / double(dataset.size(split))); ++i)
        levelled->samples.push_back(levelOf(prepared).of(dataset.image(split, i)));
    return levelled;
}

/// Views: shifted along the wave, with noise.
class ShiftedViews : public BatchMaker
{
public:
    ShiftedViews(const SampleSource &source, const KnobSet &knobs)
        : m_split(std::dynamic_pointer_cast<const LevelledSplit>(source.split))
        , m_noise(float(knobs.real("signal.noise")))
    {
    }
    void begin(Batch &batch) const override
    {
        batch.shape = {1, kLength, 1};
        batch.pixels.resize(batch.indices.size() * batch.views * kLength);
    }
    void make(Batch &batch, uint64_t seed, int64_t place) const override
    {
        const int64_t n = int64_t(batch.indices.size()), index = batch.indices[place];
        for (int view = 0; view < batch.views; ++view) {
            Random random(seed, batch.epoch, uint32_t(index), uint32_t(view));
            const uint32_t shift = random.below(kLength);
            for (int i = 0; i < kLength; ++i)
                batch.pixels[(view * n + place) * kLength + i] = m_split->samples[index][(i + shift) % kLength] + m_noise * random.normal();
        }
    }

private:
    std::shared_ptr<const LevelledSplit> m_split;
    float m_noise;
};

/// As a curve between -1.5 and 1.5.
inline Drawing curve(const float *values)
{
    Drawing drawing{{{}}};
    for (int i = 0; i < kLength; ++i)
        drawing.lines[0].push_back({float(i) / (kLength - 1), 0.5f + values[i] / 3});
    return drawing;
}

inline Drawings curves(const Batch &batch)
{
    Drawings drawings;
    for (size_t view = 0; view < batch.pixels.size(); view += kLength)
        drawings.push_back(curve(&batch.pixels[view]));
    return drawings;
}

inline void offerViews(const Batch &batch, const std::shared_ptr<const Prepared> &, Recorder &recorder)
{
    recorder.heavy("views/drawings", [&batch] { return curves(batch); });
}

inline void save(const Prepared &prepared, nlohmann::json &state, std::map<std::string, std::string> &)
{
    state["level"] = {levelOf(prepared).mean, levelOf(prepared).largest};
}

inline std::shared_ptr<const Prepared> load(const nlohmann::json &state, const std::map<std::string, std::string> &, const RunConfig &)
{
    const nlohmann::json &level = fieldOf(state, "level");
    return std::make_shared<const Level>(level.at(0).get<float>(), level.at(1).get<float>());
}

inline Matrix embedWaves(Module &encoder, const Prepared &prepared, const Dataset &dataset, Split split, int64_t limit, const ShareDone &)
{
    const int64_t count = limit > 0 ? std::min(limit, dataset.size(split)) : dataset.size(split);
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i)
        for (const float value : levelOf(prepared).of(dataset.image(split, i)))
            values.push_back(value);
    return embedPixels(encoder, {{0}, {1}, {1, kLength, 1}}, values);
}

inline std::pair<Matrix, Matrix> twoShifts(TrainedEncoder &trained, const Dataset &dataset, int64_t count)
{
    const Matrix first = embedWaves(*trained.encoder, *trained.state.prepared, dataset, Split::test, count, {});
    return {first, first};
}

/// The mean of each wave, which tells nothing of how often it swings.
inline Features means(const TrainedEncoder &trained, const Dataset &dataset, const ShareDone &)
{
    Features features{"mean", {}, {}};
    for (auto &[rows, split] : {std::pair(&features.train, Split::train), std::pair(&features.test, Split::test)}) {
        *rows = {dataset.size(split), 1, {}};
        for (int64_t i = 0; i < rows->rows; ++i) {
            float sum = 0;
            for (const float value : levelOf(*trained.state.prepared).of(dataset.image(split, i)))
                sum += value;
            rows->values.push_back(sum / kLength);
        }
    }
    return features;
}

inline ModalityType row()
{
    static const ModalityTraining training{.prepare = measure,
                                           .split = level,
                                           .upload = [](StepInput &input, int64_t, const PreparedSplit *) { uploadViews(input); },
                                           .offer = offerViews,
                                           .save = save,
                                           .load = load};
    static const ModalityAnalysis analysis{.embed = embedWaves, .twoViews = twoShifts, .baselines = {{"untrained", untrainedFeatures}, {"mean", means}}};
    static const ModalityExport exchange{.preprocessing = [](const CheckpointState &state) -> nlohmann::json {
                                             return {{"mean", levelOf(*state.prepared).mean}};
                                         },
                                         .input = [](const std::map<std::string, std::string> &, const CheckpointState &state) { return state.input(); },
                                         .probe =
                                             [](Encoder &encoder, Module *projector, const CheckpointState &) {
                                                 return embedNoise(encoder, projector, {{0}, {1}, {1, kLength, 1}});
                                             },
                                         .probed = "the encoder built again from the file alone, on %1 waves of noise",
                                         .projector = true,
                                         .said = [](const DatasetInfo &) { return std::string("Input is a wave."); }};
    return {
        .name = "signal",
        .many = "signals",
        .method = "simclr",
        .shaped = true,
        .wordsAre = "wave",
        .sentences = false,
        .knobs = [](ImageShape) -> std::vector<Knob> {
            return {{.name = "signal.noise",
                     .kind = KnobKind::real,
                     .minimum = 0,
                     .maximum = 1,
                     .defaultValue = 0.05,
                     .effect = KnobEffect::nextBatch,
                     .help = "Noise."}};
        },
        .input = [](ImageShape shape) { return InputShape(shape, modality); },
        .fitting = [](const Prepared &) { return DatasetOptions{}; },
        .mark = markImages,
        .views = [](const SampleSource &source, const KnobSet &knobs) -> std::unique_ptr<BatchMaker> { return std::make_unique<ShiftedViews>(source, knobs); },
        .words = [](const Dataset &dataset, Split split, int64_t index) { return dataset.caption(split, index); },
        .training = &training,
        .analysis = &analysis,
        .exchange = &exchange};
}

/// The kind of data, and fully connected layers that read it.
inline void add()
{
    modality = addModality(row());
    EncoderType encoder = encoderType("mlp");
    encoder.name = "wavemlp";
    encoder.modality = modality;
    addEncoder(encoder);
}

} // namespace pretext::signal
