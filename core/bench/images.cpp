#include "core/bench/images.h"

#include "core/data/sources/memory.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>

namespace pretext::bench {

namespace {

constexpr int kBlobSide = 28;

void drawBlob(uint8_t *pixels, Random &random)
{
    const float x0 = random.uniform(8, 20), y0 = random.uniform(8, 20), size = random.uniform(20, 80), bright = random.uniform(120, 250);
    for (int y = 0; y < kBlobSide; ++y)
        for (int x = 0; x < kBlobSide; ++x) {
            const float distance = (float(x) - x0) * (float(x) - x0) + (float(y) - y0) * (float(y) - y0);
            pixels[y * kBlobSide + x] = uint8_t(bright * std::exp(-distance / size));
        }
}

Samples someBlobs(int count, uint32_t stream)
{
    Samples samples{count, std::vector<uint8_t>(size_t(count) * kBlobSide * kBlobSide), {}};
    Random random(1, stream);
    constexpr int kDifferent = 512; // drawn; the others repeat them
    for (int i = 0; i < std::min(count, kDifferent); ++i)
        drawBlob(samples.pixels.data() + size_t(i) * kBlobSide * kBlobSide, random);
    for (size_t i = size_t(kDifferent) * kBlobSide * kBlobSide; i < samples.pixels.size(); ++i)
        samples.pixels[i] = samples.pixels[i - size_t(kDifferent) * kBlobSide * kBlobSide];
    return samples;
}

} // namespace

std::shared_ptr<const Dataset> blobs(int count)
{
    DatasetInfo info;
    info.name = "blobs";
    info.image = {kBlobSide, kBlobSide, 1};
    return std::make_shared<MemoryDataset>(info, someBlobs(count, 0), someBlobs(16, 1));
}

RunConfig blobConfig(const Dataset &dataset, int width)
{
    RunConfig config = makeConfig("simclr", "resnet", "blobs", dataset.info());
    config.batch = 256;
    for (const auto &[knob, value] : std::initializer_list<std::pair<const char *, KnobValue>>{{"encoder.width", double(width)},
                                                                                               {"encoder.stages", 3.},
                                                                                               {"encoder.depth", 1.},
                                                                                               {"encoder.max_width", 1024.},
                                                                                               {"projector.width", 4. * width},
                                                                                               {"projector.dimension", 64.},
                                                                                               {"projector.depth", 2.},
                                                                                               {"temperature", 0.5},
                                                                                               {"optimizer", std::string("adamw")},
                                                                                               {"learning_rate", 1e-3},
                                                                                               {"weight_decay", 1e-4},
                                                                                               {"crop", true},
                                                                                               {"flip", true},
                                                                                               {"jitter", true},
                                                                                               {"rotation", false},
                                                                                               {"blur", true},
                                                                                               {"noise", std::string("none")},
                                                                                               {"cutout", false},
                                                                                               {"solarise", false}})
        config.knobs.set(knob, value);
    return config;
}

} // namespace pretext::bench
