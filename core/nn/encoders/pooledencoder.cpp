// Pooling: one global average forgets where a feature was; a 2 x 2 grid of averages keeps the layout, at four times the dimension.
#include "core/nn/encoders/pooledencoder.h"

#include "core/files/said.h"

#include <algorithm>
#include <utility>

namespace pretext {
namespace {

/// Square cells, `cells` along the shorter side, or as many as it has places; they share rows and columns where that side is no multiple.
PoolOptions gridOf(ImageShape map, int cells)
{
    const int side = std::min(map.height, map.width), stride = std::max(1, side / cells);
    return {.kernel = std::max(1, side - (cells - 1) * stride), .stride = stride, .padding = 0};
}

/// So often is each place of a map repeated that it has enough for as many cells.
Extent2 repeats(const Shape &map, int rows, int columns)
{
    const auto times = [](int64_t extent, int count) { return std::max(1, (count + int(extent) - 1) / int(extent)); };
    return {times(map[1], rows), times(map[2], columns)};
}

/// As many cells on a map of another size: they share rows and columns where the map cannot be divided.
PoolOptions gridOf(const Shape &map, int rows, int columns)
{
    const auto cells = [](int64_t extent, int count) {
        const int stride = static_cast<int>(extent) / count;
        return std::pair(static_cast<int>(extent) - (count - 1) * stride, stride);
    };
    const auto [height, down] = cells(map[1], rows);
    const auto [width, across] = cells(map[2], columns);
    return {.kernel = {height, width}, .stride = {down, across}, .padding = 0};
}

} // namespace

std::vector<Knob> convolutionalKnobs(const std::string &depthHelp)
{
    return {
        encoderKnob("width", 4, 512, 32, true,
                    PRETEXT_SAID("Channels of the first stage: more can tell more patterns apart, at a cost that grows with the square.")),
        encoderKnob("stages", 1, 5, 3, false,
                    PRETEXT_SAID("Resolutions the image is seen at, each half the one before: more let a feature see more of the image at once.")),
        encoderKnob("depth", 1, 8, 1, false, depthHelp),
        encoderKnob("max_width", 4, 1024, 256, true,
                    PRETEXT_SAID("Channels double from stage to stage up to this many, which bounds the cost of the last stages.")),
        encoderKnob("stem_stride", 1, 2, 1, false,
                    PRETEXT_SAID("2 halves the image at once: four times faster, but details of one pixel are lost to the learning.")),
        encoderKnob(
            "pool", 1, 4, 1, false,
            PRETEXT_SAID("1 averages each feature over the whole image; 2 over a 2 x 2 grid and so on, so the embedding still knows where a feature was.")),
        encoderKnob(
            "read", 1, 3, 1, false,
            PRETEXT_SAID(
                "Stages that the embedding is read from: 1 takes the last one's features alone; 2 and 3 add those of the stages before, which are finer "
                "and less abstract, and help a probe, at as many more dimensions.")),
        encoderKnob("dimension", 0, 1024, 0, false,
                    PRETEXT_SAID("Dimensions of the embedding: a last linear layer maps the pooled features to this many; 0 leaves them as pooled.")),
        {.name = "encoder.whiten",
         .kind = KnobKind::boolean,
         .defaultValue = false,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID(
             "Lets every direction of the embedding count alike where neighbours are looked for and embeddings are exported; else a few that vary most "
             "decide which samples are neighbours. Neither the loss nor a probe sees it.")},
    };
}

int widthOfStage(const KnobSet &knobs, int stage)
{
    return std::min(knobs.integer("encoder.width") << stage, knobs.integer("encoder.max_width"));
}

void PooledEncoder::setOutput(const KnobSet &knobs, const std::vector<ImageShape> &maps, Random &random)
{
    const int cells = knobs.integer("encoder.pool");
    const size_t count = std::min(maps.size(), size_t(knobs.integer("encoder.read")));
    for (size_t i = 0; i < count; ++i) {
        const size_t stage = maps.size() - 1 - i;
        Read read{stage, maps[stage], {.kernel = 0}, 1, 1};
        if (cells > 1) {
            read.pool = gridOf(read.map, cells);
            read.rows = (read.map.height - read.pool.kernel.y) / read.pool.stride.y + 1;
            read.columns = (read.map.width - read.pool.kernel.x) / read.pool.stride.x + 1;
        }
        m_dimension += read.rows * read.columns * read.map.channels;
        m_reads.push_back(read);
    }
    if (const int wished = knobs.integer("encoder.dimension")) {
        // No bias: a projector's batch norm would take it away, leaving it a gradient of rounding noise that Adam turns into a drift.
        m_linear = &addModule("linear", std::make_unique<Linear>(m_dimension, wished, false, random));
        m_dimension = wished;
    }
    if (knobs.boolean("encoder.whiten"))
        m_whitening = &addModule("whitening", std::make_unique<Whitening>(m_dimension));
}

/// Of a map of another size than images as large as it is made for leave: the same grid.
Variable PooledEncoder::pooled(const Read &read, const Variable &map)
{
    if (read.pool.kernel == 0)
        return avgPool(map, read.pool);
    if (map.shape()[1] == read.map.height && map.shape()[2] == read.map.width)
        return flatten(avgPool(map, read.pool));
    const Extent2 times = repeats(map.shape(), read.rows, read.columns);
    const Variable enough = times.y > 1 || times.x > 1 ? upsample(floats(map), times) : map;
    return flatten(avgPool(enough, gridOf(enough.shape(), read.rows, read.columns)));
}

Variable PooledEncoder::output(const std::vector<Variable> &maps)
{
    std::vector<Variable> all;
    for (const Read &read : m_reads)
        all.push_back(pooled(read, maps[read.stage]));
    const Variable features = all.size() == 1 ? all.front() : concat(all, 1), embedding = m_linear ? (*m_linear)(features) : features;
    const Read &last = m_reads.front();
    const Shape shape = maps.back().shape();
    const bool whole = shape[1] == last.map.height && shape[2] == last.map.width; // of an image as large as it is made for
    if (m_whitening && whole && training() && embedding.requiresGrad())
        m_whitening->follow(floats(embedding).value());
    return embedding;
}

} // namespace pretext
