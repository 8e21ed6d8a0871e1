// Encoders by name. Each is one file in nn/encoders and one line in encoders.def; its knobs are declared as data.
#pragma once

#include "core/data/modality.h"
#include "core/knobs/knob.h"
#include "core/nn/module.h"
#include "core/tensor/random.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

class Whitening;

/// Maps normalised images [N, H, W, C], or token ids i32 [N, T] padded with kPadding (see nn/textencoder.h), to embeddings [N, dimension()].
class Encoder : public Module
{
public:
    virtual int dimension() const = 0;
    /// Of the forward passes that follow, in training mode; encoders without dropout ignore it.
    virtual void setDropout(const DropoutOptions &) {}
    /// The last features that still have a place in the image, [N, h, w, C] of images [N, H, W, C]; undefined where there are none.
    virtual Variable map(const Variable &) { return {}; }
    /// What embeddings pass through before they are compared or handed out, in evaluation mode; null where they are so as they are. What
    /// is trained on top, and whatever shows how the embeddings vary, has them without it.
    virtual Whitening *whitening() { return nullptr; }
};

/// An encoder with its whitening, if it has one: what neighbours, probes and other programs are given. Puts the encoder into evaluation mode.
class Readout : public Module
{
public:
    explicit Readout(Encoder &encoder) : m_encoder(encoder) { encoder.setTraining(false); }

protected:
    Variable forward(const Variable &x) override;

private:
    Encoder &m_encoder;
};

struct EncoderType
{
    std::string name; // "resnet"
    std::string help;
    std::vector<Knob> (*knobs)();
    std::unique_ptr<Encoder> (*make)(const KnobSet &knobs, const InputShape &input, Random &random);
    Modality modality = Modality::image;
    bool patches = false; // it makes a PatchEncoder: some of an image's patches can be left out
    bool anySize = false; // it embeds images of other sizes, too, than those that it is made for
};

/// "encoder.NAME", a whole number that only a new run can change.
Knob encoderKnob(const std::string &name, double minimum, double maximum, double value, bool logarithmic, const std::string &help);

const std::vector<EncoderType> &encoderTypes();
/// Throws std::invalid_argument that suggests the nearest name.
const EncoderType &encoderType(const std::string &name);
/// One more row for as long as the program runs: a test's encoder, say. To be called before anything asks for a row.
void addEncoder(EncoderType type);

/// What a projector ends with: a linear layer with a bias, or without one.
enum class LastLayer : uint8_t { biased, plain };
/// The projector MLP: `depth` linear layers with batch norm and ReLU between (Chen et al. 2020, section 4.2).
std::unique_ptr<Module> makeProjector(int inputs, int width, int outputs, int depth, Random &random, LastLayer end = LastLayer::biased);

} // namespace pretext
