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

void PooledEncoder::setOutput(const KnobSet &knobs, ImageShape map, Random &random)
{
    m_pool = {.kernel = 0};
    m_map = map;
    if (knobs.integer("encoder.pool") > 1) {
        m_pool = gridOf(map, knobs.integer("encoder.pool"));
        m_rows = (map.height - m_pool.kernel.y) / m_pool.stride.y + 1;
        m_columns = (map.width - m_pool.kernel.x) / m_pool.stride.x + 1;
    }
    m_dimension = m_rows * m_columns * map.channels;
    if (const int wished = knobs.integer("encoder.dimension")) {
        // No bias: a projector's batch norm would take it away, leaving it a gradient of rounding noise that Adam turns into a drift.
        m_linear = &addModule("linear", std::make_unique<Linear>(m_dimension, wished, false, random));
        m_dimension = wished;
    }
    if (knobs.boolean("encoder.whiten"))
        m_whitening = &addModule("whitening", std::make_unique<Whitening>(m_dimension));
}

Variable PooledEncoder::gridAveraged(const Variable &map) const
{
    const Extent2 times = repeats(map.shape(), m_rows, m_columns);
    const Variable enough = times.y > 1 || times.x > 1 ? upsample(floats(map), times) : map;
    return avgPool(enough, gridOf(enough.shape(), m_rows, m_columns));
}

Variable PooledEncoder::output(const Variable &map)
{
    const bool whole = map.shape()[1] == m_map.height && map.shape()[2] == m_map.width; // of an image as large as it is made for
    Variable features;
    if (m_pool.kernel == 0)
        features = avgPool(map, m_pool);
    else if (whole)
        features = flatten(avgPool(map, m_pool));
    else
        features = flatten(gridAveraged(map));
    const Variable embedding = m_linear ? (*m_linear)(features) : features;
    if (m_whitening && whole && training() && embedding.requiresGrad())
        m_whitening->follow(floats(embedding).value());
    return embedding;
}

} // namespace pretext
