// A data set small enough to train on within a test: two classes of 8 x 8 images, a bright left or a bright top half, with noise.
#pragma once

#include "core/data/dataset.h"
#include "core/data/preparedimages.h"
#include "core/engine/job.h"
#include "core/tensor/random.h"

#include <chrono>
#include <thread>

namespace pretext {

class ToyData : public Dataset
{
public:
    static constexpr int kSide = 8, kTrain = 64, kTest = 16;

    explicit ToyData(int64_t throwsAt = -1, std::chrono::milliseconds delay = {}, bool labelled = true) : m_throwsAt(throwsAt), m_delay(delay)
    {
        m_info.name = "toy";
        m_info.image = {kSide, kSide, 1};
        if (labelled)
            m_info.columns = {{"label", {"left", "top"}}};
        m_info.mean = {0.5f};
        m_info.deviation = {0.25f};
    }

    const DatasetInfo &info() const override { return m_info; }
    std::string fingerprint() const override { return "toy"; } // no sample is asked for before the batch that holds it
    int64_t size(Split split) const override { return split == Split::train ? kTrain : kTest; }
    float label(Split, int64_t index, int) const override { return float(index % 2); }

    Image image(Split split, int64_t index) const override
    {
        if (index == m_throwsAt)
            throw std::runtime_error("sample " + std::to_string(index) + ": cannot be decoded");
        std::this_thread::sleep_for(m_delay);
        Random random(7, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
        Image image{kSide, kSide, 1, std::vector<uint8_t>(kSide * kSide)};
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                image.pixels[y * kSide + x] = static_cast<uint8_t>(((index % 2 ? y : x) < kSide / 2 ? 160 : 40) + random.below(60));
        return image;
    }

protected:
    DatasetInfo m_info;

private:
    int64_t m_throwsAt;
    std::chrono::milliseconds m_delay;
};

/// The same in colour: a bright left half is red, a bright top half green.
class ToyColour : public ToyData
{
public:
    ToyColour()
    {
        m_info.image.channels = 3;
        m_info.mean = {0.3f, 0.3f, 0.2f};
        m_info.deviation = {0.25f, 0.25f, 0.25f};
    }

    Image image(Split split, int64_t index) const override
    {
        const Image grey = ToyData::image(split, index);
        Image image{kSide, kSide, 3, std::vector<uint8_t>(grey.pixels.size() * 3)};
        for (size_t i = 0; i < grey.pixels.size(); ++i)
            for (size_t c = 0; c < 3; ++c)
                image.pixels[i * 3 + c] = c == size_t(index % 2) ? grey.pixels[i] : grey.pixels[i] / 2;
        return image;
    }
};

/// Clips of three moments: a bright column goes to the right, or a bright row down, and comes in again at the other side.
class ToyClips : public ToyData
{
public:
    ToyClips()
    {
        m_info.image.channels = 3;
        m_info.frames = true;
        m_info.mean = {0.3f, 0.3f, 0.3f};
        m_info.deviation = {0.25f, 0.25f, 0.25f};
    }

    Image image(Split split, int64_t index) const override { return moments(split, index, 0); }
    Image next(Split split, int64_t index) const override { return moments(split, index, 1); }

private:
    static Image moments(Split split, int64_t index, int first)
    {
        Random random(13, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
        const int begin = int(random.below(kSide));
        Image image{kSide, kSide, 3, std::vector<uint8_t>(kSide * kSide * 3)};
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                for (int moment = 0; moment < 3; ++moment)
                    image.pixels[size_t((y * kSide + x) * 3 + moment)] = (index % 2 ? y : x) == (begin + first + moment) % kSide ? 230 : 40;
        return image;
    }
};

/// What the method can be trained on.
inline std::shared_ptr<const Dataset> toyImagesFor(const std::string &method)
{
    if (methodType(method).frames)
        return std::make_shared<ToyClips>();
    if (methodType(method).colour)
        return std::make_shared<ToyColour>();
    return std::make_shared<ToyData>();
}

/// A method that cannot train the encoder gets the first that it can.
inline RunConfig toyConfig(int64_t steps, const std::string &method = "simclr", const std::string &encoder = "mlp")
{
    const bool text = trainsOn(methodType(method), Modality::text);
    DatasetInfo info = toyImagesFor(method)->info();
    if (text) {
        info.modality = Modality::text;
        info.image = {};
    }
    std::string suiting = encoder;
    for (const EncoderType &type : encoderTypes())
        if (!text && !suits(methodType(method), encoderType(suiting)))
            suiting = type.name;
    RunConfig config = makeConfig(method, suiting, "toy", info);
    config.batch = 16;
    config.steps = steps;
    config.threads = 1;
    config.knobs.set("encoder.width", 16.0);
    if (text)
        for (const auto &[name, value] : {std::pair("encoder.layers", 1.0), std::pair("encoder.heads", 2.0), std::pair("encoder.context", 16.0)})
            config.knobs.set(name, value);
    if (config.knobs.find("queue.size"))
        config.knobs.set("queue.size", 64.0);
    if (config.knobs.find("projector.width"))
        config.knobs.set("projector.width", 16.0);
    return config;
}

inline TrainerOptions toyOptions(int64_t steps, const std::filesystem::path &out = {})
{
    TrainerOptions options;
    options.config = toyConfig(steps);
    options.dataset = std::make_shared<ToyData>();
    options.out = out;
    options.loaderAhead = 0;
    options.checkpointSeconds = 0;
    return options;
}

/// Trains to the end on this thread; the lanes then hold everything that was said.
inline Status trainToy(const TrainerOptions &options, Lanes &lanes)
{
    runTrainer(options, lanes, {}, false);
    return lanes.status.latest();
}

} // namespace pretext
