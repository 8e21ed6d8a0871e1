#include "core/data/sources/memory.h"

#include "core/data/fingerprint.h"
#include "core/data/sources/source.h"

#include <limits>

namespace pretext {

namespace {

size_t bytesOf(ImageShape shape)
{
    return size_t(shape.height) * shape.width * shape.channels;
}

void append(Samples &to, const Samples &from, int64_t index, size_t bytes)
{
    const auto begin = from.pixels.begin() + static_cast<ptrdiff_t>(index * bytes);
    to.pixels.insert(to.pixels.end(), begin, begin + static_cast<ptrdiff_t>(bytes));
    to.labels.resize(from.labels.size());
    for (size_t column = 0; column < from.labels.size(); ++column)
        to.labels[column].push_back(from.labels[column][index]);
    ++to.count;
}

} // namespace

MemoryDataset::MemoryDataset(DatasetInfo info, Samples train, Samples test)
    : m_info(std::move(info)), m_train(std::move(train)), m_test(std::move(test))
{
    measurePixels(*this, std::numeric_limits<int64_t>::max(), m_info);
}

Image MemoryDataset::image(Split split, int64_t index) const
{
    const Samples &from = samples(split);
    checkIndex(*this, split, index);
    const size_t bytes = bytesOf(m_info.image);
    const uint8_t *begin = from.pixels.data() + index * bytes;
    return {m_info.image.height, m_info.image.width, m_info.image.channels, {begin, begin + bytes}};
}

float MemoryDataset::label(Split split, int64_t index, int column) const
{
    checkIndex(*this, split, index);
    return samples(split).labels.at(column)[index];
}

std::string MemoryDataset::fingerprint() const
{
    Fingerprint print;
    for (const Samples *samples : {&m_train, &m_test}) {
        print.add(samples->pixels.data(), samples->pixels.size());
        for (const std::vector<float> &column : samples->labels)
            print.add(column.data(), column.size() * sizeof(float));
    }
    return print.text();
}

Samples takeEveryTenth(Samples &all, ImageShape shape)
{
    const size_t bytes = bytesOf(shape);
    const int64_t offset = std::min<int64_t>(9, all.count - 1);
    Samples train, test;
    for (int64_t i = 0; i < all.count; ++i)
        append(all.count > 1 && i % 10 == offset ? test : train, all, i, bytes);
    test.labels.resize(all.labels.size());
    all = std::move(train);
    return test;
}

} // namespace pretext
