// Shapes: procedural scenes with known factors, so that "which factor did this augmentation teach the encoder to ignore?" has an
// answer. One coloured shape on a background, 32 x 32, a pure function of (split, index).
#include "core/data/sources/outline.h"
#include "core/data/sources/scene.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int kShapesSide = 32;
constexpr int64_t kTrain = 50000, kTest = 10000;
constexpr uint64_t kSeed = 0x5348415045533031;      // a data set of its own, whatever the run's seed
constexpr float kLargestTurn = 30;                  // degrees; within it no two turns of a shape but the circle look the same
constexpr float kSmallest = 4.5f, kLargest = 10.5f; // radius in pixels

/// How near to the border a centre may come, so that no corner of any shape touches it.
float marginOf(float size)
{
    return 1.15f * size + 1;
}

using Rgb = std::array<float, 3>;
struct Colour
{
    const char *name;
    Rgb shape, background;
};

// Vivid for the shape, muted for what lies behind it.
constexpr Colour kColours[] = {
    {"red", {0.90f, 0.20f, 0.20f}, {0.42f, 0.16f, 0.18f}},    {"orange", {0.98f, 0.58f, 0.12f}, {0.52f, 0.32f, 0.14f}},
    {"yellow", {0.98f, 0.90f, 0.25f}, {0.52f, 0.48f, 0.18f}}, {"green", {0.25f, 0.78f, 0.32f}, {0.14f, 0.36f, 0.20f}},
    {"blue", {0.25f, 0.50f, 0.98f}, {0.14f, 0.22f, 0.48f}},   {"purple", {0.66f, 0.36f, 0.92f}, {0.32f, 0.18f, 0.44f}},
    {"pink", {0.99f, 0.58f, 0.76f}, {0.54f, 0.30f, 0.40f}},   {"white", {0.97f, 0.97f, 0.96f}, {0.50f, 0.51f, 0.53f}},
};
constexpr int kColourCount = int(std::size(kColours));

/// The factors of one scene, in the order of the label columns, and two nuisances that no label tells.
struct Scene
{
    int shape, colour, background;
    float size, x, y, rotation; // radius in pixels; centre in pixels; degrees
    float tone, shade;          // brightness of the shape; slope of the background from top to bottom
};

Scene sceneOf(Split split, int64_t index)
{
    Random random(kSeed, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
    Scene scene;
    scene.shape = static_cast<int>(random.below(static_cast<uint32_t>(sceneFigures().size())));
    scene.colour = static_cast<int>(random.below(kColourCount));
    // Never the shape's own colour, so that every shape stands out.
    scene.background = static_cast<int>((scene.colour + 1 + random.below(kColourCount - 1)) % kColourCount);
    scene.size = random.uniform(kSmallest, kLargest);
    const float margin = marginOf(scene.size);
    scene.x = random.uniform(margin, kShapesSide - margin);
    scene.y = random.uniform(margin, kShapesSide - margin);
    scene.rotation = random.uniform(-kLargestTurn, kLargestTurn);
    scene.tone = random.uniform(0.85f, 1.f);
    scene.shade = random.uniform(-0.25f, 0.25f);
    return scene;
}

Image draw(const Scene &scene)
{
    const Outline outline = placed(sceneFigures()[scene.shape].outline, scene.x, scene.y, scene.size, scene.rotation);
    const std::vector<float> covered = coverage(outline, kShapesSide, kShapesSide);
    const Rgb &front = kColours[scene.colour].shape, &back = kColours[scene.background].background;
    Image image{kShapesSide, kShapesSide, 3, std::vector<uint8_t>(size_t(kShapesSide) * kShapesSide * 3)};
    for (int y = 0; y < kShapesSide; ++y) {
        const float light = 1 + scene.shade * (2 * (y + 0.5f) / kShapesSide - 1);
        for (int x = 0; x < kShapesSide; ++x) {
            const float share = covered[size_t(y) * kShapesSide + x];
            for (int c = 0; c < 3; ++c) {
                const float value = share * front[c] * scene.tone + (1 - share) * back[c] * light;
                image.pixels[(size_t(y) * kShapesSide + x) * 3 + c] = static_cast<uint8_t>(255 * std::min(1.f, value) + 0.5f);
            }
        }
    }
    return image;
}

/// Of every pixel: 0 behind the shape, else its number and 1, where it covers half of the pixel or more.
std::vector<uint8_t> maskOf(const Scene &scene)
{
    const Outline outline = placed(sceneFigures()[scene.shape].outline, scene.x, scene.y, scene.size, scene.rotation);
    std::vector<uint8_t> mask;
    for (const float share : coverage(outline, kShapesSide, kShapesSide))
        mask.push_back(share >= 0.5f ? uint8_t(scene.shape + 1) : 0);
    return mask;
}

constexpr const char *kSizes[] = {"small", "medium-sized", "large"};
constexpr float kUpright = 10; // degrees

int sizeThird(float size)
{
    const float third = (kLargest - kSmallest) / 3;
    return size < kSmallest + third ? 0 : size < kLargest - third ? 1 : 2;
}

std::string placeWords(int row, int column)
{
    const char *vertical[] = {"top", "", "bottom"}, *horizontal[] = {"left", "", "right"};
    const std::string v = vertical[row], h = horizontal[column];
    return v.empty() && h.empty() ? "in the centre" : "at the " + v + (v.empty() || h.empty() ? "" : " ") + h;
}

std::string place(const Scene &scene)
{
    // Thirds of the way the centre can go at this size, so that large shapes too have a place.
    const float margin = marginOf(scene.size), span = kShapesSide - 2 * margin;
    const auto third = [&](float at) { return std::min(2, int(3 * (at - margin) / span)); };
    return placeWords(third(scene.y), third(scene.x));
}

class Shapes : public Dataset
{
public:
    explicit Shapes(const std::string &note)
    {
        const std::vector<std::string> &names = sceneWords().shapes, &colours = sceneWords().colours;
        m_info.name = "shapes";
        m_info.image = {kShapesSide, kShapesSide, 3};
        m_info.columns = {{"shape", names}, {"colour", colours}, {"background", colours}, {"size", {}}, {"x", {}}, {"y", {}}, {"rotation", {}}};
        m_info.maskClasses = {"background"};
        m_info.maskClasses.insert(m_info.maskClasses.end(), names.begin(), names.end());
        m_info.note = note;
        measurePixels(*this, 2000, m_info);
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? kTrain : kTest; }

    Image image(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        return draw(sceneOf(split, index));
    }

    std::vector<uint8_t> mask(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        return maskOf(sceneOf(split, index));
    }

    float label(Split split, int64_t index, int column) const override
    {
        checkIndex(*this, split, index);
        const Scene scene = sceneOf(split, index);
        const float values[] = {float(scene.shape),    float(scene.colour),   float(scene.background), scene.size / kShapesSide,
                                scene.x / kShapesSide, scene.y / kShapesSide, scene.rotation};
        if (column < 0 || column >= int(std::size(values)))
            throw std::out_of_range("[shapes] no label column " + std::to_string(column));
        return values[column];
    }

    std::string caption(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        const SceneFacts f = sceneFacts(split, index);
        const auto article = [](const std::string &word) { return (word[0] == 'o' ? "an " : "a ") + word; };
        return article(f.size) + " " + f.colour + " " + f.shape + " " + f.place + " on " + article(f.background) + " background";
    }

private:
    DatasetInfo m_info;
};

std::shared_ptr<const Dataset> openPlainShapes()
{
    return openShapes({});
}

} // namespace

const std::vector<Figure> &sceneFigures()
{
    static const std::vector<Figure> all = {{"circle", circleOutline()}, {"square", squareOutline()}, {"triangle", triangleOutline()},
                                            {"star", starOutline()},     {"heart", heartOutline()},   {"moon", moonOutline()},
                                            {"cross", crossOutline()},   {"arrow", arrowOutline()}};
    return all;
}

SceneFacts sceneFacts(Split split, int64_t index)
{
    const Scene scene = sceneOf(split, index);
    const int turn = scene.rotation > kUpright ? 1 : scene.rotation < -kUpright ? -1 : 0;
    return {sceneFigures()[scene.shape].name, kColours[scene.colour].name, kColours[scene.background].name, kSizes[sizeThird(scene.size)], place(scene), turn};
}

const SceneWords &sceneWords()
{
    static const SceneWords words = [] {
        SceneWords all;
        for (const Figure &figure : sceneFigures())
            all.shapes.push_back(figure.name);
        for (const Colour &colour : kColours)
            all.colours.push_back(colour.name);
        all.sizes.assign(std::begin(kSizes), std::end(kSizes));
        for (int row : {0, 1, 2})
            for (int column : {0, 1, 2})
                all.places.push_back(placeWords(row, column));
        return all;
    }();
    return words;
}

std::shared_ptr<const Dataset> openShapes(const std::string &note)
{
    return std::make_shared<Shapes>(note);
}

DatasetType shapesSource()
{
    return {"shapes", PRETEXT_SAID("50 000 + 10 000 drawn scenes, 32 x 32 RGB: shape (the label), colour, background, size, place, rotation; needs no file"),
            [] { return true; }, openPlainShapes};
}

} // namespace pretext
