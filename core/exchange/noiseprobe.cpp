#include "core/exchange/noiseprobe.h"

#include "core/analysis/features.h"

#include <algorithm>

namespace pretext {

Matrix embedNoiseRows(TextEncoder &encoder)
{
    Random random(0);
    const int64_t length = std::min(encoder.options().context, 16);
    std::vector<int32_t> ids(kNoiseSamples * length);
    for (int32_t &id : ids)
        id = 1 + int32_t(random.below(uint32_t(encoder.options().vocabulary - 1))); // no padding
    const NoGrad noGrad;
    encoder.setTraining(false);
    return {kNoiseSamples, encoder.dimension(), encoder.sentences(tokenInput(ids, length)).value().toHost()};
}

Matrix embedNoise(Encoder &encoder, Module *projector, const Preprocessing &preprocessing)
{
    Random random(0);
    const ImageShape &shape = preprocessing.shape;
    std::vector<float> pixels(size_t(kNoiseSamples) * shape.height * shape.width * shape.channels);
    for (float &pixel : pixels)
        pixel = random.uniform();
    if (!projector) {
        Readout readout(encoder);
        return embedPixels(readout, preprocessing, pixels);
    }
    const Matrix h = embedPixels(encoder, preprocessing, pixels);
    const NoGrad noGrad;
    projector->setTraining(false);
    const Variable z = (*projector)(Variable(Tensor::fromHost(h.values, {h.rows, h.columns})));
    return {z.shape()[0], z.shape()[1], z.value().toHost()};
}

} // namespace pretext
