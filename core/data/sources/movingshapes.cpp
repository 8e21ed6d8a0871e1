// Moving Shapes: clips with known factors, for methods that foretell what comes next. One grey shape moves in a straight line and bounces off the edges,
// 32 x 32, a pure function of (split, index). A sample is one image, whose three channels are three moments, the last one the newest; so the shape leaves
// a trail of red, green and blue, and whatever reads images in colour reads clips.
#include "core/data/sources/scene.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int kClipSide = 32, kFrames = 3;
constexpr int64_t kTrainClips = 50000, kTestClips = 10000;
constexpr uint64_t kClipSeed = 0x4d4f56494e473031; // a data set of its own, whatever the run's seed
constexpr float kSmallestMover = 3.5f, kLargestMover = 6.5f;
constexpr float kSlowest = 0.8f, kFastest = 3.6f; // pixels from one moment to the next

constexpr const char *kDirections[] = {"right", "up right", "up", "up left", "left", "down left", "down", "down right"};
constexpr const char *kBounces[] = {"none", "before", "next"}; // off an edge: among the moments seen, or on the way to the next one

/// One coordinate between two edges: where it is, which way it goes, and how often it was turned back.
struct Coordinate
{
    float at = 0, velocity = 0;
    int bounces = 0;
};

Coordinate movedBy(Coordinate start, float time, float low, float high)
{
    const float span = high - low, way = start.at - low + start.velocity * time;
    const int turns = int(std::floor(way / span));
    const float within = way - float(turns) * span;
    const bool back = turns % 2 != 0;
    return {back ? high - within : low + within, back ? -start.velocity : start.velocity, std::abs(turns)};
}

struct Clip
{
    int shape;
    float size, speed, rotation; // radius in pixels; pixels a moment; degrees
    Coordinate x, y;             // at the first moment
    float tone, back, shade;     // brightness of the shape and of the background, and its slope from top to bottom

    float margin() const { return 1.15f * size + 1; }
    Coordinate xAt(float time) const { return movedBy(x, time, margin(), kClipSide - margin()); }
    Coordinate yAt(float time) const { return movedBy(y, time, margin(), kClipSide - margin()); }
    int bouncesBy(float time) const { return xAt(time).bounces + yAt(time).bounces; }
};

Clip clipOf(Split split, int64_t index)
{
    Random random(kClipSeed, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
    Clip clip;
    clip.shape = static_cast<int>(random.below(static_cast<uint32_t>(sceneFigures().size())));
    clip.size = random.uniform(kSmallestMover, kLargestMover);
    clip.speed = random.uniform(kSlowest, kFastest);
    const float angle = random.uniform(0, 2 * std::numbers::pi_v<float>), margin = clip.margin();
    clip.x = {random.uniform(margin, kClipSide - margin), clip.speed * std::cos(angle)};
    clip.y = {random.uniform(margin, kClipSide - margin), -clip.speed * std::sin(angle)}; // y grows downwards
    clip.rotation = random.uniform(-30, 30);
    clip.tone = random.uniform(0.6f, 1.f);
    clip.back = random.uniform(0.02f, 0.25f);
    clip.shade = random.uniform(-0.25f, 0.25f);
    return clip;
}

/// The eighth of a turn in which it moves when the last of the given moments is seen.
int directionOf(const Clip &clip)
{
    const float angle = std::atan2(-clip.yAt(kFrames - 1).velocity, clip.xAt(kFrames - 1).velocity);
    return int(std::lround(angle / (std::numbers::pi_v<float> / 4)) + 8) % 8;
}

int bounceOf(const Clip &clip)
{
    const int seen = clip.bouncesBy(kFrames - 1);
    return clip.bouncesBy(kFrames) != seen ? 2 : seen > 0 ? 1 : 0;
}

/// Moments first, first + 1, ... as the channels of an image.
Image drawFrames(const Clip &clip, int first)
{
    Image image{kClipSide, kClipSide, kFrames, std::vector<uint8_t>(size_t(kClipSide) * kClipSide * kFrames)};
    for (int frame = 0; frame < kFrames; ++frame) {
        const auto time = float(first + frame);
        const Outline outline = placed(sceneFigures()[clip.shape].outline, clip.xAt(time).at, clip.yAt(time).at, clip.size, clip.rotation);
        const std::vector<float> covered = coverage(outline, kClipSide, kClipSide);
        for (size_t place = 0; place < covered.size(); ++place) {
            const float light = 1 + clip.shade * (2 * (float(place / kClipSide) + 0.5f) / kClipSide - 1);
            const float value = covered[place] * clip.tone + (1 - covered[place]) * clip.back * light;
            image.pixels[place * kFrames + size_t(frame)] = static_cast<uint8_t>(255 * std::min(1.f, value) + 0.5f);
        }
    }
    return image;
}

class MovingShapes : public Dataset
{
public:
    MovingShapes()
    {
        m_info.name = "moving-shapes";
        m_info.image = {kClipSide, kClipSide, kFrames};
        m_info.frames = true;
        m_info.columns = {{"shape", sceneWords().shapes},
                          {"direction", {std::begin(kDirections), std::end(kDirections)}},
                          {"bounce", {std::begin(kBounces), std::end(kBounces)}},
                          {"speed", {}},
                          {"x", {}},
                          {"y", {}},
                          {"size", {}}};
        measurePixels(*this, 2000, m_info);
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? kTrainClips : kTestClips; }

    Image image(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        return drawFrames(clipOf(split, index), 0);
    }

    Image next(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        return drawFrames(clipOf(split, index), 1);
    }

    float label(Split split, int64_t index, int column) const override
    {
        checkIndex(*this, split, index);
        const Clip clip = clipOf(split, index);
        const float last = kFrames - 1;
        const float values[] = {float(clip.shape),    float(directionOf(clip)),      float(bounceOf(clip)),
                                clip.speed,           clip.xAt(last).at / kClipSide, clip.yAt(last).at / kClipSide,
                                clip.size / kClipSide};
        if (column < 0 || column >= int(std::size(values)))
            throw std::out_of_range("[moving-shapes] no label column " + std::to_string(column));
        return values[column];
    }

    std::string caption(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        const Clip clip = clipOf(split, index);
        const std::string shape = sceneFigures()[clip.shape].name, article = shape.front() == 'a' ? "an " : "a ";
        const std::array<const char *, 3> bounced = {"", ", having bounced", ", about to bounce"};
        return article + shape + " moving " + kDirections[directionOf(clip)] + bounced[size_t(bounceOf(clip))];
    }

private:
    DatasetInfo m_info;
};

} // namespace

DatasetType movingShapesSource()
{
    return {"moving-shapes",
            PRETEXT_SAID("50 000 + 10 000 drawn clips of three grey frames, the channels of one 32 x 32 image: shape (the label), direction, bounce, speed, "
                         "place, size; needs no file"),
            [] { return true; }, [] { return std::shared_ptr<const Dataset>(std::make_shared<MovingShapes>()); }};
}

} // namespace pretext
