// What samples are, and what an encoder is made for.
#pragma once

#include <cstdint>

namespace pretext {

struct ImageShape
{
    int height = 0, width = 0, channels = 0;
    friend bool operator==(const ImageShape &, const ImageShape &) = default;
};

/// A kind of data; what is asked of each is a row, see modalitytype.h.
enum class Modality : uint8_t {
#define MODALITY(name) name,
#include "core/data/modalities.def"
#undef MODALITY
};
const char *toText(Modality modality); // "images", "text": as a sentence says it

/// What an encoder is made for: images of one shape, or text as tokens of one vocabulary.
struct InputShape
{
    InputShape() = default;
    InputShape(ImageShape shape, Modality kind = Modality::image) : modality(kind), image(shape) {}
    static InputShape text(int vocabulary)
    {
        InputShape input({}, Modality::text);
        input.vocabulary = vocabulary;
        return input;
    }

    Modality modality = Modality::image;
    ImageShape image;   // also of other samples that are a grid of values
    int vocabulary = 0; // token ids are 0 .. vocabulary - 1; 0 of text: not known yet
};

} // namespace pretext
