// What images are treated with: the mean and deviation of their channels.
#pragma once

#include "core/data/prepared.h"

#include <memory>
#include <vector>

namespace pretext {

struct DatasetInfo;

/// What happens to pixels in [0, 1] before the encoder: (x - mean) / deviation per channel.
struct Preprocessing
{
    std::vector<float> mean, deviation;
    ImageShape shape;
};

class PreparedImages : public Prepared
{
public:
    explicit PreparedImages(Preprocessing preprocessing) : pixels(std::move(preprocessing)) {}
    InputShape input() const override { return pixels.shape; }
    const Preprocessing pixels;
};

/// As the data set measured them.
std::shared_ptr<const Prepared> preparedImages(const DatasetInfo &info);
/// Throws std::invalid_argument where it is not of images.
const Preprocessing &preprocessingOf(const Prepared &prepared);

} // namespace pretext
