#include "core/data/augment/augmentation.h"

#include "core/files/said.h"

#include <cstdio>
#include <stdexcept>

namespace pretext {

#define AUGMENTATION(name, stream) AugmentationType name##Augmentation();
#include "core/data/augment/augmentations.def"
#undef AUGMENTATION

const std::vector<AugmentationType> &augmentationTypes()
{
    static const std::vector<AugmentationType> types = [] {
        std::vector<AugmentationType> all;
#define AUGMENTATION(name, number) all.emplace_back(name##Augmentation()).stream = number;
#include "core/data/augment/augmentations.def"
#undef AUGMENTATION
        return all;
    }();
    return types;
}

const AugmentationType &augmentationType(const std::string &name)
{
    for (const AugmentationType &type : augmentationTypes())
        if (type.name == name)
            return type;
    throw std::invalid_argument("[augment] there is no augmentation '" + name + "'");
}

Knob switchKnob(const std::string &name, bool on, const std::string &help)
{
    return {.name = name, .kind = KnobKind::boolean, .defaultValue = on, .effect = KnobEffect::nextBatch, .help = help};
}

Knob amountKnob(const std::string &name, double minimum, double maximum, double value, const std::string &help, const std::string &symbol)
{
    return {.name = name, .symbol = symbol, .minimum = minimum, .maximum = maximum, .defaultValue = value, .effect = KnobEffect::nextBatch, .help = help};
}

float amountOf(const KnobSet &knobs, const std::string &name)
{
    return knobs.find(name) ? static_cast<float>(knobs.real(name)) : 0.f;
}

std::string told(const char *format, double value)
{
    char buffer[256];
    std::snprintf(buffer, sizeof buffer, said(format).c_str(), value);
    return buffer;
}

} // namespace pretext
