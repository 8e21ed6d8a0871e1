#include "core/ssl/rebuilding.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"
#include "core/nn/layers.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pretext {

namespace {

constexpr int64_t kShownImages = 64;

/// Of codes [N, K]: sparsity is the mean of |z|, decorrelation the squared covariances of different dimensions over K.
Variable regulariser(const Variable &z, const std::string &kind)
{
    if (kind == "sparsity")
        return mean(abs(z));
    const Variable centred = subtract(z, mean(z, 0));
    const Variable covariance = scale(matmul(centred, centred, true), 1 / float(std::max<int64_t>(1, z.shape()[0] - 1)));
    const int64_t dimensions = z.shape()[1];
    return scale(sum(multiply(square(covariance), Variable(diagonalMatrix(dimensions, 0, 1)))), 1 / float(dimensions));
}

void offerImages(const Tensor &painted, const Tensor &given, const Tensor &wanted, Recorder &recorder)
{
    recorder.heavy("reconstruction/output", [=] { return shownImages(painted); });
    recorder.heavy("reconstruction/seen", [=] { return shownImages(given); });
    recorder.heavy("reconstruction/error", [=] { return shownErrors(painted, wanted); });
}

ImageShape paintedShape(ImageShape image, int channels)
{
    if (channels > 0)
        image.channels = channels;
    return image;
}

} // namespace

Tensor firstImages(const Tensor &images)
{
    const NoGrad noGrad;
    return sliceRows(Variable(images), 0, std::min(kShownImages, images.shape()[0])).value();
}

Shown shownImages(const Tensor &images)
{
    return shownMatrix(firstImages(images));
}

Shown shownErrors(const Tensor &got, const Tensor &wanted)
{
    return Shown({firstImages(got), firstImages(wanted)},
                 [channels = int(wanted.shape()[3])](const std::vector<Matrix> &read) -> ChannelValue { return squaredErrors(read[0], read[1], channels); });
}

Matrix squaredErrors(const Matrix &got, const Matrix &wanted, int channels)
{
    Matrix errors{got.rows, got.columns / channels, std::vector<float>(got.values.size() / size_t(channels), 0)};
    for (size_t i = 0; i < got.values.size(); ++i)
        errors.values[i / size_t(channels)] += std::pow(got.values[i] - wanted.values[i], 2.f) / float(channels);
    return errors;
}

Rebuilding::Rebuilding(const MethodParts &parts, int channels)
    : m_code(m_heads.add("code", std::make_unique<Linear>(parts.encoder.dimension(), parts.knobs.integer("code.dimension"), true, parts.random)))
    , m_decoder(m_heads.add("decoder", std::make_unique<ImageDecoder>(parts.knobs.integer("code.dimension"), paintedShape(parts.input.image, channels),
                                                                      parts.knobs.integer("decoder.width"), parts.random)))
{
}

Rebuilding::Rebuilt Rebuilding::rebuild(Encoder &encoder, const Variable &given)
{
    const Variable h = embedViews(encoder, given), z = m_code(h);
    return {h, z, m_decoder(z)};
}

Variable Rebuilding::regularised(const Variable &error, const Rebuilt &rebuilt, const StepInput &input)
{
    const std::string &kind = input.knobs.choice("regulariser");
    const Variable penalty = kind == "none" ? Variable() : regulariser(rebuilt.z, kind);
    std::vector<Tensor> parts{error.value()};
    if (penalty.defined())
        parts.push_back(penalty.value());
    input.recorder.read(parts, [&recorder = input.recorder](const std::vector<Matrix> &read) {
        recorder.scalar("loss/reconstruction", read[0].values[0]);
        recorder.scalar("loss/regulariser", read.size() > 1 ? read[1].values[0] : 0);
    });
    input.recorder.heavy("embeddings", [h = rebuilt.h.value()] { return shownMatrix(h); });
    return penalty.defined() ? add(error, scale(penalty, static_cast<float>(input.knobs.real("regulariser.weight")))) : error;
}

Variable Rebuilding::loss(Encoder &encoder, const StepInput &input)
{
    const Variable &views = input.views[0];
    const int64_t images = int64_t(input.batch.indices.size()), rows = views.shape()[0];
    const Variable wanted = rows > images ? sliceRows(views, 0, images) : views, given = rows > images ? sliceRows(views, rows - images, images) : views;
    const Rebuilt rebuilt = rebuild(encoder, given);
    offerImages(rebuilt.images.value(), given.value(), wanted.value(), input.recorder);
    return regularised(meanSquaredError(rebuilt.images, wanted), rebuilt, input);
}

std::vector<Knob> rebuildingKnobs()
{
    return {
        wholeKnob("code.dimension", {1, 1024, true}, 64,
                  PRETEXT_SAID("Numbers that the whole image has to pass through: the fewer, the more has to be left out, down to what most images share.")),
        wholeKnob("decoder.width", {4, 256, true}, 32,
                  PRETEXT_SAID("Channels of the decoder: a stronger one paints well from a worse code, and teaches the encoder less.")),
        {.name = "regulariser",
         .kind = KnobKind::choice,
         .defaultValue = std::string("none"),
         .choices = {"none", "sparsity", "decorrelation"},
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("What is asked of the code besides. sparsity: numbers near 0, so that few speak for each image. decorrelation: that no two "
                              "numbers say the same.")},
        {.name = "regulariser.weight",
         .symbol = "β",
         .kind = KnobKind::real,
         .minimum = 0.0001,
         .maximum = 10,
         .logarithmic = true,
         .defaultValue = 0.01,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("How much the regulariser counts beside the error of the pixels: the more, the poorer the images that come back.")},
    };
}

} // namespace pretext
