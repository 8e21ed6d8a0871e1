// What convolutional encoders share: the knobs of their shape, and their end, which pools the last feature map and may map it to a
// wished dimension.
#pragma once

#include "core/nn/encoder.h"
#include "core/nn/layers.h"
#include "core/nn/whitening.h"

namespace pretext {

/// encoder.width, .stages, .depth, .max_width, .stem_stride, .pool, .dimension, .whiten; `depthHelp` says what a stage repeats.
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
    /// To be called last in the constructor, so that the weights are drawn in the order of the forward.
    void setOutput(const KnobSet &knobs, ImageShape map, Random &random);
    /// [N, H, W, C] -> [N, dimension()]
    Variable output(const Variable &map);

private:
    /// Of a map of another size than images as large as it is made for leave: the same grid.
    Variable gridAveraged(const Variable &map) const;

    PoolOptions m_pool;
    ImageShape m_map; // behind an image of the size that it is made for
    int m_rows = 1, m_columns = 1;
    Linear *m_linear = nullptr;
    Whitening *m_whitening = nullptr;
    int m_dimension = 0;
};

} // namespace pretext
