// What convolutional encoders share: the knobs of their shape, and their end, which pools the last feature map and may map it to a
// wished dimension.
#pragma once

#include "core/nn/encoder.h"
#include "core/nn/layers.h"
#include "core/nn/whitening.h"

namespace pretext {

/// encoder.width, .stages, .depth, .max_width, .stem_stride, .pool, .read, .dimension, .whiten; `depthHelp` says what a stage repeats.
std::vector<Knob> convolutionalKnobs(const std::string &depthHelp);

/// Channels of stage `stage`: the width, doubled each stage, up to the cap.
int widthOfStage(const KnobSet &knobs, int stage);

/// Extent after a convolution whose padding is half its kernel.
inline int strided(int extent, int stride)
{
    return (extent - 1) / stride + 1;
}

class PooledEncoder : public Encoder
{
public:
    int dimension() const override { return m_dimension; }
    Whitening *whitening() override { return m_whitening; }

protected:
    /// What each stage leaves of an image, in their order. To be called last in the constructor, so that the weights are drawn in the order of the forward.
    void setOutput(const KnobSet &knobs, const std::vector<ImageShape> &maps, Random &random);
    /// Of each stage [N, H, W, C] -> [N, dimension()]
    Variable output(const std::vector<Variable> &maps);

private:
    /// What is read of the map of one stage.
    struct Read
    {
        size_t stage = 0;
        ImageShape map; // behind an image of the size that the encoder is made for
        PoolOptions pool;
        int rows = 1, columns = 1;
    };
    static Variable pooled(const Read &read, const Variable &map);

    std::vector<Read> m_reads; // the last stage first
    Linear *m_linear = nullptr;
    Whitening *m_whitening = nullptr;
    int m_dimension = 0;
};

} // namespace pretext
