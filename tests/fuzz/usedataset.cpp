#include "tests/fuzz/target.h"

#include "core/data/dataset.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <cmath>

namespace pretext::fuzz {

namespace {

constexpr int64_t kLookedAt = 16; // samples of a split

void useSample(const Dataset &data, Split split, int64_t index)
{
    const DatasetInfo &info = data.info();
    if (info.modality == Modality::text) {
        const std::string text = data.text(split, index);
        require(!text.empty() && !invalidUtf8(text), "a sample that is no text");
    } else {
        const Image image = data.image(split, index);
        require(ImageShape{image.height, image.width, image.channels} == info.image, "an image of another shape than the data set's");
        require(image.pixels.size() == size_t(image.height) * image.width * image.channels, "an image whose pixels are not those of its shape");
    }
    for (size_t column = 0; column < info.columns.size(); ++column) {
        const float label = data.label(split, index, static_cast<int>(column));
        const size_t classes = info.columns[column].classes.size();
        require(std::isfinite(label), "a label that is no number");
        require(classes == 0 || (label >= 0 && label < float(classes) && label == std::floor(label)), "a label that is none of the column's classes");
    }
    data.caption(split, index);
}

} // namespace

void useDataset(const std::string &path)
{
    const std::shared_ptr<const Dataset> data = openDataset(path, {.size = 8});
    require(data->size(Split::train) > 0, "a data set without a sample to train on");
    for (const Split split : {Split::train, Split::test})
        for (int64_t i = 0; i < std::min(kLookedAt, data->size(split)); ++i)
            useSample(*data, split, i);
    const auto finite = [](const std::vector<float> &values) {
        return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    };
    require(finite(data->info().mean) && finite(data->info().deviation), "a mean or a deviation that is no number");
}

} // namespace pretext::fuzz
