// What scenes of Shapes are made of, and what can be said of one in words.
#pragma once

#include "core/data/dataset.h"
#include "core/data/sources/outline.h"

namespace pretext {

struct Figure
{
    const char *name;
    Outline outline;
};
/// The shapes that are drawn, in the order of their classes.
const std::vector<Figure> &sceneFigures();

struct SceneFacts
{
    std::string shape, colour, background;
    std::string size;  // "small", "medium-sized", "large"
    std::string place; // "at the top left", "at the right", "in the centre"
    int turn = 0;      // 1 leans to the left (counter-clockwise), -1 to the right, 0 within ten degrees of upright
};
SceneFacts sceneFacts(Split split, int64_t index);

/// All values of each.
struct SceneWords
{
    std::vector<std::string> shapes, colours, sizes, places;
};
const SceneWords &sceneWords();

} // namespace pretext
