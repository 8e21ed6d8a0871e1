// A data set whose images are held in memory as one block of bytes: IDX and CIFAR files.
#pragma once

#include "core/data/dataset.h"

namespace pretext {

/// One split: `count` images of the data set's shape, and a value per image for every label column.
struct Samples
{
    int64_t count = 0;
    std::vector<uint8_t> pixels;
    std::vector<std::vector<float>> labels; // a column each
};

class MemoryDataset : public Dataset
{
public:
    /// Measures mean and deviation over the whole training split.
    MemoryDataset(DatasetInfo info, Samples train, Samples test);

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return samples(split).count; }
    Image image(Split split, int64_t index) const override;
    float label(Split split, int64_t index, int column) const override;
    std::string fingerprint() const override;

private:
    const Samples &samples(Split split) const { return split == Split::train ? m_train : m_test; }

    DatasetInfo m_info;
    Samples m_train, m_test;
};

struct HeldOut
{
    Samples samples;
    std::string note;  // which they are: "every tenth image is held out."
    std::string doubt; // see DatasetInfo
};

/// Takes every tenth sample out of `all`, or of fewer than kSmallSet a fifth of each label's: the test split of data that came without one. A single
/// sample stays where it is, and a copy goes with the first of its pixels, unless all are alike.
HeldOut takeHeldOut(Samples &all, ImageShape shape);

} // namespace pretext
