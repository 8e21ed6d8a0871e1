#include "core/analysis/spread.h"

#include <algorithm>

namespace pretext {

namespace {

class SpreadSubset : public Dataset
{
public:
    SpreadSubset(const Dataset &dataset, int64_t train, int64_t test)
        : m_dataset(dataset)
        , m_train(std::min(train, dataset.size(Split::train)))
        , m_test(std::min(test, dataset.size(Split::test)))
    {
    }
    const DatasetInfo &info() const override { return m_dataset.info(); }
    int64_t size(Split split) const override { return split == Split::train ? m_train : m_test; }
    Image image(Split split, int64_t index) const override { return m_dataset.image(split, at(split, index)); }
    std::string text(Split split, int64_t index) const override { return m_dataset.text(split, at(split, index)); }
    std::vector<uint8_t> mask(Split split, int64_t index) const override { return m_dataset.mask(split, at(split, index)); }
    float label(Split split, int64_t index, int column) const override { return m_dataset.label(split, at(split, index), column); }
    std::string caption(Split split, int64_t index) const override { return m_dataset.caption(split, at(split, index)); }

private:
    int64_t at(Split split, int64_t index) const { return spreadIndex(index, size(split), m_dataset.size(split)); }

    const Dataset &m_dataset;
    int64_t m_train, m_test;
};

} // namespace

int64_t spreadIndex(int64_t i, int64_t count, int64_t size)
{
    return i * size / count;
}

int64_t spreadPlace(int64_t sample, int64_t count, int64_t size)
{
    if (count < 1 || sample < 0 || sample >= size)
        return -1;
    const int64_t place = (sample * count + size - 1) / size; // the first that is not before it
    return place < count && spreadIndex(place, count, size) == sample ? place : -1;
}

std::shared_ptr<const Dataset> spreadSubset(const Dataset &dataset, int64_t train, int64_t test)
{
    return std::make_shared<SpreadSubset>(dataset, train, test);
}

} // namespace pretext
