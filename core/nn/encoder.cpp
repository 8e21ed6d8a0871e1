// The table of encoders, made from encoders.def, and the projector that contrastive methods put behind them.
#include "core/nn/encoder.h"

#include "core/files/said.h"
#include "core/knobs/wholeknob.h"
#include "core/nn/layers.h"
#include "core/nn/whitening.h"

#include <stdexcept>
#include <utility>

namespace pretext {

#define ENCODER(name) EncoderType name##Encoder();
#include "core/nn/encoders/encoders.def"
#undef ENCODER

Variable Readout::forward(const Variable &x)
{
    const Variable embedding = m_encoder(x);
    Whitening *whitening = m_encoder.whitening();
    return whitening ? (*whitening)(embedding) : embedding;
}

Knob encoderKnob(const std::string &name, double minimum, double maximum, double value, bool logarithmic, const std::string &help)
{
    return wholeKnob("encoder." + name, {minimum, maximum, logarithmic}, value, help);
}

namespace {

std::vector<EncoderType> &encoderRows()
{
    static std::vector<EncoderType> types = {
#define ENCODER(name) name##Encoder(),
#include "core/nn/encoders/encoders.def"
#undef ENCODER
    };
    return types;
}

} // namespace

const std::vector<EncoderType> &encoderTypes()
{
    return encoderRows();
}

void addEncoder(EncoderType type)
{
    encoderRows().push_back(std::move(type));
}

const EncoderType &encoderType(const std::string &name)
{
    std::vector<std::string> names;
    for (const EncoderType &type : encoderTypes()) {
        if (type.name == name)
            return type;
        names.push_back(type.name);
    }
    std::string list;
    for (const std::string &known : names)
        list += (list.empty() ? "" : ", ") + known;
    const std::string nearest = nearestName(name, names);
    throw std::invalid_argument("[encoder] "
                                + (nearest.empty() ? said("there is no encoder \"%1\"; there are %2", {name, list})
                                                   : said("there is no encoder \"%1\"; did you mean \"%2\"?", {name, nearest})));
}

namespace {

/// Linear layers with batch norm and ReLU between; what batch norm follows needs no bias.
class Projector : public Module
{
public:
    Projector(int inputs, int width, int outputs, int depth, Random &random, LastLayer end)
    {
        for (int layer = 0; layer < depth; ++layer) {
            const bool last = layer + 1 == depth;
            const std::string index = std::to_string(layer);
            m_layers.push_back(&addModule("linear" + index,
                                          std::make_unique<Linear>(layer ? width : inputs, last ? outputs : width, last && end == LastLayer::biased, random)));
            if (!last)
                m_layers.push_back(&addModule("norm" + index, std::make_unique<BatchNorm>(width, Activation::relu)));
        }
    }

protected:
    Variable forward(const Variable &x) override
    {
        Variable y = x;
        for (Module *layer : m_layers)
            y = (*layer)(y);
        return y;
    }

private:
    std::vector<Module *> m_layers;
};

} // namespace

std::unique_ptr<Module> makeProjector(int inputs, int width, int outputs, int depth, Random &random, LastLayer end)
{
    if (depth < 1)
        throw std::invalid_argument("[projector] it needs at least one layer, not " + std::to_string(depth));
    return std::make_unique<Projector>(inputs, width, outputs, depth, random, end);
}

} // namespace pretext
