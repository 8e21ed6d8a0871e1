// What can be said of a scene of Shapes, in words.
#pragma once

#include "core/data/dataset.h"

namespace pretext {

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
