#include "core/data/sources/memory.h"

#include "core/data/fingerprint.h"
#include "core/data/sources/division.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <algorithm>
#include <limits>
#include <set>

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

std::vector<uint64_t> contentsOf(const Samples &all, size_t bytes)
{
    std::vector<uint64_t> contents;
    for (size_t i = 0; i < size_t(all.count); ++i)
        contents.push_back(contentHash(all.pixels.data() + i * bytes, bytes));
    return contents;
}

Division everyTenth(const std::vector<size_t> &firsts)
{
    const size_t count = firsts.size(), offset = std::min<size_t>(9, std::max<size_t>(count, 1) - 1);
    std::vector<bool> out(count), plain(count);
    for (size_t i = 0; i < count && count > 1; ++i) {
        out[i] = firsts[i] % 10 == offset;
        plain[i] = i % 10 == offset;
    }
    const bool apart = std::find(out.begin(), out.end(), true) == out.end();
    return {.heldOut = apart ? plain : out, .copiesApart = apart && copiesIn(firsts) > 0};
}

/// The first column as text, where it tells classes: of values that mostly differ a fifth of each would be none.
std::vector<std::string> classesOf(const Samples &all)
{
    std::vector<std::string> classes(size_t(all.count));
    if (all.labels.empty() || 2 * std::set<float>(all.labels[0].begin(), all.labels[0].end()).size() > classes.size())
        return classes;
    for (size_t i = 0; i < classes.size(); ++i)
        classes[i] = std::to_string(all.labels[0][i]);
    return classes;
}

Division aFifthOfEachLabel(const Samples &all, const std::vector<uint64_t> &contents, const std::vector<size_t> &firsts)
{
    const std::vector<std::string> classes = classesOf(all);
    std::vector<Divisible> samples;
    for (size_t i = 0; i < contents.size(); ++i)
        samples.push_back({classes[i], contents[i], firsts[i]});
    return divide(samples);
}

} // namespace

MemoryDataset::MemoryDataset(DatasetInfo info, Samples train, Samples test) : m_info(std::move(info)), m_train(std::move(train)), m_test(std::move(test))
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

HeldOut takeHeldOut(Samples &all, ImageShape shape)
{
    const size_t bytes = bytesOf(shape);
    const std::vector<uint64_t> contents = contentsOf(all, bytes);
    const std::vector<size_t> firsts = firstOfContent(contents);
    const bool small = contents.size() < kSmallSet;
    const Division division = small ? aFifthOfEachLabel(all, contents, firsts) : everyTenth(firsts);
    Samples train, test;
    for (int64_t i = 0; i < all.count; ++i)
        append(division.heldOut[size_t(i)] ? test : train, all, i, bytes);
    test.labels.resize(all.labels.size());
    all = std::move(train);
    const char *note = PRETEXT_SAID("every tenth image is held out.");
    if (small)
        note = division.labelled ? PRETEXT_SAID("at least one image in five of each label is held out, since there are fewer than %1.")
                                 : PRETEXT_SAID("at least one image in five is held out, since there are fewer than %1.");
    return {std::move(test), said(note, {kSmallSet}) + copiesInWords(division, copiesIn(firsts)), doubtIn(division)};
}

} // namespace pretext
