#include "core/data/augment/imagenoise.h"

#include <stdexcept>

namespace pretext {

#define NOISE(name) ImageNoise name##ImageNoise();
#include "core/data/augment/noises.def"
#undef NOISE

const std::vector<ImageNoise> &imageNoises()
{
    static const std::vector<ImageNoise> noises{
#define NOISE(name) name##ImageNoise(),
#include "core/data/augment/noises.def"
#undef NOISE
    };
    return noises;
}

int imageNoiseNumber(const std::string &name)
{
    const std::vector<ImageNoise> &all = imageNoises();
    for (size_t i = 0; i < all.size(); ++i)
        if (all[i].name == name)
            return static_cast<int>(i);
    throw std::invalid_argument("[augment] there is no noise '" + name + "'");
}

} // namespace pretext
