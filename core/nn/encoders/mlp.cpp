// A multi-layer perceptron on the pixels: it knows nothing of images, so what it lacks shows what convolutions give.
#include "core/nn/encoder.h"
#include "core/files/said.h"
#include "core/nn/layers.h"

namespace pretext {
namespace {

std::vector<Knob> mlpKnobs()
{
    return {
        encoderKnob("width", 8, 4096, 512, true, PRETEXT_SAID("Units of each hidden layer: more can tell more patterns of pixels apart, slower.")),
        encoderKnob("depth", 1, 8, 2, false, PRETEXT_SAID("Hidden layers: each lets the embedding depend on the pixels in a more winding way.")),
        encoderKnob("dimension", 0, 1024, 128, false,
                    PRETEXT_SAID("Dimensions of the embedding: a last linear layer maps the hidden units to this many; 0 leaves them as they are.")),
    };
}

class Mlp : public Encoder
{
public:
    Mlp(const KnobSet &knobs, ImageShape input, Random &random) : m_dimension(input.height * input.width * input.channels)
    {
        const int width = knobs.integer("encoder.width");
        for (int layer = 0; layer < knobs.integer("encoder.depth"); ++layer) {
            const std::string index = std::to_string(layer);
            m_layers.push_back(&addModule("linear" + index, std::make_unique<Linear>(m_dimension, width, false, random)));
            m_layers.push_back(&addModule("norm" + index, std::make_unique<BatchNorm>(width, Activation::relu)));
            m_dimension = width;
        }
        if (const int wished = knobs.integer("encoder.dimension")) { // without a bias, which a projector's batch norm takes away
            m_layers.push_back(&addModule("linear", std::make_unique<Linear>(m_dimension, wished, false, random)));
            m_dimension = wished;
        }
    }

    int dimension() const override { return m_dimension; }

protected:
    Variable forward(const Variable &x) override
    {
        Variable y = flatten(x);
        for (Module *layer : m_layers)
            y = (*layer)(y);
        return y;
    }

private:
    std::vector<Module *> m_layers;
    int m_dimension;
};

} // namespace

EncoderType mlpEncoder()
{
    return {.name = "mlp",
            .help = PRETEXT_SAID("Fully connected layers on the pixels: it must learn even that neighbouring pixels belong together."),
            .knobs = mlpKnobs,
            .make = [](const KnobSet &knobs, const InputShape &input, Random &random) -> std::unique_ptr<Encoder> {
                return std::make_unique<Mlp>(knobs, input.image, random);
            }};
}

} // namespace pretext
